/*
 * Patterns of paths. Any thread; no state.
 */
#include "server/path.h"

#include <assert.h>
#include <string.h>

bool path_match(const char *pattern, const char *path, struct path_part parts[PATH_PARTS_MAX])
{
    size_t count = 0;
    memset(parts, 0, PATH_PARTS_MAX * sizeof *parts);
    while (*pattern != '\0') {
        if (*pattern != '{') {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        assert(count < PATH_PARTS_MAX);
        pattern = strchr(pattern, '}') + 1;
        const size_t after = strcspn(pattern, "/"), segment = strcspn(path, "/");
        if (segment <= after)
            return false;
        parts[count++] = (struct path_part){path, segment - after};
        path += segment - after;
    }
    return *path == '\0';
}

bool path_part_is(const struct path_part *part, const char *text)
{
    return strlen(text) == part->len && memcmp(part->text, text, part->len) == 0;
}
