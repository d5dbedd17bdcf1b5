/*
 * Framing, read strictly: what two readers could read in two ways is refused, since one of them may
 * be a proxy in front of us. Runs on the exchange's loop; no state.
 */
#include "server/http/framing.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Of a field's name: RFC 9110, section 5.6.2. */
static bool is_token(const char *text, size_t len)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i], letter = c | 0x20;
        if ((letter < 'a' || letter > 'z') && (c < '0' || c > '9') &&
            (c == '\0' || strchr(others, c) == NULL))
            return false;
    }
    return len > 0;
}

/* What no value may hold: another reader might see the line's end there. */
static bool breaks_lines(const char *value, size_t len)
{
    return memchr(value, '\0', len) != NULL || memchr(value, '\r', len) != NULL ||
           memchr(value, '\n', len) != NULL;
}

/* libmicrohttpd 0.9 glues a folded line to the field's name, in memory of its own. Of a field in one line
 * the value follows the name, with nothing but blanks between. */
static bool is_folded(const char *name, size_t name_len, const char *value)
{
    const char *between = name + name_len + 1;
    if ((uintptr_t)value < (uintptr_t)between)
        return true;
    while (between != value && (*between == ' ' || *between == '\t'))
        between++;
    return between != value;
}

/* Values are handed over as C strings. Before 0.9.77 the library puts a NUL in the place of each of a
 * line's last two bytes, CR and LF, and of the empty line's. Where one or three follow a value, the client
 * has put one there, or ended a line in its own way. Behind the last field there is no telling. */
static bool is_cut_off(const char *value, size_t len)
{
    const char *end = value + len;
    return MHD_VERSION < 0x00097700 &&
           (end[1] != '\0' || (end[2] == '\0' && end[3] != '\0'));
}

/* RFC 9110, section 7.2, as far as it matters: nothing that a reader could take for more than a name
 * and a port. */
static bool is_host(const char *value)
{
    const size_t len = strcspn(value, "/@,?#\\ \t");
    return value[len + strspn(value + len, " \t")] == '\0'; /* the library keeps what ends a line */
}

static bool is_length(const char *value)
{
    const size_t digits = strspn(value, "0123456789");
    return digits > 0 && value[digits + strspn(value + digits, " \t")] == '\0';
}

static size_t parse_length(const char *value)
{
    unsigned long long length = value == NULL ? 0 : strtoull(value, NULL, 10);
    return length < SIZE_MAX ? (size_t)length : SIZE_MAX - 1;
}

static enum MHD_Result count_framing(void *context, enum MHD_ValueKind kind, const char *name,
                                     size_t name_len, const char *value, size_t value_len)
{
    struct framing *f = context;
    (void)kind;
    if (!is_token(name, name_len))
        f->fault = "a field's name holds what no name may";
    else if (value != NULL && is_folded(name, name_len, value))
        f->fault = "a field goes on in another line";
    else if (value != NULL && (is_cut_off(value, value_len) || breaks_lines(value, value_len)))
        f->fault = "a field's value holds a NUL or an end of line";
    if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
        f->lengths++;
        if (value == NULL || !is_length(value))
            f->fault = "Content-Length is to be a number";
        f->length = parse_length(value);
    } else if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
        f->codings++;
        f->chunked = value != NULL && strcasecmp(value, "chunked") == 0;
    } else if (strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0) {
        f->hosts++;
        if (value != NULL && !is_host(value))
            f->fault = "Host is to be a name or an address, with a port or without";
    } else if (strcasecmp(name, MHD_HTTP_HEADER_EXPECT) == 0) {
        f->continues = true;
    }
    return MHD_YES;
}

void framing_read(struct framing *out, struct MHD_Connection *connection)
{
    *out = (struct framing){0};
    MHD_get_connection_values_n(connection, MHD_HEADER_KIND, count_framing, out);
}

/* The library takes the first of two lengths, and hangs on a coding that it does not know. */
bool framing_check(const struct framing *f, const char *version, struct error *err)
{
    if (f->fault != NULL)
        return error_set(err, ERROR_BAD_REQUEST, "%s", f->fault);
    if (f->codings > 0 && strcmp(version, MHD_HTTP_VERSION_1_1) != 0)
        return error_set(err, ERROR_BAD_REQUEST, "there is no Transfer-Encoding before HTTP/1.1");
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
