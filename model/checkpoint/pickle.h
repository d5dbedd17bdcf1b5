/*
 * A restricted reader of Python pickles (pickletools.py in CPython describes the opcodes),
 * protocols 2 to 5: enough for what torch.save writes for a state dict, and no more.
 *
 * Nothing in a pickle is ever run. A global is a member of an enum, found in an allow-list; a call
 * is a value that says what would be called with what.
 */
#ifndef DIGIT_CHECKPOINT_PICKLE_H
#define DIGIT_CHECKPOINT_PICKLE_H

#include <stddef.h>
#include <stdint.h>

#include "model/error.h"

enum { PICKLE_LEN_MAX = 1024 * 1024 };

/* member, module, name. Whatever is not here is refused. */
#define PICKLE_GLOBAL_TABLE(X)                                 \
    X(ORDERED_DICT, "collections", "OrderedDict")              \
    X(REBUILD_TENSOR, "torch._utils", "_rebuild_tensor_v2")    \
    X(REBUILD_PARAMETER, "torch._utils", "_rebuild_parameter") \
    X(FLOAT_STORAGE, "torch", "FloatStorage")                  \
    X(HALF_STORAGE, "torch", "HalfStorage")                    \
    X(BFLOAT16_STORAGE, "torch", "BFloat16Storage")            \
    X(DOUBLE_STORAGE, "torch", "DoubleStorage")                \
    X(LONG_STORAGE, "torch", "LongStorage")                    \
    X(INT_STORAGE, "torch", "IntStorage")                      \
    X(SHORT_STORAGE, "torch", "ShortStorage")                  \
    X(CHAR_STORAGE, "torch", "CharStorage")                    \
    X(BYTE_STORAGE, "torch", "ByteStorage")                    \
    X(BOOL_STORAGE, "torch", "BoolStorage")

enum pickle_global {
#define X(member, module, name) PICKLE_##member,
    PICKLE_GLOBAL_TABLE(X)
#undef X
        PICKLE_GLOBALS
};

enum pickle_kind {
    PICKLE_NONE,
    PICKLE_BOOL, /* its value is not kept, nor are a float's and a list's: nothing needs them */
    PICKLE_FLOAT,
    PICKLE_LIST,
    PICKLE_INT,
    PICKLE_TEXT,
    PICKLE_TUPLE,
    PICKLE_DICT,
    PICKLE_GLOBAL,
    PICKLE_CALL,
    PICKLE_PERSISTENT,
    PICKLE_KINDS
};

/* A value may hold itself, as in Python: who walks values must not follow them without a bound. */
struct pickle_value {
    enum pickle_kind kind;
    enum pickle_global global; /* global; call: what is called */
    union {
        int64_t number;
        struct {
            const char *bytes; /* UTF-8, unchecked, not terminated */
            size_t len;
        } text;
        struct {
            const struct pickle_value *const *items;
            size_t count;
        } tuple;
        struct {
            const struct pickle_pair *first;
            struct pickle_pair *last;
        } dict;
        const struct pickle_value *arguments;  /* call: always a tuple */
        const struct pickle_value *identifier; /* persistent */
    };
};

struct pickle_pair {
    const struct pickle_value *key;
    const struct pickle_value *value;
    const struct pickle_pair *next;
};

struct pickle;

/* Reads a whole pickle of at most PICKLE_LEN_MAX bytes, which are lent until pickle_close. Memory
 * is bounded by a small multiple of `len`, time by its order, and nothing recurses. */
bool pickle_parse(struct pickle **out, const uint8_t *bytes, size_t len,
                  struct error *err) MUST_CHECK;

/* Lends the pickled value until pickle_close. */
const struct pickle_value *pickle_top(const struct pickle *p);

/* Lends constants for messages: "tuple", "torch.FloatStorage". */
const char *pickle_kind_name(enum pickle_kind kind);
const char *pickle_global_name(enum pickle_global global);

/* Fills `out` with the start of a text that came from a file, fit for a one-line message. */
enum { PICKLE_SHOWN_SIZE = 64 };
void pickle_show(char out[PICKLE_SHOWN_SIZE], const char *text, size_t len);

void pickle_close(struct pickle *p);

#endif
