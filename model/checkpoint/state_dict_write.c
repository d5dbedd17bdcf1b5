/*
 * The pickle that torch.save (protocol 2) would write for a state dict of contiguous float32
 * tensors, without its memo. Any thread; no state.
 */
#include "model/checkpoint/state_dict.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct writer {
    uint8_t *bytes;
    size_t len, size;
};

enum {
    /* Above what is written around the tensors, and for each one besides its name. */
    FRAME_SIZE = 64,
    TENSOR_SIZE = 256,
};

static void put(struct writer *w, const void *bytes, size_t len)
{
    assert(len <= w->size - w->len);
    memcpy(w->bytes + w->len, bytes, len);
    w->len += len;
}

static void put_opcodes(struct writer *w, const char *opcodes)
{
    put(w, opcodes, strlen(opcodes));
}

static void put_little_endian(struct writer *w, uint64_t number, size_t len)
{
    for (size_t i = 0; i < len; i++)
        put(w, &(uint8_t){(uint8_t)(number >> (8 * i))}, 1);
}

static void put_text(struct writer *w, const char *text)
{
    put_opcodes(w, "X"); /* BINUNICODE */
    put_little_endian(w, strlen(text), 4);
    put_opcodes(w, text);
}

static void put_number(struct writer *w, size_t number)
{
    if (number <= INT32_MAX) {
        put_opcodes(w, "J"); /* BININT */
        put_little_endian(w, number, 4);
    } else {
        put_opcodes(w, "\x8a\x08"); /* LONG1 */
        put_little_endian(w, number, 8);
    }
}

static void put_tuple(struct writer *w, const size_t *numbers, size_t count)
{
    put_opcodes(w, "(");
    for (size_t i = 0; i < count; i++)
        put_number(w, numbers[i]);
    put_opcodes(w, "t");
}

static void put_tensor(struct writer *w, const struct tensor *t, size_t index)
{
    char key[24];
    (void)snprintf(key, sizeof key, "%zu", index);
    size_t strides[CHECKPOINT_RANK_MAX];
    size_t stride = 1;
    for (size_t d = t->rank; d-- > 0;) {
        strides[d] = stride;
        stride *= t->shape[d];
    }
    put_text(w, t->name);
    put_opcodes(w, "ctorch._utils\n_rebuild_tensor_v2\n((");
    put_text(w, "storage");
    put_opcodes(w, "ctorch\nFloatStorage\n");
    put_text(w, key);
    put_text(w, "cpu");
    put_number(w, t->count);
    put_opcodes(w, "tQ");
    put_number(w, 0);
    put_tuple(w, t->shape, t->rank);
    put_tuple(w, strides, t->rank);
    put_opcodes(w, "\x89" /* requires_grad: False */
                   "ccollections\nOrderedDict\n)RtR");
}

bool state_dict_format(uint8_t **out, size_t *len, const struct checkpoint *c, struct error *err)
{
    size_t count = checkpoint_count(c);
    struct writer w = {.size = FRAME_SIZE + count * (CHECKPOINT_NAME_SIZE + TENSOR_SIZE)};
    w.bytes = malloc(w.size);
    if (w.bytes == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a state dict");
    put_opcodes(&w, "\x80\x02" /* protocol 2 */
                    "ccollections\nOrderedDict\n)R(");
    for (size_t i = 0; i < count; i++)
        put_tensor(&w, checkpoint_at(c, i), i);
    put_opcodes(&w, "u.");
    *out = w.bytes;
    *len = w.len;
    return true;
}
