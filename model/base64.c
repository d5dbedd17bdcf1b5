/*
 * Text -> bytes: a strict check of our own, then libb64, which has none: it skips what it does not
 * know and takes missing padding. Bytes -> text is all ours: libb64 breaks lines. Any thread; no
 * state. Knows nothing of JSON or pictures.
 */
#include "model/base64.h"

#include <b64/cdecode.h>
#include <limits.h>

/* libb64 may write one byte behind what it decodes. */
enum { SLACK = 4 };

/* A character's six bits plus one; 0 for what is no character of the alphabet. */
static const uint8_t value_plus_one[UCHAR_MAX + 1] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

size_t base64_room(size_t text_len)
{
    return text_len / 4 * 3 + SLACK;
}

static unsigned value_of(char c)
{
    return value_plus_one[(unsigned char)c] - 1u;
}

/* One pass without a branch; the position is looked for only when there is something to say. */
static bool all_in_alphabet(const char *text, size_t len)
{
    unsigned seen = 0;
    for (size_t i = 0; i < len; i++)
        seen |= value_of(text[i]);
    return seen < 64;
}

static size_t padding(const char *text, size_t len)
{
    if (len == 0 || text[len - 1] != '=')
        return 0;
    return len > 1 && text[len - 2] == '=' ? 2 : 1;
}

static const char *advice(char c)
{
    switch (c) {
    case '-':
    case '_':
        return "; the URL-safe alphabet is not taken, write '+' and '/'";
    case '=':
        return "; padding stands at the end, once or twice";
    case ' ':
    case '\t':
    case '\r':
    case '\n':
        return "; line breaks and spaces are not taken";
    default:
        return "";
    }
}

/* One of the text's characters is not of the alphabet. */
static bool refuse_character(const char *text, struct error *err)
{
    size_t at = 0;
    while (value_of(text[at]) < 64)
        at++;
    char c = text[at];
    if (c > ' ' && c <= '~')
        return error_set(err, ERROR_NOT_BASE64, "character %zu ('%c') is not base64%s", at + 1, c,
                         advice(c));
    return error_set(err, ERROR_NOT_BASE64, "character %zu (byte 0x%02X) is not base64%s", at + 1,
                     (unsigned)(unsigned char)c, advice(c));
}

static bool check(const char *text, size_t len, size_t pads, struct error *err)
{
    size_t digits = len - pads;
    if (!all_in_alphabet(text, digits))
        return refuse_character(text, err);
    if (len % 4 != 0)
        return error_set(err, ERROR_NOT_BASE64,
                         "the text ends after character %zu; base64 has a multiple of 4 "
                         "characters, padded with '='",
                         len);
    unsigned stray = pads == 0 ? 0 : value_of(text[digits - 1]) & (pads == 2 ? 0x0fu : 0x03u);
    if (stray != 0)
        return error_set(err, ERROR_NOT_BASE64,
                         "character %zu ('%c') has bits that belong to no byte; the text was cut "
                         "or altered",
                         digits, text[digits - 1]);
    return true;
}

bool base64_decode(uint8_t *out, size_t *len, const char *text, size_t text_len, struct error *err)
{
    if (text_len > INT_MAX)
        return error_set(err, ERROR_NOT_BASE64, "the text has more than %d characters", INT_MAX);
    size_t pads = padding(text, text_len);
    if (!check(text, text_len, pads, err))
        return false;
    base64_decodestate state;
    base64_init_decodestate(&state);
    /* Without the padding: where char is unsigned, libb64 1.2 takes '=' for a digit. */
    *len = (size_t)base64_decode_block(text, (int)(text_len - pads), (char *)out, &state);
    return true;
}

size_t base64_text_len(size_t len)
{
    return (len + 2) / 3 * 4;
}

/* Four characters of 24 bits. */
static char *write_group(char *out, uint32_t group)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int shift = 18; shift >= 0; shift -= 6)
        *out++ = alphabet[group >> shift & 63];
    return out;
}

void base64_encode(char *out, const uint8_t *bytes, size_t len)
{
    for (; len >= 3; bytes += 3, len -= 3)
        out = write_group(out, (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2]);
    if (len == 0)
        return;
    out = write_group(out, (uint32_t)bytes[0] << 16 | (len > 1 ? (uint32_t)bytes[1] << 8 : 0));
    out[-1] = '=';
    if (len == 1)
        out[-2] = '=';
}
