/*
 * What digitd answers to POST /predict, read strictly: any bytes may come.
 */
#ifndef DIGIT_CLIENT_ANSWER_H
#define DIGIT_CLIENT_ANSWER_H

#include <stddef.h>

#include "model/digit.h"
#include "model/error.h"

/* Fills the probabilities, each from 0 to 1, from {"probabilities": [...], ...}. Any thread. */
bool client_answer_read(float probabilities[DIGIT_CLASSES], const char *body, size_t len,
                        const char *peer, struct error *err) MUST_CHECK;

/* Makes an error of an answer with another status than 200: its `detail` (RFC 9457), or the status
 * alone where it has none. 503 becomes ERROR_STORE_DOWN. Always returns false, as error_set does.
 * Any thread. */
bool client_answer_refusal(const char *body, size_t len, long status, const char *peer,
                           struct error *err);

#endif
