/*
 * A network as a JSON object, the same in a card and in a file of its own. What it looks like
 * stands in model/network_file.h.
 */
#ifndef DIGIT_CARD_LAYERS_H
#define DIGIT_CARD_LAYERS_H

#include "model/card/object.h"
#include "model/network.h"

/* A new object; NULL where it cannot be made. The shapes must have been inferred. */
json_t *layers_format(const struct network *net);

/* Fills *out, shapes inferred, from a JSON object that is only looked at. The error names the
 * network, and the layer by its place and name. */
bool layers_read(struct network *out, json_t *object, struct error *err) MUST_CHECK;

#endif
