/*
 * A local file into HDFS, under a temporary name, compared.
 */
#ifndef DIGIT_STORE_UPLOAD_H
#define DIGIT_STORE_UPLOAD_H

#include "model/store.h"

/* store_stage, for URLs of HDFS and options that are complete. */
bool upload_stage(struct store_staged *out, const char *path, const char *sha256, const char *url,
                  const struct store_options *options, struct error *err) MUST_CHECK;

#endif
