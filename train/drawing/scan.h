/*
 * What a picture goes through on its way to a server.
 */
#ifndef DIGIT_SCAN_H
#define DIGIT_SCAN_H

#include "model/digit.h"

/* Draws the digit three times as large, its edges `sharpness` times as sharp (1: as they are), and
 * makes 28x28 of it again as the server's canvas does. A picture without ink stays as it is. */
void scan_enlarged(float picture[DIGIT_PIXELS], float sharpness);

/* What is left after JPEG compression of that quality, 1 to 100, as libjpeg counts it: blocks of
 * 8x8 pixels, their discrete cosine transform divided by ITU-T T.81's example table K.1 and
 * rounded. */
void scan_jpeg(float picture[DIGIT_PIXELS], int quality);

#endif
