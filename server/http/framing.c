/*
 * Framing, read strictly: what two readers could read in two ways is refused, since one of them may
 * be a proxy in front of us. Runs on the exchange's loop; no state.
 */
#include "server/http/framing.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static size_t parse_length(const char *value)
{
    unsigned long long length = value == NULL ? 0 : strtoull(value, NULL, 10);
    return length < SIZE_MAX ? (size_t)length : SIZE_MAX - 1;
}

static enum MHD_Result count_framing(void *context, enum MHD_ValueKind kind, const char *name,
                                     const char *value)
{
    struct framing *f = context;
    (void)kind;
    if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
        f->lengths++;
        f->length = parse_length(value);
    } else if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
        f->codings++;
        f->chunked = value != NULL && strcasecmp(value, "chunked") == 0;
    } else if (strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0) {
        f->hosts++;
    } else if (strcasecmp(name, MHD_HTTP_HEADER_EXPECT) == 0) {
        f->continues = true;
    }
    return MHD_YES;
}

void framing_read(struct framing *out, struct MHD_Connection *connection)
{
    *out = (struct framing){0};
    MHD_get_connection_values(connection, MHD_HEADER_KIND, count_framing, out);
}

/* The library takes the first of two lengths, and hangs on a coding that it does not know. */
bool framing_check(const struct framing *f, const char *version, struct error *err)
{
    if (f->lengths > 1)
        return error_set(err, ERROR_BAD_REQUEST, "there is more than one Content-Length");
    if (f->codings > 1 || (f->codings == 1 && !f->chunked))
        return error_set(err, ERROR_BAD_REQUEST, "the only Transfer-Encoding taken is 'chunked'");
    if (f->codings == 1 && f->lengths == 1)
        return error_set(err, ERROR_BAD_REQUEST,
                         "send Content-Length or Transfer-Encoding, not both");
    if (f->hosts > 1 || (f->hosts == 0 && strcmp(version, MHD_HTTP_VERSION_1_1) == 0))
        return error_set(err, ERROR_BAD_REQUEST, "send exactly one Host");
    return true;
}
