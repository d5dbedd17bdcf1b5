/*
 * The outputs that a V2 request asks for.
 */
#ifndef DIGIT_OUTPUTS_H
#define DIGIT_OUTPUTS_H

#include "server/openinference.h"

/* Zeros at first. */
struct outputs {
    size_t count;
    struct output {
        size_t which; /* an enum openinference_output */
        bool says;    /* whether it is to be binary */
        bool is_binary;
    } list[OPENINFERENCE_OUTPUTS];
};

/* Lends the name of an enum openinference_output. */
const char *outputs_name(size_t which);

/* Pulls "outputs" into the struct outputs at `target`. */
bool outputs_read(struct pull *p, void *target);

/* Fills the form's outputs: those that were asked for, or all when none was; binary as they say,
 * and as `binary` says where they say nothing. */
void outputs_settle(struct openinference_form *form, const struct outputs *o, bool binary);

#endif
