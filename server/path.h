/*
 * Paths of requests against patterns with names in them.
 */
#ifndef DIGIT_PATH_H
#define DIGIT_PATH_H

#include <stdbool.h>
#include <stddef.h>

enum { PATH_PARTS_MAX = 2 };

/* What stands in the place of a {name}. Lent by the path. */
struct path_part {
    const char *text; /* no NUL behind it; NULL: the pattern has fewer names */
    size_t len;
};

/* Whether the path fits the pattern, in which each {name} stands for at least one character other
 * than a slash: "/v1/models/{model}:predict". At most one name lies between two slashes. Fills
 * `parts`, in order, when it does. Any thread. */
bool path_match(const char *pattern, const char *path, struct path_part parts[PATH_PARTS_MAX]);

/* Whether the part is that text. */
bool path_part_is(const struct path_part *part, const char *text);

#endif
