/*
 * The pickle machine's memory. Any thread.
 *
 * A pickle of n bytes has at most n opcodes, and an opcode makes at most one value and pushes once.
 * What is popped into tuples and dicts was pushed before. So n of each is enough for everything,
 * all of it is taken once at the start, and nothing needs a limit of its own but the memo's
 * indices. Untouched pages of it cost nothing.
 */
#include "model/checkpoint/machine.h"

#include <stdlib.h>
#include <string.h>

bool machine_open(struct machine *m, const uint8_t *bytes, size_t len, struct error *err)
{
    *m = (struct machine){.bytes = bytes, .len = len, .err = err};
    if (len == 0 || len > PICKLE_LEN_MAX)
        return error_set(err, ERROR_BAD_MODEL, "its data.pkl has %zu bytes; 1 to %d are taken", len,
                         PICKLE_LEN_MAX);
    m->values = calloc(len, sizeof *m->values);
    m->items = calloc(len, sizeof *m->items);
    m->pairs = calloc(len, sizeof *m->pairs);
    m->stack = calloc(len, sizeof *m->stack);
    m->memo = calloc(len, sizeof *m->memo);
    if (m->values != NULL && m->items != NULL && m->pairs != NULL && m->stack != NULL &&
        m->memo != NULL)
        return true;
    machine_close(m);
    return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for its data.pkl");
}

void machine_close(struct machine *m)
{
    free(m->values);
    free(m->items);
    free(m->pairs);
    free(m->stack);
    free(m->memo);
}

bool machine_broken(struct machine *m, const char *why)
{
    return error_set(m->err, ERROR_BAD_MODEL, "its data.pkl is damaged: %s at byte %zu", why,
                     m->at);
}

bool machine_take(struct machine *m, const uint8_t **out, size_t len)
{
    if (len > m->len - m->at)
        return machine_broken(m, "it ends too early");
    *out = m->bytes + m->at;
    m->at += len;
    return true;
}

bool machine_take_number(struct machine *m, uint64_t *out, size_t len)
{
    const uint8_t *bytes = NULL;
    if (!machine_take(m, &bytes, len))
        return false;
    *out = 0;
    for (size_t i = 0; i < len; i++)
        *out |= (uint64_t)bytes[i] << (8 * i);
    return true;
}

struct pickle_value *machine_push(struct machine *m, enum pickle_kind kind)
{
    struct pickle_value *v = &m->values[m->value_count++];
    v->kind = kind;
    m->stack[m->depth++] = v;
    return v;
}

bool machine_pop(struct machine *m, struct pickle_value **out)
{
    if (m->depth == 0 || m->stack[m->depth - 1] == NULL)
        return machine_broken(m, "nothing is on the stack");
    *out = m->stack[--m->depth];
    return true;
}

bool machine_pop_to_mark(struct machine *m, struct pickle_value ***items, size_t *count)
{
    size_t bottom = m->depth;
    while (bottom > 0 && m->stack[bottom - 1] != NULL)
        bottom--;
    if (bottom == 0)
        return machine_broken(m, "a mark is missing");
    *items = m->stack + bottom;
    *count = m->depth - bottom;
    m->depth = bottom - 1;
    return true;
}

bool machine_peek(struct machine *m, struct pickle_value **out, enum pickle_kind kind)
{
    if (m->depth == 0 || m->stack[m->depth - 1] == NULL || m->stack[m->depth - 1]->kind != kind)
        return machine_broken(m, "another type is on the stack");
    *out = m->stack[m->depth - 1];
    return true;
}

bool machine_pop_kind(struct machine *m, struct pickle_value **out, enum pickle_kind kind)
{
    return machine_peek(m, out, kind) && machine_pop(m, out);
}

void machine_push_mark(struct machine *m)
{
    m->stack[m->depth++] = NULL;
}

void machine_push_tuple(struct machine *m, struct pickle_value **items, size_t count)
{
    const struct pickle_value **copy = m->items + m->item_count;
    for (size_t i = 0; i < count; i++)
        copy[i] = items[i];
    m->item_count += count;
    struct pickle_value *v = machine_push(m, PICKLE_TUPLE);
    v->tuple.items = copy;
    v->tuple.count = count;
}

bool machine_take_line(struct machine *m, const char **out, size_t *len)
{
    const uint8_t *start = m->bytes + m->at;
    const uint8_t *end = memchr(start, '\n', m->len - m->at);
    if (end == NULL)
        return machine_broken(m, "it ends too early");
    *out = (const char *)start;
    *len = (size_t)(end - start);
    m->at += *len + 1;
    return true;
}

/* Python numbers the memo from 0 on, so an index beyond the pickle's length is nobody's. */
bool machine_put(struct machine *m, uint64_t index)
{
    if (index >= m->len || m->depth == 0 || m->stack[m->depth - 1] == NULL)
        return machine_broken(m, "a memo index is out of range");
    m->memo[index] = m->stack[m->depth - 1];
    m->memo_next++;
    return true;
}

bool machine_get(struct machine *m, uint64_t index)
{
    if (index >= m->len || m->memo[index] == NULL)
        return machine_broken(m, "a memo index is out of range");
    m->stack[m->depth++] = m->memo[index];
    return true;
}

bool machine_add_pairs(struct machine *m, struct pickle_value **items, size_t count)
{
    struct pickle_value *dict;
    if (!machine_peek(m, &dict, PICKLE_DICT))
        return false;
    if (count % 2 != 0)
        return machine_broken(m, "a key is without a value");
    for (size_t i = 0; i < count; i += 2) {
        struct pickle_pair *pair = &m->pairs[m->pair_count++];
        *pair = (struct pickle_pair){items[i], items[i + 1], NULL};
        if (dict->dict.last == NULL)
            dict->dict.first = pair;
        else
            dict->dict.last->next = pair;
        dict->dict.last = pair;
    }
    return true;
}
