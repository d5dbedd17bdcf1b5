/*
 * What a request to POST /predict may ask besides its pictures.
 */
#ifndef DIGIT_API_OPTIONS_H
#define DIGIT_API_OPTIONS_H

#include <jansson.h>

#include "server/api.h"

/* "an object", "null": what a value is, for errors. */
const char *options_type_name(const json_t *value);

/* Reads one field. Fails with ERROR_UNKNOWN_FIELD where no option is called that, and with
 * ERROR_WRONG_SHAPE. Any thread. */
bool options_read_field(struct api_options *o, const char *name, const json_t *value,
                        struct error *err) MUST_CHECK;

#endif
