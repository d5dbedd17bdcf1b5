/*
 * Lines by read(2) into a buffer that grows up to the longest line that is taken. One thread.
 * Knows nothing of what the lines say.
 */
#include "train/dataset/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIZE_MIN = 256 * 1024 };

void lines_begin(struct lines *l, int fd, size_t max_len)
{
    *l = (struct lines){.fd = fd, .max_len = max_len};
}

void lines_end(struct lines *l)
{
    free(l->buffer);
    *l = (struct lines){.fd = -1, .at_end = true};
}

/* Room for the longest line, its newline, and the NUL that takes the newline's place. */
static bool make_room(struct lines *l, struct error *err)
{
    if (l->from > 0) {
        memmove(l->buffer, l->buffer + l->from, l->to - l->from);
        l->to -= l->from;
        l->from = 0;
    }
    if (l->to + 1 < l->size)
        return true;
    size_t size = l->size == 0 ? SIZE_MIN : 2 * l->size;
    char *grown = realloc(l->buffer, size);
    if (grown == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for a line of %zu bytes",
                         l->size);
    l->buffer = grown;
    l->size = size;
    return true;
}

static bool read_more(struct lines *l, struct error *err)
{
    ssize_t got;
    if (!make_room(l, err))
        return false;
    do
        got = read(l->fd, l->buffer + l->to, l->size - l->to - 1);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return error_set(err, ERROR_FILE, "the lines cannot be read: %s", strerror(errno));
    l->to += (size_t)got;
    l->at_end = got == 0;
    return true;
}

/* Where the line ends that starts the buffer's rest: at its newline, or where it has to be cut. */
static bool find_end(size_t *len, const struct lines *l)
{
    size_t there = l->to - l->from;
    *len = 0;
    if (there == 0)
        return false;
    const char *text = l->buffer + l->from;
    const char *newline = memchr(text, '\n', there <= l->max_len ? there : l->max_len + 1);
    *len = newline != NULL ? (size_t)(newline - text) : there < l->max_len ? there : l->max_len;
    return newline != NULL || there > l->max_len;
}

/* Throws away up to and with the next newline. */
static bool skip_rest(struct lines *l, struct error *err)
{
    char *newline;
    while ((newline = memchr(l->buffer + l->from, '\n', l->to - l->from)) == NULL && !l->at_end) {
        l->from = l->to;
        if (!read_more(l, err))
            return false;
    }
    l->from = newline == NULL ? l->to : (size_t)(newline - l->buffer) + 1;
    l->in_cut_line = false;
    return true;
}

bool lines_next(struct lines *l, struct line *out, struct error *err)
{
    size_t len;
    *out = (struct line){0};
    if (l->in_cut_line && !skip_rest(l, err))
        return false;
    while (!find_end(&len, l) && !l->at_end)
        if (!read_more(l, err))
            return false;
    if (l->from == l->to)
        return true;
    char *text = l->buffer + l->from;
    *out = (struct line){text, len, len < l->to - l->from && text[len] != '\n'};
    text[len] = '\0';
    l->in_cut_line = out->is_cut;
    l->from += len + (l->from + len < l->to);
    l->number++;
    return true;
}
