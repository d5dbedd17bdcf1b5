/*
 * The room where a picture file becomes grey pixels: which format is it, is it whole and small
 * enough, then the decoder, then colours and transparency to grey. Any thread; no state. Knows
 * nothing of digits.
 */
#include "model/image.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "model/image/format.h"
#include "model/image/orientation.h"
#include "model/image/png_plain.h"
#include "model/image/stb.h"

/* A format is known by its magic bytes. Those that are read have a `look`; the others are here so
 * that the refusal can name them. */
struct image_type {
    const char *name;
    size_t at;
    size_t len;
    const char *magic;
    bool (*look)(struct image_facts *out, const uint8_t *bytes, size_t len, struct error *err);
    size_t channels; /* to ask of the decoder; 0 for all */
};

#define MAGIC(text) sizeof(text) - 1, text

static const struct image_type types[] = {
    {"PNG", 0, MAGIC("\x89PNG"), image_png_look, 0},
    {"JPEG", 0, MAGIC("\xff\xd8\xff"), image_jpeg_look, 1}, /* its first channel is the grey */
    {"BMP", 0, MAGIC("BM"), image_bmp_look, 0},
    {"a GIF", 0, MAGIC("GIF8"), NULL, 0},
    {"a WebP picture", 8, MAGIC("WEBP"), NULL, 0},
    {"a TIFF", 0, MAGIC("II*\0"), NULL, 0},
    {"a TIFF", 0, MAGIC("MM\0*"), NULL, 0},
    {"an AVIF picture", 4, MAGIC("ftypavi"), NULL, 0},
    {"a HEIC picture", 4, MAGIC("ftyphe"), NULL, 0},
    {"a HEIF picture", 4, MAGIC("ftypmif1"), NULL, 0},
    {"a JPEG XL picture", 0, MAGIC("\xff\x0a"), NULL, 0},
    {"a JPEG XL picture", 4, MAGIC("JXL \r\n"), NULL, 0},
    {"a JPEG 2000 picture", 4, MAGIC("jP  \r\n"), NULL, 0},
    {"a PDF", 0, MAGIC("%PDF-"), NULL, 0},
    {"an SVG", 0, MAGIC("<svg"), NULL, 0},
    {"XML, perhaps an SVG", 0, MAGIC("<?xml"), NULL, 0},
    {"a Photoshop file", 0, MAGIC("8BPS"), NULL, 0},
    {"an icon", 0, MAGIC("\0\0\1\0"), NULL, 0},
};

static const struct image_type *type_of(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const struct image_type *t = &types[i];
        if (len >= t->at + t->len && memcmp(bytes + t->at, t->magic, t->len) == 0)
            return t;
    }
    return NULL;
}

bool image_check_sides(const struct image_facts *f, struct error *err)
{
    if (f->width == 0 || f->height == 0)
        return error_set(err, ERROR_NOT_AN_IMAGE, "the picture declares that it is %zux%zu",
                         f->width, f->height);
    if (f->width > IMAGE_SIDE_MAX || f->height > IMAGE_SIDE_MAX)
        return error_set(err, ERROR_IMAGE_TOO_LARGE,
                         "the picture is %zux%zu; a side can have %d pixels at most", f->width,
                         f->height, IMAGE_SIDE_MAX);
    if (f->width * f->height > IMAGE_PIXELS_MAX)
        return error_set(err, ERROR_IMAGE_TOO_LARGE,
                         "the picture is %zux%zu; it can have %d pixels at most", f->width,
                         f->height, IMAGE_PIXELS_MAX);
    return true;
}

bool image_check_memory(const struct image_facts *f, double pixel_len, struct error *err)
{
    const double len = (double)(f->width * f->height) * pixel_len;
    return len <= IMAGE_MEMORY_MAX ||
           error_set(err, ERROR_IMAGE_TOO_LARGE,
                     "the picture is %zux%zu, of a kind that takes %.0f MiB to decode; send fewer "
                     "pixels, so that it takes %d",
                     f->width, f->height, len / (1 << 20), IMAGE_MEMORY_MAX >> 20);
}

