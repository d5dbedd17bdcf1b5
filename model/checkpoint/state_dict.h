/*
 * A state dict's pickle, `data.pkl`: what tensors there are, and where; read and written.
 */
#ifndef DIGIT_CHECKPOINT_STATE_DICT_H
#define DIGIT_CHECKPOINT_STATE_DICT_H

#include <stddef.h>
#include <stdint.h>

#include "model/checkpoint/stored.h"
#include "model/error.h"

struct state_dict {
    struct stored *tensors; /* owned; each checked against the record's declared size */
    size_t count;
};

/* Fills *out with at most CHECKPOINT_TENSORS_MAX tensors. On failure *out is empty. */
bool state_dict_parse(struct state_dict *out, const uint8_t *bytes, size_t len,
                      struct error *err) MUST_CHECK;

/* Accepts an empty one. */
void state_dict_free(struct state_dict *s);

/* Writes into *out (malloc; the caller frees) what torch.save would: an OrderedDict whose i-th
 * tensor is the whole of the record `data/<i>`, in float32. */
bool state_dict_format(uint8_t **out, size_t *len, const struct checkpoint *c,
                       struct error *err) MUST_CHECK;

#endif
