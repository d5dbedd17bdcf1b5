/*
 * A folder with all that can be shown of a model's answers.
 */
#ifndef DIGIT_GALLERY_H
#define DIGIT_GALLERY_H

#include "model/error.h"
#include "train/lab/answers.h"
#include "train/lab/verdict.h"
#include "train/subject.h"

/* Makes the folder unless it is there; the folder around it must be. */
bool gallery_folder(const char *path, struct error *err) MUST_CHECK;

/* Writes evaluation.json and answers.tsv, and the figures confusion, reliability, predictions and,
 * where there are any, mistakes. */
bool gallery_fill(const char *folder, const struct answers *a, const struct subject *s,
                  const struct mnist *set, struct error *err) MUST_CHECK;

/* Writes FOLDER/NAME with what `print` prints; `context` is passed on. */
bool gallery_file(const char *folder, const char *name,
                  void (*print)(FILE *out, const void *context), const void *context,
                  struct error *err) MUST_CHECK;

#endif
