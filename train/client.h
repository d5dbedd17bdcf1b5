/*
 * A running digitd as what predicts, instead of an engine in this process. It is spoken to by
 * POST /predict, see openapi/openapi.yaml.
 */
#ifndef DIGIT_CLIENT_H
#define DIGIT_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "model/digit.h"
#include "model/error.h"

/* Texts are lent. */
struct client_options {
    const char *url;      /* http://HOST[:PORT], or https; without /predict */
    const char *key_file; /* its first line is the API key; empty: none is shown */
    const char *ca_file;  /* trusted for https; empty: the system's */
};

struct client;

/* Does not speak to the server yet. Loads the plug-in with libcurl. */
bool client_open(struct client **out, const struct client_options *options,
                 struct error *err) MUST_CHECK;

/* Fills the probabilities from what the server says to the picture's file. What it refuses is told
 * in its own words. Fails with ERROR_STORE_DOWN when it is not reached or has no time: then it is
 * of no use to send more now. One thread. */
bool client_predict(struct client *c, const uint8_t *file, size_t len,
                    float probabilities[DIGIT_CLASSES], struct error *err) MUST_CHECK;

/* Accepts NULL. */
void client_close(struct client *c);

#endif
