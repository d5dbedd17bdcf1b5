/*
 * The one input of a V2 request.
 */
#ifndef DIGIT_INPUT_H
#define DIGIT_INPUT_H

#include "server/openinference.h"

/* Where it comes from beside the JSON, and where it goes. */
struct input_place {
    struct openinference_request *out;
    const char *binary; /* what lies behind the JSON; all of it must be the input's */
    size_t binary_len;
    size_t count_max;
};

/* Pulls the input and fills the images or the pixels of place->out. */
bool input_read(struct pull *p, const struct input_place *place);

#endif
