/*
 * The site: the files that a browser is sent, the page at / and the documentation at /docs, and the
 * OpenAPI document. They are built into the program, compressed already, by site/pack.py.
 */
#ifndef DIGIT_SITE_H
#define DIGIT_SITE_H

#include "server/http.h"

/* Whether there is a file, or another file's old name, at this path. */
bool site_has(const char *path);

/* Sends the file at the exchange's path, which there must be: in the best coding that the client
 * takes, or 304 (RFC 9110, section 13) to one that has it already. */
void site_send(struct http_exchange *ex, void *context);

#endif
