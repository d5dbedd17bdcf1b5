/*
 * Objects by tables. Any thread; no state.
 */
#include "server/openinference/fields.h"

/* Which of the fields it is; `count`: none. */
static size_t find(const struct pull_text *name, const struct field *fields, size_t count)
{
    size_t i = 0;
    while (i < count && !pull_text_is(name, fields[i].name))
        i++;
    return i;
}

static bool check_required(struct pull *p, const char *what, const struct field *fields,
                           size_t count, unsigned seen)
{
    for (size_t i = 0; i < count; i++)
        if (fields[i].is_required && !(seen >> i & 1))
            return error_set(p->err, ERROR_WRONG_SHAPE, "%s has no '%s'", what, fields[i].name);
    return true;
}

bool fields_read(struct pull *p, const char *what, const struct field *fields, size_t count,
                 void *target)
{
    struct pull_text name;
    unsigned seen = 0;
    if (!pull_object(p, what))
        return false;
    while (pull_member(p, &name)) {
        const size_t i = find(&name, fields, count);
        if (i == count) {
            (void)pull_skip(p);
            continue;
        }
        if (seen >> i & 1)
            return error_set(p->err, ERROR_WRONG_SHAPE, "%s has '%s' twice", what, fields[i].name);
        seen |= 1u << i;
        (void)fields[i].read(p, target);
    }
    return pull_good(p) && check_required(p, what, fields, count, seen);
}
