/*
 * A small model in files: one layer, its numbers all the same; and a folder for a test's files.
 */
#ifndef DIGIT_TESTS_SMALL_MODEL_H
#define DIGIT_TESTS_SMALL_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "model/file.h"

enum { SMALL_PATH_SIZE = 512 };

/* Writes FOLDER/NAME.pth and NAME.json, and fills the SHA-256 of the weights. */
bool small_model(const char *folder, const char *name, float value, char sha256[FILE_SHA256_SIZE]);

/* Removes a folder with all that is in it. */
void small_remove(const char *folder);

/* How many names stand in a folder. */
size_t small_count(const char *folder);

#endif
