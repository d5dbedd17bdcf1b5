/*
 * Foreign bytes as a picture file, and what comes of it as a canvas: no crash, and floats that a
 * network can take.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "model/canvas.h"
#include "model/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_canvas(const struct picture *p, enum canvas_mode mode)
{
    float out[DIGIT_PIXELS];
    struct error err = {0};
    if (!canvas_normalise(out, p, mode, &err)) {
        if (err.code == ERROR_NONE)
            abort();
        return;
    }
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        if (!(out[i] >= 0.0f && out[i] <= 1.0f))
            abort();
}

static void check_digits(const struct picture *p)
{
    struct canvas_digits digits;
    struct error err = {0};
    if (!canvas_segment(&digits, p, CANVAS_MNIST, &err)) {
        if (err.code == ERROR_NONE || digits.list != NULL)
            abort();
        return;
    }
    if (digits.count < 1 || digits.count > 128)
        abort();
    for (size_t i = 0; i < digits.count; i++) {
        const struct canvas_box *box = &digits.list[i].box;
        if (box->width < 1 || box->x + box->width > p->width || box->height < 1 ||
            box->y + box->height > p->height)
            abort();
        for (size_t k = 0; k < DIGIT_PIXELS; k++)
            if (!(digits.list[i].pixels[k] >= 0.0f && digits.list[i].pixels[k] <= 1.0f))
                abort();
    }
    canvas_digits_free(&digits);
}

static void check_picture(const uint8_t *bytes, size_t len)
{
    struct picture p;
    struct error err = {0};
    if (!image_decode(&p, bytes, len, &err)) {
        if (err.code == ERROR_NONE || p.pixels != NULL)
            abort();
        return;
    }
    if (p.width == 0 || p.width > IMAGE_SIDE_MAX || p.height == 0 || p.height > IMAGE_SIDE_MAX)
        abort();
    check_canvas(&p, CANVAS_AUTO);
    check_canvas(&p, CANVAS_MNIST);
    check_canvas(&p, CANVAS_NONE);
    check_digits(&p);
    image_free(&p);
}

/* A mutated PNG has wrong checksums; with right ones it gets to the decoder. */
static void repair_checksums(uint8_t *png, size_t len)
{
    for (size_t at = 8; len - at >= 12;) {
        size_t data_len = (size_t)png[at] << 24 | (size_t)png[at + 1] << 16 |
                          (size_t)png[at + 2] << 8 | png[at + 3];
        if (data_len > len - at - 12)
            return;
        uint32_t crc = (uint32_t)crc32(0, png + at + 4, (uInt)data_len + 4);
        at += data_len + 12;
        for (size_t i = 0; i < 4; i++)
            png[at - 1 - i] = (uint8_t)(crc >> 8 * i);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    check_picture(bytes, len);
    if (len < 8 || memcmp(bytes, "\x89PNG", 4) != 0)
        return 0;
    uint8_t *repaired = malloc(len);
    if (repaired == NULL)
        abort();
    memcpy(repaired, bytes, len);
    repair_checksums(repaired, len);
    check_picture(repaired, len);
    free(repaired);
    return 0;
}
