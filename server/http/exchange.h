/*
 * What the loop needs of exchanges: libmicrohttpd's callbacks, and a way back for late replies.
 */
#ifndef DIGIT_HTTP_EXCHANGE_H
#define DIGIT_HTTP_EXCHANGE_H

#include <microhttpd.h>

#include "server/http.h"

/* MHD_AccessHandlerCallback and MHD_RequestCompletedCallback; the context is a struct loop. */
enum MHD_Result exchange_on_request(void *context, struct MHD_Connection *connection,
                                    const char *path, const char *method, const char *version,
                                    const char *piece, size_t *piece_len, void **slot);
void exchange_on_end(void *context, struct MHD_Connection *connection, void **slot,
                     enum MHD_RequestTerminationCode code);

/* Resumes the connections of a list of deferred exchanges that have their replies, and counts
 * them. On the loop. */
size_t exchange_resume_all(struct http_exchange *list);

/* Links an exchange before a list. */
struct http_exchange *exchange_link(struct http_exchange *ex, struct http_exchange *list);

#endif
