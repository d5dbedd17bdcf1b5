/*
 * The memory of the machine that reads a pickle: bytes, stack, memo, values. Only pickle.c uses it.
 */
#ifndef DIGIT_CHECKPOINT_MACHINE_H
#define DIGIT_CHECKPOINT_MACHINE_H

#include "model/checkpoint/pickle.h"

struct machine {
    const uint8_t *bytes;
    size_t len, at;
    struct pickle_value *values;
    const struct pickle_value **items; /* of the tuples */
    struct pickle_pair *pairs;         /* of the dicts */
    size_t value_count, item_count, pair_count;
    struct pickle_value **stack; /* NULL is a mark */
    size_t depth;
    struct pickle_value **memo;
    size_t memo_next; /* MEMOIZE numbers by itself */
    const struct pickle_value *top;
    bool stopped;
    struct error *err;
};

/* Lends `bytes` and `err` until machine_close. On failure nothing is held. */
bool machine_open(struct machine *m, const uint8_t *bytes, size_t len,
                  struct error *err) MUST_CHECK;
void machine_close(struct machine *m);

/* Reports damage here; always false. */
bool machine_broken(struct machine *m, const char *why);

/* What comes next in the bytes: as they are, as a little-endian number of len <= 8 bytes, or up to
 * a newline. The first and last lend into the bytes. */
bool machine_take(struct machine *m, const uint8_t **out, size_t len) MUST_CHECK;
bool machine_take_number(struct machine *m, uint64_t *out, size_t len) MUST_CHECK;
bool machine_take_line(struct machine *m, const char **out, size_t *len) MUST_CHECK;

/* At most one push for each opcode. */
struct pickle_value *machine_push(struct machine *m, enum pickle_kind kind);
void machine_push_mark(struct machine *m);
void machine_push_tuple(struct machine *m, struct pickle_value **items, size_t count);

/* machine_peek leaves the value on the stack. machine_pop_to_mark lends what lies above the topmost
 * mark until the next push, and takes both off. */
bool machine_peek(struct machine *m, struct pickle_value **out, enum pickle_kind kind) MUST_CHECK;
bool machine_pop(struct machine *m, struct pickle_value **out) MUST_CHECK;
bool machine_pop_kind(struct machine *m, struct pickle_value **out,
                      enum pickle_kind kind) MUST_CHECK;
bool machine_pop_to_mark(struct machine *m, struct pickle_value ***items, size_t *count) MUST_CHECK;

/* Adds keys and values, in turn, to the dict on the stack. */
bool machine_add_pairs(struct machine *m, struct pickle_value **items, size_t count) MUST_CHECK;

/* Between the stack's top and the memo. */
bool machine_put(struct machine *m, uint64_t index) MUST_CHECK;
bool machine_get(struct machine *m, uint64_t index) MUST_CHECK;

#endif
