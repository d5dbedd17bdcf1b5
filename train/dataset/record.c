/*
 * Records parsed and written. Any thread; no state. Knows nothing of files or of Hadoop.
 */
#include "train/dataset/record.h"

#include <stdlib.h>
#include <string.h>

#include "model/base64.h"
#include "model/canvas.h"
#include "model/image.h"

enum { FIELDS_MAX = 4, PICTURE_TEXT_LEN = (DIGIT_PIXELS + 2) / 3 * 4 };

bool record_is_note(const char *line, size_t len)
{
    return len > 0 && line[0] == '~';
}

bool record_field(struct field *out, struct field *line)
{
    const char *tab = line->len == 0 ? NULL : memchr(line->text, '\t', line->len);
    *out = *line;
    if (tab == NULL) {
        *line = (struct field){line->text + line->len, 0};
        return false;
    }
    out->len = (size_t)(tab - line->text);
    *line = (struct field){tab + 1, line->len - out->len - 1};
    return true;
}

bool record_is_key(struct field key)
{
    if (key.len == 0 || key.len > RECORD_KEY_MAX || key.text[0] == '~')
        return false;
    for (size_t i = 0; i < key.len; i++)
        if (key.text[i] <= ' ' || key.text[i] > '~')
            return false;
    return true;
}

/* How many fields there are, though only the first FIELDS_MAX are filled in. */
static size_t split(struct field fields[FIELDS_MAX], const char *line, size_t len)
{
    struct field rest = {line, len}, beyond;
    size_t count = 0;
    while (record_field(count < FIELDS_MAX ? &fields[count] : &beyond, &rest))
        count++;
    return count + 1;
}

static bool parse_label(int *out, struct field label, struct error *err)
{
    *out = RECORD_UNLABELLED;
    if (label.len == 0)
        return true;
    if (label.len != 1 || label.text[0] < '0' || label.text[0] >= '0' + DIGIT_CLASSES)
        return error_set(err, ERROR_BAD_DATA, "its label is '%.*s'; labels are 0 to %d",
                         (int)(label.len < 40 ? label.len : 40), label.text, DIGIT_CLASSES - 1);
    *out = label.text[0] - '0';
    return true;
}

bool record_parse(struct record *out, const char *line, size_t len, struct error *err)
{
    struct field fields[FIELDS_MAX] = {0};
    size_t count = split(fields, line, len);
    *out = (struct record){.label = RECORD_UNLABELLED};
    if (record_is_note(line, len))
        return error_set(err, ERROR_BAD_DATA, "it is a note, for it begins with '~'");
    if (count == 2 || count > FIELDS_MAX)
        return error_set(err, ERROR_BAD_DATA,
                         "it has %zu fields; write a key, a label and a picture, with TABs between",
                         count);
    if (count == 1) {
        out->picture = fields[0];
    } else {
        out->key = fields[0];
        out->picture = fields[2];
        out->first = fields[3];
        if (!record_is_key(out->key) || (count == FIELDS_MAX && !record_is_key(out->first)))
            return error_set(err, ERROR_BAD_DATA,
                             "its key cannot be one; keys are 1 to %d printable ASCII characters, "
                             "not ' ', and not '~' first",
                             RECORD_KEY_MAX);
        if (!parse_label(&out->label, fields[1], err))
            return false;
    }
    return out->picture.len > 0 || error_set(err, ERROR_EMPTY_IMAGE, "it has no picture");
}

/* Gives the bytes that the picture's base64 says, which the caller frees. */
static bool decode(uint8_t **out, size_t *len, const struct record *r, struct error *err)
{
    uint8_t *bytes = malloc(base64_room(r->picture.len));
    if (bytes == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for a picture");
    if (!base64_decode(bytes, len, r->picture.text, r->picture.len, err)) {
        free(bytes);
        return false;
    }
    *out = bytes;
    return true;
}

/* Bytes of the right number are pixels, unless they happen to be a whole picture file. *is_pixels
 * tells which; `picture` is filled when they are not. */
static bool look(bool *is_pixels, struct picture *picture, const uint8_t *bytes, size_t len,
                 struct error *err)
{
    struct error why = {0};
    *is_pixels = false;
    if (image_decode(picture, bytes, len, &why))
        return true;
    *is_pixels = len == DIGIT_PIXELS;
    if (*is_pixels)
        return true;
    if (why.code == ERROR_NOT_AN_IMAGE)
        return error_set(err, why.code, "%s, or %d pixels; these are %zu bytes", why.text,
                         DIGIT_PIXELS, len);
    return error_set(err, why.code, "%s", why.text);
}

bool record_floats(float out[DIGIT_PIXELS], const struct record *r, struct error *err)
{
    uint8_t *bytes = NULL;
    size_t len;
    struct picture picture;
    bool is_pixels;
    if (!decode(&bytes, &len, r, err))
        return false;
    bool ok = look(&is_pixels, &picture, bytes, len, err);
    if (ok && is_pixels) {
        for (size_t i = 0; i < DIGIT_PIXELS; i++)
            out[i] = (float)bytes[i] / 255.0f;
    } else if (ok) {
        ok = canvas_normalise(out, &picture, CANVAS_AUTO, err);
        image_free(&picture);
    }
    free(bytes);
    return ok;
}

bool record_bytes(uint8_t out[DIGIT_PIXELS], const struct record *r, struct error *err)
{
    float pixels[DIGIT_PIXELS];
    struct error why = {0};
    if (!record_floats(pixels, r, &why)) {
        if (why.code != ERROR_NOTHING_DRAWN)
            return error_set(err, why.code, "%s", why.text);
        memset(out, 0, DIGIT_PIXELS);
        return true;
    }
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        out[i] = (uint8_t)(pixels[i] * 255.0f + 0.5f);
    return true;
}

bool record_is_blank(const uint8_t pixels[DIGIT_PIXELS])
{
    uint8_t lowest = 255, highest = 0;
    for (size_t i = 0; i < DIGIT_PIXELS; i++) {
        lowest = pixels[i] < lowest ? pixels[i] : lowest;
        highest = pixels[i] > highest ? pixels[i] : highest;
    }
    return highest < lowest + RECORD_CONTRAST_MIN;
}

void record_write(FILE *out, struct field key, int label, const uint8_t pixels[DIGIT_PIXELS])
{
    char text[PICTURE_TEXT_LEN];
    base64_encode(text, pixels, DIGIT_PIXELS);
    (void)fwrite(key.text, 1, key.len, out);
    (void)fputc('\t', out);
    if (label != RECORD_UNLABELLED)
        (void)fputc('0' + label, out);
    (void)fputc('\t', out);
    (void)fwrite(text, 1, sizeof text, out);
    (void)fputc('\n', out);
}

void record_write_invalid(FILE *out, struct field key, const char *reason)
{
    const bool is_key = record_is_key(key);
    (void)fprintf(out, "%s\t%.*s\t%s\n", RECORD_INVALID, is_key ? (int)key.len : 1,
                  is_key ? key.text : RECORD_NO_KEY, reason);
}
