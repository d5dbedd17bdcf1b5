/*
 * Answers that are ready before they are asked for.
 */
#ifndef DIGIT_REPLY_H
#define DIGIT_REPLY_H

#include "server/http.h"
#include "server/service.h"

/* Sends that document of what is served now. On the exchange's loop. */
void reply_served(struct http_exchange *ex, const struct service *s, enum served_document id);

#endif
