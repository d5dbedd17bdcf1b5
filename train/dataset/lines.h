/*
 * Lines from a file descriptor, of any number and bounded length: what records come in.
 */
#ifndef DIGIT_LINES_H
#define DIGIT_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "model/error.h"

/* One line, without its newline; NUL-terminated, though it may hold NULs. */
struct line {
    const char *text; /* NULL: there are no more */
    size_t len;
    bool is_cut; /* it was longer: this is its beginning, and the rest has been passed over */
};

struct lines {
    int fd; /* lent */
    size_t max_len;
    char *buffer; /* owned */
    size_t size;
    size_t from, to; /* what is in the buffer and has not been given out */
    uint64_t number; /* of the line given out last, from 1 */
    bool at_end;
    bool in_cut_line; /* whose rest is still to come */
};

/* Starts at the descriptor's place. Longer lines than max_len are cut. */
void lines_begin(struct lines *l, int fd, size_t max_len);

/* Lends the next line until the next call. The last one may lack its newline. Fails with ERROR_FILE
 * when the descriptor cannot be read. */
bool lines_next(struct lines *l, struct line *out, struct error *err) MUST_CHECK;

/* The buffer's end; the descriptor stays open. */
void lines_end(struct lines *l);

#endif
