/*
 * A checkpoint in memory: a list of named tensors. One thread changes it, any number read it. It
 * knows nothing of files.
 */
#include "model/checkpoint/tensors.h"

#include <stdlib.h>
#include <string.h>

struct checkpoint {
    struct tensor tensors[CHECKPOINT_TENSORS_MAX];
    size_t count;
};

bool checkpoint_new(struct checkpoint **out, struct error *err)
{
    *out = calloc(1, sizeof **out);
    return *out != NULL || error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a checkpoint");
}

static const char *why_not_this_name(const struct checkpoint *c, const char *name)
{
    if (*name == '\0' || strlen(name) >= CHECKPOINT_NAME_SIZE)
        return "its name is empty or too long";
    for (const char *p = name; *p != '\0'; p++)
        if (*p <= ' ' || *p > '~')
            return "its name has a blank or a character beyond ASCII";
    return checkpoint_find(c, name) != NULL ? "there are two of that name" : NULL;
}

bool checkpoint_reserve(struct checkpoint *c, struct tensor **out, const char *name,
                        const size_t *shape, size_t rank, struct error *err)
{
    if (c->count == CHECKPOINT_TENSORS_MAX)
        return error_set(err, ERROR_BAD_MODEL, "there are more than %d tensors",
                         CHECKPOINT_TENSORS_MAX);
    const char *why = why_not_this_name(c, name);
    if (rank > CHECKPOINT_RANK_MAX)
        why = "it has too many dimensions";
    struct tensor *t = &c->tensors[c->count];
    size_t size = sizeof *t->data;
    for (size_t d = 0; d < rank && why == NULL; d++)
        if (shape[d] == 0 || __builtin_mul_overflow(size, shape[d], &size))
            why = "it is empty or too large";
    if (why != NULL)
        return error_set(err, ERROR_BAD_MODEL, "tensor '%s': %s", name, why);
    t->data = malloc(size);
    if (t->data == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for tensor '%s'", name);
    memcpy(t->name, name, strlen(name) + 1);
    for (size_t d = 0; d < rank; d++)
        t->shape[d] = shape[d];
    t->rank = rank;
    t->count = size / sizeof *t->data;
    c->count++;
    *out = t;
    return true;
}

bool checkpoint_add(struct checkpoint *c, const char *name, const size_t *shape, size_t rank,
                    const float *data, struct error *err)
{
    struct tensor *t;
    if (!checkpoint_reserve(c, &t, name, shape, rank, err))
        return false;
    memcpy(t->data, data, t->count * sizeof *data);
    return true;
}

size_t checkpoint_count(const struct checkpoint *c)
{
    return c->count;
}

const struct tensor *checkpoint_at(const struct checkpoint *c, size_t index)
{
    return index < c->count ? &c->tensors[index] : NULL;
}

const struct tensor *checkpoint_find(const struct checkpoint *c, const char *name)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->tensors[i].name, name) == 0)
            return &c->tensors[i];
    return NULL;
}

void checkpoint_close(struct checkpoint *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->count; i++)
        free(c->tensors[i].data);
    free(c);
}
