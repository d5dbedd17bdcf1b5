/*
 * Objects of JSON from tables of their members.
 */
#ifndef DIGIT_FIELDS_H
#define DIGIT_FIELDS_H

#include "server/pull.h"

/* A member that is known. `read` pulls its value into `target`. */
struct field {
    const char *name;
    bool (*read)(struct pull *p, void *target);
    bool is_required;
};

/* Pulls an object: of the members that `fields` knows, each at most once; of others, which are
 * passed by, any. `what` names it in errors. Any thread. */
bool fields_read(struct pull *p, const char *what, const struct field *fields, size_t count,
                 void *target);

#endif
