/*
 * digitd --check: what a container's HEALTHCHECK and a person's script ask.
 */
#ifndef DIGIT_CHECK_H
#define DIGIT_CHECK_H

#include "server/options.h"

/* Asks the digitd on this machine that has these options whether it is ready: GET /readyz, at its
 * admin port where it has one. Blocks for some seconds at most. False with the reason when it is
 * not, or is not there. */
bool check_ready(const struct options *o, struct error *err) MUST_CHECK;

#endif
