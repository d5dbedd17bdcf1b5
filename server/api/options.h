/*
 * What a request to POST /predict may ask besides its pictures.
 */
#ifndef DIGIT_API_OPTIONS_H
#define DIGIT_API_OPTIONS_H

#include "server/api.h"
#include "server/pull.h"

/* Pulls the value of the member `name`. *seen, 0 at first, keeps which options there were. Fails
 * with ERROR_UNKNOWN_FIELD where no option is called that, and with ERROR_WRONG_SHAPE. Any thread.
 */
bool options_read_field(struct api_options *o, unsigned *seen, const struct pull_text *name,
                        struct pull *p) MUST_CHECK;

#endif
