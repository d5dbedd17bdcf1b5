/*
 * A step takes one unit from the front of the bytes: an empty line, a head, a piece of a body, a
 * chunk's size, its end, a trailer section. It gives how many bytes the unit has, 0 where it is not
 * whole; of these the first *kept are handed on. What is handed on ends where a unit does, so that
 * there is always a way to end a request properly from there.
 */
#include "server/http/intake.h"

#include <string.h>

enum {
    BLANK_LINES_MAX = 8,
    CHUNK_LINE_MAX = 256,
    CHUNK_DIGITS_MAX = 15,
    /* So much is made up to end a body; past it the connection is closed without an answer. */
    FILLER_MAX = 64 * 1024,
};

static const char a_request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
static const char a_head_request[] = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";

/* What ends a request from where it stands. */
static void choose_words(struct intake *in)
{
    in->filler = 0;
    switch (in->state) {
    case INTAKE_AT_HEAD:
        in->words = in->is_head ? a_head_request : a_request;
        in->headless = true;
        in->heads++;
        break;
    case INTAKE_IN_BODY:
        in->filler = in->left;
        in->words = "";
        break;
    case INTAKE_AT_CHUNK_SIZE:
        in->words = "0\r\n\r\n";
        break;
    case INTAKE_IN_CHUNK:
        in->filler = in->left;
        in->words = "\r\n0\r\n\r\n";
        break;
    case INTAKE_AT_CHUNK_END:
        in->words = "\r\n0\r\n\r\n";
        break;
    case INTAKE_AT_TRAILERS:
        in->words = "\r\n";
        break;
    case INTAKE_OVER:
        break;
    }
}

bool intake_end(struct intake *in, enum error_code code, const char *text)
{
    if (in->state == INTAKE_OVER)
        return true;
    in->fault = (struct fault){code, text};
    choose_words(in);
    in->state = INTAKE_OVER;
    return in->filler <= FILLER_MAX;
}

/* A fault in the bytes. Nothing of the unit is handed on. */
static size_t fail(struct intake *in, struct fault fault)
{
    const bool ended = intake_end(in, fault.code, fault.text);
    (void)ended; /* it stands between units, where that always works */
    return 0;
}

static size_t fail_with(struct intake *in, const char *text)
{
    return fail(in, (struct fault){ERROR_BAD_REQUEST, text});
}

size_t intake_last_words(struct intake *in, char *out, size_t size)
{
    size_t done = in->filler < size ? (size_t)in->filler : size;
    memset(out, ' ', done);
    in->filler -= done;
    while (done < size && in->words != NULL && *in->words != '\0')
        out[done++] = *in->words++;
    return done;
}

/* The length of the lines at the front, an empty one last. 0: that is not there yet, or never will
 * be, for the fault. */
static size_t find_empty_line(struct intake *in, const char *bytes, size_t len, struct fault *fault)
{
    static const struct fault bare = {ERROR_BAD_REQUEST, "a line is to end with CR and LF"},
                              endless = {ERROR_TARGET_TOO_LONG, "the first line does not end"},
                              large = {ERROR_HEAD_TOO_LARGE,
                                       "the fields take more than 8192 bytes"};
    const size_t end = len < INTAKE_HEAD_MAX ? len : INTAKE_HEAD_MAX;
    for (size_t line = in->scanned;;) {
        const char *feed = memchr(bytes + line, '\n', end - line);
        in->scanned = line;
        if (feed == NULL && len >= INTAKE_HEAD_MAX)
            *fault = line == 0 && in->state == INTAKE_AT_HEAD ? endless : large;
        if (feed == NULL)
            return 0;
        const size_t line_len = (size_t)(feed - bytes) - line;
        if (line_len == 0 || feed[-1] != '\r') {
            *fault = bare;
            return 0;
        }
        line += line_len + 1;
        if (line_len == 1)
            return line;
    }
}

static size_t take_blank_line(struct intake *in, const char *bytes, size_t len, size_t *kept)
{
    *kept = 0;
    if (len < 2)
        return 0;
    if (bytes[1] != '\n')
        return fail_with(in, "what came is no HTTP");
    return ++in->blank <= BLANK_LINES_MAX ? 2 : fail_with(in, "there is nothing but empty lines");
}

/* Whether the first line is well formed, once it is there. It tells sooner, and better, what is
 * wrong. */
static bool check_first_line(const struct intake *in, const char *bytes, struct fault *fault)
{
    const char *feed = in->scanned > 0 ? memchr(bytes, '\n', in->scanned) : NULL;
    return feed == NULL || head_check_line(bytes, (size_t)(feed - 1 - bytes), fault);
}

static size_t take_head(struct intake *in, char *bytes, size_t len, size_t *kept)
{
    struct head head;
    struct fault fault = {0};
    if (bytes[0] == '\r')
        return take_blank_line(in, bytes, len, kept);
    if (!head_begins(bytes[0]))
        return fail_with(in, "what came is no HTTP");
    const bool fresh = in->scanned == 0;
    in->is_head = len > 5 && memcmp(bytes, "HEAD ", 5) == 0;
    const size_t whole = find_empty_line(in, bytes, len, &fault);
    if (whole == 0) {
        const bool good = !fresh || check_first_line(in, bytes, &fault);
        return good && fault.code == ERROR_NONE ? 0 : fail(in, fault);
    }
    *kept = whole;
    if (!head_read(&head, bytes, kept, &fault))
        return fail(in, fault);
    in->heads++;
    in->blank = 0;
    in->left = head.length;
    in->state = head.body == HEAD_BODY_SIZED     ? INTAKE_IN_BODY
                : head.body == HEAD_BODY_CHUNKED ? INTAKE_AT_CHUNK_SIZE
                                                 : INTAKE_AT_HEAD;
    return whole;
}

