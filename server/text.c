/*
 * A growing text. One thread a text. Knows JSON's strings (RFC 8259, section 7) and nothing else of
 * it.
 */
#include "server/text.h"

#include <stdlib.h>
#include <string.h>

#include "model/number.h"

enum { ROOM_MIN = 512 };

char *text_reserve(struct text *t, size_t len)
{
    if (t->failed)
        return NULL;
    if (len <= t->room - t->len)
        return t->bytes + t->len;
    size_t room = t->room * 2 < ROOM_MIN ? ROOM_MIN : t->room * 2;
    if (room < t->len + len)
        room = t->len + len;
    char *bytes = realloc(t->bytes, room);
    if (bytes == NULL) {
        t->failed = true;
        return NULL;
    }
    t->bytes = bytes;
    t->room = room;
    return bytes + t->len;
}

void text_wrote(struct text *t, size_t len)
{
    t->len += len;
}

void text_append(struct text *t, const char *bytes, size_t len)
{
    char *to = text_reserve(t, len);
    if (to == NULL)
        return;
    memcpy(to, bytes, len);
    t->len += len;
}

void text_string(struct text *t, const char *string)
{
    text_append(t, string, strlen(string));
}

void text_number(struct text *t, float value)
{
    char *to = text_reserve(t, NUMBER_SIZE);
    if (to != NULL)
        text_wrote(t, number_write(to, value));
}

void text_integer(struct text *t, size_t value)
{
    char digits[3 * sizeof value];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    text_append(t, digits + at, sizeof digits - at);
}

bool text_is_plain(const char *bytes, size_t len)
{
    unsigned odd = 0;
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)bytes[i];
        odd |= (unsigned)(c < ' ') | (unsigned)(c > '~') | (unsigned)(c == '\\');
    }
    return odd == 0;
}

/* How long a character is that starts with that byte; 0 when none does. */
static size_t led_len(unsigned char lead)
{
    return lead < 0x80   ? 1
           : lead < 0xc2 ? 0
           : lead < 0xe0 ? 2
           : lead < 0xf0 ? 3
           : lead < 0xf5 ? 4
                         : 0;
}

size_t text_character_len(const char *bytes, size_t room)
{
    const unsigned char *s = (const unsigned char *)bytes;
    const size_t len = led_len(s[0]);
    if (len > room)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool surrogate = s[0] == 0xed && s[1] >= 0xa0;
    bool beyond = s[0] == 0xf4 && s[1] >= 0x90;
    return overlong || surrogate || beyond ? 0 : len;
}

static void quote_ascii(struct text *t, char c)
{
    static const char hex[] = "0123456789abcdef";
    if (c == '"' || c == '\\')
        text_append(t, (char[]){'\\', c}, 2);
    else if (c < ' ')
        text_append(t, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
    else
        text_append(t, &c, 1);
}

void text_quoted(struct text *t, const char *string)
{
    text_append(t, "\"", 1);
    for (size_t left = strlen(string); left > 0;) {
        size_t len = text_character_len(string, left);
        if (len == 0)
            text_string(t, "\xef\xbf\xbd");
        else if (len == 1)
            quote_ascii(t, *string);
        else
            text_append(t, string, len);
        len += len == 0;
        string += len;
        left -= len;
    }
    text_append(t, "\"", 1);
}

bool text_take(struct text *t, char **out, size_t *len, struct error *err)
{
    text_append(t, "", 1);
    struct text taken = *t;
    *t = (struct text){0};
    if (taken.failed) {
        free(taken.bytes);
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for the answer");
    }
    *out = taken.bytes;
    *len = taken.len - 1;
    return true;
}
