/*
 * A pointer that many threads read and one replaces, without a lock for the readers.
 */
#ifndef DIGIT_CURRENT_H
#define DIGIT_CURRENT_H

#include <stddef.h>

#include "model/error.h"

struct current;

bool current_open(struct current **out, size_t seats, void *value, struct error *err) MUST_CHECK;

/* Lends the value until current_release: it is not given back by current_swap before. One thread
 * for each seat, and not twice. */
void *current_hold(struct current *c, size_t seat);
void current_release(struct current *c, size_t seat);

/* Puts `next` in the value's place and returns the one before, once no seat holds it. One thread
 * at a time, which must hold no seat. */
void *current_swap(struct current *c, void *next);

/* Returns the last value. No seat may be held. */
void *current_close(struct current *c);

#endif
