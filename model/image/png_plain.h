/*
 * The PNGs that most people send, decoded quickly: 8 bits a channel, neither palette nor
 * interlacing nor a transparent colour.
 */
#ifndef DIGIT_IMAGE_PNG_PLAIN_H
#define DIGIT_IMAGE_PNG_PLAIN_H

#include "model/image/format.h"
#include "model/image/stb.h"

/* Fills *out from a file of which image_png_look has said `channels`. False where it is not
 * sound; what is wrong with it, if it is more than that, the general decoder tells. Any thread. */
bool image_png_decode(struct image_raw *out, const struct image_facts *facts) MUST_CHECK;

#endif