/* Luminance after ITU-R BT.601, in 256ths. Whether all pixels are opaque. */
static inline bool take_grey(uint8_t *restrict grey, const uint8_t *restrict pixels, size_t count,
                             size_t channels)
{
    bool has_colour = channels >= 3, has_alpha = channels % 2 == 0;
    uint8_t opaque = 255;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *p = pixels + i * channels;
        grey[i] = has_colour ? (uint8_t)((77u * p[0] + 150u * p[1] + 29u * p[2] + 128) >> 8) : p[0];
        opaque &= has_alpha ? p[channels - 1] : 255;
    }
    return opaque == 255;
}

/* What transparent pixels are to look like. Strokes on nothing, which are of one shade or cover
 * little, stand on their opposite; a page with see-through parts goes on as it mostly is. */
static uint8_t backdrop(const uint8_t *grey, const uint8_t *alpha, size_t count, size_t channels)
{
    uint64_t cover = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t a = alpha[i * channels], weighted = a * grey[i];
        cover += a;
        sum += weighted;
        squares += weighted * grey[i];
    }
    if (cover == 0)
        return 255;
    double mean = (double)sum / (double)cover;
    double variance = (double)squares / (double)cover - mean * mean;
    bool is_strokes = variance < 40.0 * 40.0 || cover < count * 255 / 4;
    bool is_light = mean >= 128;
    return is_strokes == is_light ? 0 : 255;
}

static void lay_over(uint8_t *grey, const uint8_t *alpha, size_t count, size_t channels)
{
    const unsigned behind = backdrop(grey, alpha, count, channels);
    for (size_t i = 0; i < count; i++) {
        unsigned a = alpha[i * channels];
        grey[i] = (uint8_t)((grey[i] * a + behind * (255 - a) + 127) / 255);
    }
}

/* Takes raw->pixels. */
static bool to_picture(struct picture *out, const struct image_raw *raw, struct error *err)
{
    size_t count = raw->width * raw->height;
    uint8_t *grey = raw->pixels;
    if (raw->channels > 1) {
        grey = malloc(count);
        if (grey == NULL) {
            free(raw->pixels);
            return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory to decode the picture");
        }
        /* Known numbers of channels let the compiler make a loop for each. */
        bool is_opaque = raw->channels == 2   ? take_grey(grey, raw->pixels, count, 2)
                         : raw->channels == 3 ? take_grey(grey, raw->pixels, count, 3)
                                              : take_grey(grey, raw->pixels, count, 4);
        if (!is_opaque)
            lay_over(grey, raw->pixels + raw->channels - 1, count, raw->channels);
        free(raw->pixels);
    }
    *out = (struct picture){raw->width, raw->height, grey};
    return true;
}

bool image_decode(struct picture *out, const uint8_t *bytes, size_t len, struct error *err)
{
    struct image_facts facts = {0};
    struct image_raw raw;
    *out = (struct picture){0};
    if (len == 0)
        return error_set(err, ERROR_EMPTY_IMAGE, "the picture has no bytes");
    const struct image_type *type = type_of(bytes, len);
    if (type == NULL)
        return error_set(err, ERROR_NOT_AN_IMAGE,
                         "these bytes are no picture that is known; send PNG, JPEG or BMP");
    if (type->look == NULL)
        return error_set(err, ERROR_UNSUPPORTED_IMAGE, "this is %s; send PNG, JPEG or BMP",
                         type->name);
    if (len > INT_MAX)
        return error_set(err, ERROR_IMAGE_TOO_LARGE,
                         "the picture is %zu bytes long; it can have %d at most", len, INT_MAX);
    if (!type->look(&facts, bytes, len, err))
        return false;
    if (facts.channels != 0 && image_png_decode(&raw, &facts))
        return to_picture(out, &raw, err);
    size_t memory = facts.width * facts.height * facts.pixel_len + facts.overhead;
    if (!image_stb_decode(&raw, bytes, len, type->channels, memory, type->name, err) ||
        !to_picture(out, &raw, err))
        return false;
    if (orientation_undo(out, facts.orientation, err))
        return true;
    image_free(out);
    return false;
}

void image_free(struct picture *picture)
{
    free(picture->pixels);
    *picture = (struct picture){0};
}
