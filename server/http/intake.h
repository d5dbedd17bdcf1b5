/*
 * The strict reader before libmicrohttpd: it sees a connection's bytes first, and hands on only
 * whole heads that are well formed, and bodies that are framed as their heads say (RFC 9112). Where
 * something is wrong it hands on no more of what came, but words of its own that bring the
 * library's parser to the end of a request; whoever answers that request finds the fault here.
 *
 * A pure machine: no socket, no memory of its own, no thread.
 */
#ifndef DIGIT_HTTP_INTAKE_H
#define DIGIT_HTTP_INTAKE_H

#include <stddef.h>
#include <stdint.h>

#include "server/http/head.h"

/* Bytes of a request line and its fields, or of a trailer section. */
enum { INTAKE_HEAD_MAX = 8192 };

enum intake_state {
    INTAKE_AT_HEAD,
    INTAKE_IN_BODY, /* of a known length */
    INTAKE_AT_CHUNK_SIZE,
    INTAKE_IN_CHUNK,
    INTAKE_AT_CHUNK_END,
    INTAKE_AT_TRAILERS,
    INTAKE_OVER, /* nothing more is taken */
};

/* All zeros at first. */
struct intake {
    enum intake_state state;
    bool is_head;       /* the last request's method is HEAD */
    bool headless;      /* the last request was made up, to answer what was none */
    uint64_t left;      /* bytes of the body or the chunk */
    size_t scanned;     /* bytes of a unit that is not whole yet, which need no second look */
    size_t blank;       /* empty lines before a head */
    uint64_t heads;     /* handed on */
    struct fault fault; /* of the last of them */
    uint64_t filler;    /* what is still to be said at the end: so many bytes, */
    const char *words;  /* and these */
};

/* Takes `*len` bytes: what was kept, and what came next. Gives how many of them are to be handed on
 * now, and leaves out what the next reader has no use for, which makes `*len` smaller. What remains
 * is the beginning of something, of less than INTAKE_HEAD_MAX bytes: keep it, and bring it again
 * with what follows. Once the state is INTAKE_OVER it is to be dropped. */
size_t intake_take(struct intake *in, char *bytes, size_t *len);

/* Ends it with a fault that the bytes do not show: the client is too slow, or has gone. False: its
 * request cannot be brought to an end, so there can be no answer. */
bool intake_end(struct intake *in, enum error_code code, const char *text) MUST_CHECK;

/* Fills `out` with at most `size` bytes that are to be handed on at the end, behind all else. 0:
 * there are no more. */
size_t intake_last_words(struct intake *in, char *out, size_t size);

#endif
