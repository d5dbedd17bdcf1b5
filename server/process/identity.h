/*
 * Whose rights the process has.
 */
#ifndef DIGIT_PROCESS_IDENTITY_H
#define DIGIT_PROCESS_IDENTITY_H

#include "model/error.h"

/* Goes on as "NAME" or "NAME:GROUP" for good, with that user's supplementary groups and all
 * threads. NULL: stays who it is. Fails where the process may not, where there is no such user, and
 * where the way back is open. */
bool identity_take(const char *name, struct error *err) MUST_CHECK;

#endif
