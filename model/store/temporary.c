/*
 * Names only: no file is touched here. Any thread; no state.
 */
#include "model/store/temporary.h"

#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#include "model/print.h"

enum { DIGITS = 16, SUFFIX_LEN = 4, NAME_MAX_LEN = 255 };

static const char suffix[] = ".tmp";

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

bool temporary_number(uint64_t *out, struct error *err)
{
    return getrandom(out, sizeof *out, 0) == (ssize_t)sizeof *out ||
           error_set(err, ERROR_INTERNAL, "the system has no random numbers");
}

bool temporary_name(char *out, size_t size, const char *path, uint64_t number, struct error *err)
{
    const char *name = last_part(path);
    if (!print_fits(out, size, "%.*s.%s.%016" PRIx64 "%s", (int)(name - path), path, name, number,
                    suffix) ||
        strlen(last_part(out)) > NAME_MAX_LEN)
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "'%.60s...' is too long for a temporary name beside it", path);
    return true;
}

bool temporary_is_of(const char *name, const char *path)
{
    const char *of = last_part(path);
    size_t len = strlen(of);
    return strlen(name) == len + 2 + DIGITS + SUFFIX_LEN && name[0] == '.' &&
           memcmp(name + 1, of, len) == 0 && name[len + 1] == '.' &&
           strspn(name + len + 2, "0123456789abcdef") == DIGITS &&
           strcmp(name + len + 2 + DIGITS, suffix) == 0;
}
