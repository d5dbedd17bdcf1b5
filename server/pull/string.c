/*
 * JSON's strings (RFC 8259, section 7). Nearly all are printable ASCII without an escape, and lent
 * where they lie.
 */
#include "server/pull/string.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/text.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 'a' - 'A';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits at `at`; -1 when they are not. */
static int32_t read_unit(const char *at, const char *end)
{
    int32_t unit = 0;
    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        const int digit = hex_digit(at[i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

/* Reads what follows \u, a pair of surrogates as one, and moves *at behind it; -1: it is nothing.
 */
static int32_t read_code_point(const char **at, const char *end)
{
    const int32_t first = read_unit(*at, end);
    if (first < 0)
        return -1;
    if (first < 0xd800 || first > 0xdfff) {
        *at += 4;
        return first;
    }
    if (first > 0xdbff || end - *at < 6 || (*at)[4] != '\\' || (*at)[5] != 'u')
        return -1;
    const int32_t second = read_unit(*at + 6, end);
    *at += 10;
    return second < 0xdc00 || second > 0xdfff
               ? -1
               : 0x10000 + ((first - 0xd800) << 10 | (second - 0xdc00));
}

static size_t write_utf8(char *out, int32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    const size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = len - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(leads[len] | c);
    return len;
}

/* One escape, *at behind its backslash. */
static bool copy_escape(struct pull *p, const char **at)
{
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *backslash = *at - 1;
    if (*at == p->end)
        return pull_refuse(p, p->end, "");
    const char name = *(*at)++;
    if (name != 'u') {
        const char *found = name == '\0' ? NULL : strchr(names, name);
        if (found == NULL)
            return pull_refuse(p, backslash, "there is no such escape");
        p->copies[p->copies_len++] = meanings[found - names];
        return true;
    }
    const int32_t c = read_code_point(at, p->end);
    if (c < 0)
        return pull_refuse(p, backslash, "this \\u stands for no character");
    p->copies_len += write_utf8(p->copies + p->copies_len, c);
    return true;
}

/* One character that is no escape. */
static bool copy_character(struct pull *p, const char **at)
{
    const size_t len = text_character_len(*at, (size_t)(p->end - *at));
    if ((unsigned char)**at < ' ')
        return pull_refuse(p, *at, "a control character in a string must be escaped");
    if (len == 0)
        return pull_refuse(p, *at, "this is not UTF-8");
    memcpy(p->copies + p->copies_len, *at, len);
    p->copies_len += len;
    *at += len;
    return true;
}

/* Copies the string at p->at. A copy is never longer than its original, so the text's length is
 * room for all copies. */
static bool copy_string(struct pull *p, struct pull_text *out)
{
    const char *at = p->at + 1;
    if (p->copies == NULL)
        p->copies = malloc((size_t)(p->end - p->start));
    if (p->copies == NULL)
        return error_set(p->err, ERROR_OUT_OF_MEMORY, "no memory for a string");
    out->bytes = p->copies + p->copies_len;
    while (at < p->end && *at != '"')
        if (*at == '\\' ? (at++, !copy_escape(p, &at)) : !copy_character(p, &at))
            return false;
    if (at == p->end)
        return pull_refuse(p, at, "");
    out->len = (size_t)(p->copies + p->copies_len - out->bytes);
    p->at = at + 1;
    return true;
}

bool string_read(struct pull *p, struct pull_text *out)
{
    const char *text = p->at + 1;
    const char *quote = memchr(text, '"', (size_t)(p->end - text));
    if (quote == NULL || !text_is_plain(text, (size_t)(quote - text)))
        return copy_string(p, out);
    *out = (struct pull_text){text, (size_t)(quote - text)};
    p->at = quote + 1;
    return true;
}
