/*
 * A head is read line by line: the request line by target.c, fields here.
 */
#include "server/http/head.h"

#include <string.h>
#include <strings.h>

#include "server/http/target.h"

enum {
    FIELDS_MAX = 64,
    LENGTH_DIGITS_MAX = 18, /* what fits 63 bits, in whatever reads it next */
};

/* What the fields seen so far say; each once. */
struct fields {
    size_t count;
    size_t lengths;
    size_t codings;
    size_t hosts;
    uint64_t length;
    bool expects; /* what we cannot promise */
};

struct text {
    const char *at;
    size_t len;
};

static bool is(struct text t, const char *word)
{
    return t.len == strlen(word) && strncasecmp(t.at, word, t.len) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* RFC 9110, section 5.5, and nothing that a terminal or a log would obey. */
static bool is_value(struct text t)
{
    for (size_t i = 0; i < t.len; i++) {
        const unsigned char c = (unsigned char)t.at[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static bool read_length(struct fields *f, struct text value, struct fault *fault)
{
    f->length = 0;
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] < '0' || value.at[i] > '9')
            return fault_set(fault, ERROR_BAD_REQUEST, "Content-Length is to be a number");
        if (i < LENGTH_DIGITS_MAX)
            f->length = 10 * f->length + (uint64_t)(value.at[i] - '0');
    }
    if (value.len == 0)
        return fault_set(fault, ERROR_BAD_REQUEST, "Content-Length is to be a number");
    if (f->lengths++ > 0)
        return fault_set(fault, ERROR_BAD_REQUEST, "there is more than one Content-Length");
    return value.len <= LENGTH_DIGITS_MAX ||
           fault_set(fault, ERROR_BODY_TOO_LARGE, "no body is as long as its Content-Length says");
}

static bool is_list_of_tokens(struct text t)
{
    for (size_t i = 0; i < t.len; i++)
        if (t.at[i] != ',' && !is_blank(t.at[i]) && !target_is_token(t.at + i, 1))
            return false;
    return t.len > 0;
}

static bool read_coding(struct fields *f, struct text value, struct fault *fault)
{
    if (f->codings++ > 0)
        return fault_set(fault, ERROR_BAD_REQUEST, "there is more than one Transfer-Encoding");
    if (is(value, "chunked"))
        return true;
    return fault_set(fault, is_list_of_tokens(value) ? ERROR_NOT_IMPLEMENTED : ERROR_BAD_REQUEST,
                     "the only Transfer-Encoding taken is 'chunked'");
}

static bool read_host(struct fields *f, struct text value, struct fault *fault)
{
    f->hosts++;
    return value.len == 0 || target_is_host(value.at, value.len) ||
           fault_set(fault, ERROR_BAD_REQUEST,
                     "Host is to be a name or an address, with a port or without");
}

/* What a field says of the request's framing, if anything. */
static bool read_meaning(struct fields *f, struct text name, struct text value, struct fault *fault)
{
    if (is(name, "Content-Length"))
        return read_length(f, value, fault);
    if (is(name, "Transfer-Encoding"))
        return read_coding(f, value, fault);
    if (is(name, "Host"))
        return read_host(f, value, fault);
    if (is(name, "Expect") && !is(value, "100-continue"))
        f->expects = true;
    return true;
}

/* Moves the blanks behind a value, up to `end`, before it. */
static struct text trim(char *value, char *end)
{
    char *last = end;
    while (last > value && is_blank(last[-1]))
        last--;
    const size_t blanks = (size_t)(end - last);
    if (blanks > 0) {
        memmove(value + blanks, value, (size_t)(last - value));
        memset(value, ' ', blanks);
    }
    while (value < end && is_blank(*value))
        value++;
    return (struct text){value, (size_t)(end - value)};
}

/* A field line, without its CR LF. */
static bool read_field(struct fields *f, char *line, size_t len, struct fault *fault)
{
    if (is_blank(line[0]))
        return fault_set(fault, ERROR_BAD_REQUEST, "a field goes on in another line");
    char *colon = memchr(line, ':', len);
    if (colon == NULL || !target_is_token(line, (size_t)(colon - line)))
        return fault_set(
            fault, ERROR_BAD_REQUEST,
            "a field is to have a name, of letters, digits and a few signs, and a colon "
            "right behind it");
    if (++f->count > FIELDS_MAX)
        return fault_set(fault, ERROR_HEAD_TOO_LARGE, "there are more than 64 fields");
    const struct text value = trim(colon + 1, line + len);
    if (!is_value(value))
        return fault_set(fault, ERROR_BAD_REQUEST, "a field's value holds a control byte");
    return read_meaning(f, (struct text){line, (size_t)(colon - line)}, value, fault);
}

static bool read_fields(struct fields *f, char *bytes, size_t len, struct fault *fault)
{
    /* The empty line at the end stops it: each line before it has two bytes or more. */
    for (char *line = bytes, *end = bytes + len; end - line > 2;) {
        char *feed = memchr(line, '\n', (size_t)(end - line));
        if (!read_field(f, line, (size_t)(feed - 1 - line), fault))
            return false;
        line = feed + 1;
    }
    return true;
}

static bool check_fields(const struct fields *f, bool before_1_1, struct fault *fault)
{
    if (f->codings > 0 && before_1_1)
        return fault_set(fault, ERROR_BAD_REQUEST, "there is no Transfer-Encoding before HTTP/1.1");
    if (f->codings > 0 && f->lengths > 0)
        return fault_set(fault, ERROR_BAD_REQUEST,
                         "send Content-Length or Transfer-Encoding, not both");
    if (f->hosts > 1 || (f->hosts == 0 && !before_1_1))
        return fault_set(fault, ERROR_BAD_REQUEST, "send exactly one Host");
    if (f->expects && !before_1_1)
        return fault_set(fault, ERROR_EXPECTATION_FAILED,
                         "the only expectation met is '100-continue'");
    return true;
}

bool head_read(struct head *out, char *bytes, size_t *len, struct fault *fault)
{
    struct fields f = {0};
    struct request_line line;
    const char *feed = memchr(bytes, '\n', *len);
    if (!request_line_read(&line, bytes, (size_t)(feed - 1 - bytes), fault))
        return false;
    *len -= request_line_shorten(&line, bytes, *len);
    char *fields = (char *)memchr(bytes, '\n', *len) + 1;
    if (!read_fields(&f, fields, *len - (size_t)(fields - bytes), fault) ||
        !check_fields(&f, line.before_1_1, fault))
        return false;
    *out = (struct head){
        .is_head = line.is_head,
        .body = f.codings > 0                   ? HEAD_BODY_CHUNKED
                : f.lengths > 0 && f.length > 0 ? HEAD_BODY_SIZED
                                                : HEAD_BODY_NONE,
        .length = f.length,
    };
    return true;
}

bool head_check_line(const char *line, size_t len, struct fault *fault)
{
    struct request_line ignored;
    return request_line_read(&ignored, line, len, fault);
}

bool head_check_trailers(char *bytes, size_t len, struct fault *fault)
{
    struct fields f = {0};
    if (!read_fields(&f, bytes, len, fault))
        return false;
    return (f.lengths == 0 && f.codings == 0 && f.hosts == 0) ||
           fault_set(
               fault, ERROR_BAD_REQUEST,
               "a trailer says what belongs before the body: how long it is, or whom it is for");
}

bool head_begins(char byte)
{
    return target_is_token(&byte, 1);
}
