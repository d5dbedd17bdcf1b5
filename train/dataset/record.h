/*
 * Records: one labelled picture a line of text, for what reads lines (Hadoop Streaming, sort,
 * grep).
 *
 *   KEY <TAB> LABEL <TAB> PICTURE                      a record
 *   KEY <TAB> LABEL <TAB> PICTURE <TAB> FIRST          a prepared record whose pixels are the same,
 *                                                      byte for byte, as those of the record FIRST
 *   ~invalid <TAB> KEY <TAB> REASON                    what cannot be a record ('-': without a key)
 *   ~statistics <TAB> ...                              figures (train/dataset/tally.h)
 *
 * KEY is `set/index` ("train/00007") where MNIST is meant, and may be any other printable ASCII
 * without spaces that does not begin with '~': a line that begins so is a note and no record.
 * LABEL is 0 to 9; it may be empty where nobody asks for it. PICTURE is base64 (RFC 4648, section
 * 4) of the 784 bytes that the network is to see (rows from the top, white strokes on black) or of
 * a PNG, JPEG or BMP file of any size, which is brought to them as the server does it. Prepared
 * records have the 784 bytes. PICTURE alone, without a TAB, is a record for those who need neither
 * key nor label.
 *
 * Between mapper and reducer (train/hadoop) records stand behind the SHA-256 of their pixels, so
 * that equal pictures meet, and notes are as above:
 *
 *   SHA256 <TAB> KEY <TAB> LABEL <TAB> PICTURE
 */
#ifndef DIGIT_RECORD_H
#define DIGIT_RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "model/digit.h"
#include "model/error.h"

#define RECORD_INVALID "~invalid"
#define RECORD_STATISTICS "~statistics"
#define RECORD_NO_KEY "-"

enum {
    RECORD_KEY_MAX = 127,
    RECORD_LINE_MAX = 32 * 1024 * 1024,
    RECORD_UNLABELLED = -1,
    RECORD_CONTRAST_MIN = 16, /* see record_is_blank */
};

/* A part of a line. */
struct field {
    const char *text;
    size_t len;
};

struct record {
    struct field key; /* empty in a line that is only a picture */
    int label;        /* or RECORD_UNLABELLED */
    struct field picture;
    struct field first; /* empty unless the line says that it is a duplicate */
};

/* Whether the line is a note and no record. */
bool record_is_note(const char *line, size_t len);

/* Takes a field off the front of *line, and the TAB behind it. false when there is no TAB; the
 * field is then all of the line. */
bool record_field(struct field *out, struct field *line);

/* Whether it can be a key. */
bool record_is_key(struct field key);

/* Fills *out from a line without its newline, which it lends from. The picture is not looked into.
 * The error's text is about "it": the line. */
bool record_parse(struct record *out, const char *line, size_t len, struct error *err) MUST_CHECK;

/* Fills `out` with the picture as the network sees it, 0..1. */
bool record_floats(float out[DIGIT_PIXELS], const struct record *r, struct error *err) MUST_CHECK;

/* The same as bytes: of a picture file, the nearest. Where nothing is drawn on it, all are 0. */
bool record_bytes(uint8_t out[DIGIT_PIXELS], const struct record *r, struct error *err) MUST_CHECK;

/* Whether nothing can be seen: no pixel is RECORD_CONTRAST_MIN brighter than another. */
bool record_is_blank(const uint8_t pixels[DIGIT_PIXELS]);

/* Writes a record's line, newline included. */
void record_write(FILE *out, struct field key, int label, const uint8_t pixels[DIGIT_PIXELS]);

/* Writes a line ~invalid, newline included; an empty or impossible key becomes RECORD_NO_KEY. */
void record_write_invalid(FILE *out, struct field key, const char *reason);

#endif
