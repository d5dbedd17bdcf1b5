/*
 * State dicts for tests, made by hand in memory. Include after cmocka.h.
 */
#ifndef DIGIT_TESTS_PICKLED_H
#define DIGIT_TESTS_PICKLED_H

#include <stdlib.h>
#include <string.h>

#include "model/checkpoint.h"
#include "model/checkpoint/archive.h"

/* A pickle, by pickletools' opcodes. A is the whole of the 24-byte record data/0, as 2x3 floats. */
#define DICT(items) "\x80\x04}(" items "u."
#define STORAGE(type, key, count)                               \
    "(\x8c\x07storagectorch\n" type "\n\x8c\x01" key "\x8c\x03" \
    "cpu" count "tQ"
#define TENSOR(storage, offset, shape, strides)                                \
    "ctorch._utils\n_rebuild_tensor_v2\n(" storage offset shape strides "\x89" \
    "ccollections\nOrderedDict\n)RtR"
#define FLOATS STORAGE("FloatStorage", "0", "K\x06")
#define NAME_A \
    "\x8c\x01" \
    "a"
#define NAME_B \
    "\x8c\x01" \
    "b"
#define A TENSOR(FLOATS, "K\0", "K\2K\3\x86", "K\3K\1\x86")
#define HUGE_NUMBER "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"

/* A file or a pickle, and what its refusal must say. */
struct refused_case {
    const char *bytes;
    size_t len;
    const char *words;
};

#define CASE(pickle, words)              \
    {                                    \
        pickle, sizeof pickle - 1, words \
    }

/* The record data/0. */
static const float six[] = {1, 2, 3, 4, 5, 6};

/* Parses an archive of this pickle and this record. */
static inline bool parse_with(struct checkpoint **out, const char *pickle, size_t pickle_len,
                              const void *record, size_t record_len, struct error *err)
{
    const struct archive_entry entries[] = {
        {"data.pkl", (const uint8_t *)pickle, pickle_len},
        {"data/0", record, record_len},
    };
    uint8_t *bytes;
    size_t len;
    assert_true(archive_format(&bytes, &len, entries, 2, err));
    bool ok = checkpoint_parse(out, bytes, len, err);
    free(bytes);
    return ok;
}

static inline void assert_words(const struct error *err, const char *words)
{
    assert_int_equal(err->code, ERROR_BAD_MODEL);
    if (strstr(err->text, words) == NULL)
        fail_msg("expected '%s' in '%s'", words, err->text);
}

#endif
