/*
 * Plug-ins by dlopen. Any thread; the dynamic linker does the locking and the counting.
 *
 * A plug-in is never unloaded: libtorch starts threads and registers destructors, and neither
 * survives its code. Symbols stay local, so that two plug-ins that each link their own copy of this
 * library do not see each other's.
 */
#include "model/plugin.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/install.h"
#include "model/print.h"

enum { PATH_SIZE = 4096, FOLDERS = 3 };

static bool symbol_in(const void **out, const char *path, const char *symbol, struct error *err)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL)
        return error_set(err, ERROR_ENGINE, "a plug-in cannot be loaded: %s", dlerror());
    *out = dlsym(handle, symbol);
    if (*out == NULL)
        /* cppcheck-suppress resourceLeak; not all libraries of a plug-in bear being unloaded */
        return error_set(err, ERROR_ENGINE, "the plug-in %s is of another version: it has no '%s'",
                         path, symbol);
    /* cppcheck-suppress resourceLeak */
    return true;
}

bool plugin_symbol(const void **out, const char *file, const char *symbol, struct error *err)
{
    char beside[PATH_SIZE];
    struct error unknown = {0};
    if (!install_path(beside, sizeof beside, "lib/digit", &unknown))
        beside[0] = '\0';
    /* secure_getenv: a set-user-ID program must not load what its caller names. */
    const char *folders[FOLDERS] = {secure_getenv("DIGIT_PLUGIN_DIR"), beside,
                                    DIGIT_PLUGIN_INSTALL};
    char searched[128] = "";
    for (size_t i = 0; i < FOLDERS; i++) {
        char path[PATH_SIZE];
        if (folders[i] == NULL || folders[i][0] == '\0')
            continue;
        if (print_fits(path, sizeof path, "%s/%s", folders[i], file) && access(path, F_OK) == 0)
            return symbol_in(out, path, symbol, err);
        size_t used = strlen(searched);
        (void)snprintf(searched + used, sizeof searched - used, "%s%s", used ? ", " : "",
                       folders[i]);
    }
    return error_set(err, ERROR_NOT_FOUND, "%s was not found in %s", file, searched);
}
