/*
 * The one way to put a tensor into a checkpoint, for the files of this folder.
 */
#ifndef DIGIT_CHECKPOINT_TENSORS_H
#define DIGIT_CHECKPOINT_TENSORS_H

#include "model/checkpoint.h"

/* Adds a tensor to the end and lends it, its data yet to be written. Fails on a name that is there
 * already, empty, too long or unprintable, and on a shape that is empty or too large. */
bool checkpoint_reserve(struct checkpoint *c, struct tensor **out, const char *name,
                        const size_t *shape, size_t rank, struct error *err) MUST_CHECK;

#endif
