/*
 * JSON strings. Any thread; no state.
 */
#include "train/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What may follow each lead byte: shortest forms only, no surrogates, nothing above U+10FFFF. */
static const struct {
    uint8_t first, last; /* lead bytes */
    uint8_t second_min, second_max;
    size_t len;
} forms[] = {
    {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* The length of the character at `s`; 0 when it is not UTF-8. The NUL at the end stops it. */
static size_t character_len(const uint8_t *s)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (s[0] < forms[i].first || s[0] > forms[i].last)
            continue;
        if (forms[i].len > 1 && (s[1] < forms[i].second_min || s[1] > forms[i].second_max))
            return 0;
        for (size_t j = 2; j < forms[i].len; j++)
            if (s[j] < 0x80 || s[j] > 0xbf)
                return 0;
        return forms[i].len;
    }
    return 0;
}

void json_text(FILE *out, const char *text)
{
    const uint8_t *s = (const uint8_t *)text;
    (void)fputc('"', out);
    while (*s != '\0') {
        size_t len = character_len(s);
        if (len == 0)
            (void)fputs("\\ufffd", out);
        else if (*s == '"' || *s == '\\')
            (void)fprintf(out, "\\%c", *s);
        else if (*s < ' ')
            (void)fprintf(out, "\\u%04x", *s);
        else
            (void)fwrite(s, 1, len, out);
        s += len > 0 ? len : 1;
    }
    (void)fputc('"', out);
}
