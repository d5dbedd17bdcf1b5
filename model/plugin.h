/*
 * Shared objects loaded on demand, so that a program starts without the libraries they need.
 */
#ifndef DIGIT_PLUGIN_H
#define DIGIT_PLUGIN_H

#include "model/error.h"

/* Lends the object that the plug-in `file` ("digit_engine_torch.so") exports as `symbol`, until the
 * process ends. Looked for in $DIGIT_PLUGIN_DIR, beside the program, and where `make install` puts
 * plug-ins. Any thread. */
bool plugin_symbol(const void **out, const char *file, const char *symbol,
                   struct error *err) MUST_CHECK;

#endif
