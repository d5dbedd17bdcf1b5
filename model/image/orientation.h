/*
 * Which way up a photograph is (Exif 2.32, tag 0x0112): cameras store what their sensor saw, and
 * how they were held. Only image*.c includes this.
 */
#ifndef DIGIT_IMAGE_ORIENTATION_H
#define DIGIT_IMAGE_ORIENTATION_H

#include <stddef.h>
#include <stdint.h>

#include "model/image.h"

enum { ORIENTATION_UPRIGHT = 1, ORIENTATION_LAST = 8 };

/* Of the data of a JPEG's APP1 segment: 1 to 8; ORIENTATION_UPRIGHT where it says nothing, or
 * nothing sound. Any thread. */
unsigned orientation_read(const uint8_t *data, size_t len);

/* Turns the picture upright. Any thread. */
bool orientation_undo(struct picture *p, unsigned orientation, struct error *err) MUST_CHECK;

#endif
