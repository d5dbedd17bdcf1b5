/*
 * Where the running program is installed.
 */
#ifndef DIGIT_INSTALL_H
#define DIGIT_INSTALL_H

#include <stddef.h>

#include "model/error.h"

/* Fills `out` with the path of something that is installed together with the running program:
 * "share/digit/cnn_mnist.pth" for the program's folder, one up, and that. The build tree has the
 * same shape. Any thread. */
bool install_path(char *out, size_t size, const char *relative, struct error *err) MUST_CHECK;

#endif
