/*
 * The pictures of a request -> what the network takes, and what it took -> pictures for people. Any
 * thread.
 */
#ifndef DIGIT_PREDICT_PICTURES_H
#define DIGIT_PREDICT_PICTURES_H

#include "model/canvas.h"
#include "model/digit.h"
#include "server/api.h"

/* All pictures of a request together may have so many pixels: a request is to keep a loop for
 * little longer than the largest picture does. Both functions fail with ERROR_IMAGE_TOO_LARGE at
 * the one that is too many, and say of every error which picture it is about. */
enum { PICTURES_PIXELS_MAX = 32 * 1024 * 1024 };

/* Fills `pixels` with images->count x DIGIT_PIXELS. */
bool pictures_read(float *pixels, const struct api_images *images, struct error *err) MUST_CHECK;

/* Fills found[images->count], zeros at first, and their sum. The caller frees them, on failure
 * too. */
bool pictures_segment(struct canvas_digits *found, size_t *total, const struct api_images *images,
                      struct error *err) MUST_CHECK;

/* The length of what pictures_write_input writes. */
size_t pictures_input_len(void);

/* Fills `out` with what the network takes as a data: URL; without a NUL. */
void pictures_write_input(char *out, const float pixels[DIGIT_PIXELS]);

#endif
