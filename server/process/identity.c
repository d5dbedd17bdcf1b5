/*
 * From root to somebody else. Runs in main; the C library takes every thread along.
 */
#include "server/process/identity.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAME_SIZE = 64 };

static bool find_group(gid_t *out, const char *name, struct error *err)
{
    /* cppcheck-suppress getgrnamCalled; nobody else does, here and below */
    const struct group *group = getgrnam(name);
    if (group == NULL)
        return error_set(err, ERROR_BAD_ARGUMENT, "--user: there is no group '%.60s'", name);
    *out = group->gr_gid;
    return true;
}

static bool become(const char *name, uid_t uid, gid_t gid, struct error *err)
{
    if (initgroups(name, gid) != 0 || setresgid(gid, gid, gid) != 0 ||
        setresuid(uid, uid, uid) != 0)
        return error_set(err, ERROR_BAD_ARGUMENT, "--user: cannot go on as '%.60s': %s", name,
                         strerror(errno));
    return uid == 0 || setresuid(0, 0, 0) != 0 ||
           error_set(err, ERROR_INTERNAL, "--user: the way back to root is open");
}

bool identity_take(const char *name, struct error *err)
{
    if (name == NULL)
        return true;
    char user[NAME_SIZE];
    const size_t len = strcspn(name, ":");
    (void)snprintf(user, sizeof user, "%.*s", (int)(len < sizeof user ? len : sizeof user - 1),
                   name);
    /* cppcheck-suppress getpwnamCalled */
    const struct passwd *found = getpwnam(user);
    if (found == NULL)
        return error_set(err, ERROR_BAD_ARGUMENT, "--user: there is no user '%.60s'", user);
    const uid_t uid = found->pw_uid;
    gid_t gid = found->pw_gid;
    if (name[len] == ':' && !find_group(&gid, name + len + 1, err))
        return false;
    return become(user, uid, gid, err);
}
