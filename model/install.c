/*
 * The program's own place, asked of the kernel, so that an installation can be moved.
 */
#include "model/install.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool install_path(char *out, size_t size, const char *relative, struct error *err)
{
    ssize_t len = readlink("/proc/self/exe", out, size);
    if (len < 0 || (size_t)len == size)
        return error_set(err, ERROR_FILE, "cannot find out where this program is: %s",
                         len < 0 ? strerror(errno) : "its path is too long");
    out[len] = '\0';
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(out, '/');
        if (slash != NULL)
            *slash = '\0';
    }
    size_t used = strlen(out);
    if (used + 1 + strlen(relative) >= size)
        return error_set(err, ERROR_FILE, "this program's path is too long");
    (void)snprintf(out + used, size - used, "/%s", relative);
    return true;
}
