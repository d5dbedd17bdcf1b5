/*
 * Block characters (Unicode 2580 to 259F). One thread; knows nothing of what is shown.
 */
#include "train/plot/terminal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    HALF_INK = 96, /* from here on a pixel is drawn where there are no shades */
    BLACK = 16,    /* of the 256 colours */
    GREYS = 232,   /* 24 of them, dark to light, */
    GREY_COUNT = 24,
    WHITE = 231,
};

static const char strong_bar[] = "\033[38;5;32m";
static const char quiet_bar[] = "\033[38;5;245m";
static const char plain[] = "\033[0m";

bool terminal_is(FILE *out)
{
    return isatty(fileno(out)) == 1;
}

bool terminal_colours(FILE *out)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return terminal_is(out) && (no == NULL || no[0] == '\0') &&
           (term == NULL || strcmp(term, "dumb") != 0);
}

static int colour_of(uint8_t pixel)
{
    int step = (pixel * (GREY_COUNT + 1) + UINT8_MAX / 2) / UINT8_MAX;
    return step == 0 ? BLACK : step > GREY_COUNT ? WHITE : GREYS + step - 1;
}

void terminal_picture_row(FILE *out, const uint8_t pixels[DIGIT_PIXELS], size_t row, bool colours)
{
    static const char *const halves[] = {" ", "▀", "▄", "█"};
    const uint8_t *upper = pixels + 2 * row * DIGIT_SIDE, *lower = upper + DIGIT_SIDE;
    for (size_t i = 0; i < DIGIT_SIDE; i++) {
        if (colours)
            (void)fprintf(out, "\033[38;5;%d;48;5;%dm▀", colour_of(upper[i]), colour_of(lower[i]));
        else
            (void)fputs(halves[(upper[i] >= HALF_INK) + 2 * (lower[i] >= HALF_INK)], out);
    }
    if (colours)
        (void)fputs(plain, out);
}

void terminal_bar(FILE *out, double share, size_t width, bool strong, bool colours)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    size_t parts = (size_t)lround(fmin(fmax(share, 0), 1) * 8 * (double)width);
    size_t used = parts / 8 + (parts % 8 > 0);
    if (colours)
        (void)fputs(strong ? strong_bar : quiet_bar, out);
    for (size_t i = 0; i < parts / 8; i++)
        (void)fputs("█", out);
    (void)fputs(eighths[parts % 8], out);
    if (colours)
        (void)fputs(plain, out);
    (void)fprintf(out, "%*s", (int)(width - used), "");
}
