/*
 * Errors as answers.
 */
#ifndef DIGIT_PROBLEM_H
#define DIGIT_PROBLEM_H

#include "server/http.h"

/* Tells the client to come back in a second; before a reply with status 503. */
void problem_retry(struct http_exchange *ex);

/* Answers with RFC 9457 problem details, or as the protocol of the path has it; the status follows
 * from the error's code. */
void problem_reply(struct http_exchange *ex, const struct error *problem);

#endif