static size_t take_piece(struct intake *in, size_t len, enum intake_state next, size_t *kept)
{
    const size_t piece = in->left < len ? (size_t)in->left : len;
    *kept = piece;
    in->left -= piece;
    if (in->left == 0)
        in->state = next;
    return piece;
}

/* Of a hexadecimal digit; 16: it is none. */
static unsigned digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    const char letter = (char)(c | 0x20);
    return letter >= 'a' && letter <= 'f' ? (unsigned)(letter - 'a') + 10 : 16;
}

/* What may stand behind a size: RFC 9112, section 7.1.1. */
static bool is_extension(const char *text, size_t len)
{
    size_t blanks = 0;
    while (blanks < len && (text[blanks] == ' ' || text[blanks] == '\t'))
        blanks++;
    for (size_t i = blanks; i < len; i++)
        if (((unsigned char)text[i] < ' ' && text[i] != '\t') || text[i] == 0x7f)
            return false;
    return len == 0 || (blanks < len && text[blanks] == ';');
}

static size_t take_chunk_size(struct intake *in, char *bytes, size_t len, size_t *kept)
{
    uint64_t size = 0;
    size_t digits = 0;
    const char *feed = memchr(bytes, '\n', len < CHUNK_LINE_MAX ? len : CHUNK_LINE_MAX);
    if (digit_of(bytes[0]) > 15 || (feed == NULL && len >= CHUNK_LINE_MAX))
        return fail_with(in, "a chunk does not begin with its size");
    if (feed == NULL)
        return 0;
    const size_t line = (size_t)(feed - bytes) - 1; /* a digit stands before the LF, at least */
    for (; digit_of(bytes[digits]) < 16; digits++)
        size = 16 * size + digit_of(bytes[digits]);
    if (digits > CHUNK_DIGITS_MAX)
        return fail(in, (struct fault){ERROR_BODY_TOO_LARGE, "no chunk is as long as it says"});
    /* No digit is a CR: there are `line` of them at most. */
    if (bytes[line] != '\r' || !is_extension(bytes + digits, line - digits))
        return fail_with(in, "a chunk does not begin with its size, and CR and LF");
    memcpy(bytes + digits, "\r\n", 2);
    *kept = digits + 2;
    in->left = size;
    in->state = size > 0 ? INTAKE_IN_CHUNK : INTAKE_AT_TRAILERS;
    return line + 2;
}

static size_t take_chunk_end(struct intake *in, const char *bytes, size_t len, size_t *kept)
{
    *kept = 2;
    if (bytes[0] != '\r' || (len > 1 && bytes[1] != '\n'))
        return fail_with(in, "a chunk does not end where its size says");
    if (len < 2)
        return 0;
    in->state = INTAKE_AT_CHUNK_SIZE;
    return 2;
}

/* Nothing here reads trailers. */
static size_t take_trailers(struct intake *in, char *bytes, size_t len, size_t *kept)
{
    struct fault fault = {0};
    const size_t whole = find_empty_line(in, bytes, len, &fault);
    if (whole == 0 && fault.code == ERROR_NONE)
        return 0;
    if (whole == 0 || !head_check_trailers(bytes, whole, &fault))
        return fail(in, fault);
    memcpy(bytes, "\r\n", 2);
    *kept = 2;
    in->state = INTAKE_AT_HEAD;
    return whole;
}

static size_t take_unit(struct intake *in, char *bytes, size_t len, size_t *kept)
{
    switch (in->state) {
    case INTAKE_AT_HEAD:
        return take_head(in, bytes, len, kept);
    case INTAKE_IN_BODY:
        return take_piece(in, len, INTAKE_AT_HEAD, kept);
    case INTAKE_AT_CHUNK_SIZE:
        return take_chunk_size(in, bytes, len, kept);
    case INTAKE_IN_CHUNK:
        return take_piece(in, len, INTAKE_AT_CHUNK_END, kept);
    case INTAKE_AT_CHUNK_END:
        return take_chunk_end(in, bytes, len, kept);
    case INTAKE_AT_TRAILERS:
        return take_trailers(in, bytes, len, kept);
    case INTAKE_OVER:
        break;
    }
    return 0;
}

/* Bytes are moved once at most, however much is left out between them. */
static void move(char *to, const char *from, size_t len)
{
    if (to != from && len > 0)
        memmove(to, from, len);
}

size_t intake_take(struct intake *in, char *bytes, size_t *len)
{
    size_t from = 0, to = 0;
    while (from < *len) {
        size_t kept = 0;
        const size_t unit = take_unit(in, bytes + from, *len - from, &kept);
        if (unit == 0)
            break;
        move(bytes + to, bytes + from, kept);
        from += unit;
        to += kept;
        in->scanned = 0;
    }
    move(bytes + to, bytes + from, *len - from);
    *len = to + *len - from;
    return to;
}
