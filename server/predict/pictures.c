/*
 * Each picture is decoded, used and freed before the next one, so that a request takes the memory
 * of one. Its size is known only when it is decoded; so the one that is too many is, in vain.
 */
#include "server/predict/pictures.h"

#include <stdlib.h>
#include <string.h>

#include "model/base64.h"
#include "model/image.h"

static const enum canvas_mode modes[] = {
    [API_AUTO] = CANVAS_AUTO, [API_MNIST] = CANVAS_MNIST, [API_NONE] = CANVAS_NONE};

static bool decode(struct picture *out, const struct api_image *image, struct error *err)
{
    size_t len = 0;
    if (image->is_file)
        return image_decode(out, (const uint8_t *)image->base64, image->len, err);
    uint8_t *file = malloc(base64_room(image->len));
    if (file == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a picture");
    bool good = base64_decode(file, &len, image->base64, image->len, err) &&
                image_decode(out, file, len, err);
    free(file);
    return good;
}

static bool open_picture(struct picture *out, size_t *pixels, const struct api_image *image,
                         struct error *err)
{
    if (!decode(out, image, err))
        return false;
    *pixels += out->width * out->height;
    if (*pixels <= PICTURES_PIXELS_MAX)
        return true;
    image_free(out);
    return error_set(err, ERROR_IMAGE_TOO_LARGE,
                     "up to this one the pictures have %zu pixels; those of a request can have %d",
                     *pixels, PICTURES_PIXELS_MAX);
}

static bool read_picture(float pixels[DIGIT_PIXELS], size_t *count, const struct api_image *image,
                         enum canvas_mode mode, struct error *err)
{
    struct picture picture;
    if (!open_picture(&picture, count, image, err))
        return false;
    bool good = canvas_normalise(pixels, &picture, mode, err);
    image_free(&picture);
    return good;
}

bool pictures_read(float *pixels, const struct api_images *images, struct error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < images->count; i++)
        if (!read_picture(pixels + i * DIGIT_PIXELS, &count, &images->list[i],
                          modes[images->options.mode], err))
            return api_blame(err, images, i);
    return true;
}

static bool segment_picture(struct canvas_digits *out, size_t *count, const struct api_image *image,
                            enum canvas_mode mode, struct error *err)
{
    struct picture picture;
    if (!open_picture(&picture, count, image, err))
        return false;
    bool good = canvas_segment(out, &picture, mode, err);
    image_free(&picture);
    return good;
}

bool pictures_segment(struct canvas_digits *found, size_t *total, const struct api_images *images,
                      struct error *err)
{
    size_t count = 0;
    *total = 0;
    for (size_t i = 0; i < images->count; i++) {
        if (!segment_picture(&found[i], &count, &images->list[i], modes[images->options.mode], err))
            return api_blame(err, images, i);
        *total += found[i].count;
    }
    return true;
}

static const char input_head[] = "data:image/png;base64,";

enum { PNG_LEN = IMAGE_PNG_LEN(DIGIT_SIDE, DIGIT_SIDE) };

size_t pictures_input_len(void)
{
    return sizeof input_head - 1 + base64_text_len(PNG_LEN);
}

void pictures_write_input(char *out, const float pixels[DIGIT_PIXELS])
{
    uint8_t grey[DIGIT_PIXELS], file[PNG_LEN];
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        grey[i] = (uint8_t)(pixels[i] * 255.0f + 0.5f);
    image_png_write(file, grey, DIGIT_SIDE, DIGIT_SIDE);
    memcpy(out, input_head, sizeof input_head - 1);
    base64_encode(out + sizeof input_head - 1, file, sizeof file);
}
