/*
 * Pages from elsewhere: which origins may read our answers (the Fetch standard's CORS protocol).
 */
#ifndef DIGIT_CORS_H
#define DIGIT_CORS_H

#include "server/http.h"

/* Whether `origins` is what the next two take: "*", or scheme://host[:port],... */
bool cors_check(const char *origins, struct error *err) MUST_CHECK;

/* Adds to the answer what lets the page that asks read it, if it may. `origins` NULL: nobody. */
void cors_admit(struct http_exchange *ex, const char *origins);

/* Adds to the answer to OPTIONS what a browser asks for before it sends such a request (a
 * preflight), if that is what this is and it may. `methods` as Allow has them. */
void cors_preflight(struct http_exchange *ex, const char *origins, const char *methods);

#endif
