/*
 * The only file to see libcurl. One thread uses a `struct transfer`. It knows HTTP, and nothing of
 * what is asked and answered by it.
 *
 * libcurl is told to do less than it would: no redirects, no proxy from the environment (a token
 * in a URL would be told to it), no .netrc, no signals, no protocol but the one of the URL. Time
 * without a byte in either direction is measured here, in milliseconds, and not by libcurl.
 */
#include "model/store/transfer.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TYPE_FIELD_SIZE = 128 };

struct transfer {
    CURL *curl;
    const struct store_options *options;
    char *body; /* owned */
    size_t body_size;
    char why[CURL_ERROR_SIZE];
};

/* What the callbacks of one request share. */
struct call {
    struct transfer *transfer;
    struct transfer_answer *answer;
    const struct transfer_request *request;
    struct error err;
    curl_off_t moved; /* bytes, both directions */
    uint64_t given;
    int64_t moved_at_ms;
    bool headers_end; /* the empty line after them was seen */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool ready;

static void start_library(void)
{
    ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool transfer_open(struct transfer **out, const struct store_options *options, struct error *err)
{
    (void)pthread_once(&once, start_library);
    struct transfer *t = ready ? calloc(1, sizeof *t) : NULL;
    if (t != NULL)
        t->curl = curl_easy_init();
    if (t == NULL || t->curl == NULL) {
        free(t);
        return error_set(err, ERROR_OUT_OF_MEMORY, "libcurl cannot be started");
    }
    t->options = options;
    *out = t;
    return true;
}

void transfer_close(struct transfer *t)
{
    if (t == NULL)
        return;
    curl_easy_cleanup(t->curl);
    free(t->body);
    free(t);
}

static long status_of(struct transfer *t)
{
    long status = 0;
    (void)curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

/* What is kept is bounded. What is over the bound is an error only where an answer is wanted: of a
 * refusal the start is enough. */
static bool keep(struct call *c, const char *bytes, size_t len)
{
    struct transfer *t = c->transfer;
    size_t needed = c->answer->len + len + 1;
    if (needed > TRANSFER_ANSWER_MAX)
        return status_of(t) / 100 != 2 ||
               error_set(&c->err, ERROR_STORE, "%s answers more than %d bytes", c->request->peer,
                         TRANSFER_ANSWER_MAX);
    if (needed > t->body_size) {
        size_t size = 2 * needed;
        char *grown = realloc(t->body, size);
        if (grown == NULL)
            return error_set(&c->err, ERROR_OUT_OF_MEMORY, "no memory for an answer");
        t->body = grown;
        t->body_size = size;
    }
    memcpy(t->body + c->answer->len, bytes, len);
    c->answer->len += len;
    t->body[c->answer->len] = '\0';
    return true;
}

static size_t on_take(char *bytes, size_t size, size_t count, void *context)
{
    struct call *c = context;
    const struct transfer_request *r = c->request;
    size_t len = size * count;
    bool ok = r->take != NULL && status_of(c->transfer) / 100 == 2
                  ? r->take(r->context, bytes, len, &c->err)
                  : keep(c, bytes, len);
    return ok ? len : CURL_WRITEFUNC_ERROR;
}

/* A connection that ends within the headers is an answer to libcurl: that of an empty body. */
static size_t on_header(char *line, size_t size, size_t count, void *context)
{
    struct call *c = context;
    size_t len = size * count;
    if (len >= 5 && memcmp(line, "HTTP/", 5) == 0)
        c->headers_end = false;
    else if (len > 0 && len <= 2 && (line[0] == '\r' || line[0] == '\n'))
        c->headers_end = true;
    return len;
}

static size_t on_give(char *buffer, size_t size, size_t count, void *context)
{
    struct call *c = context;
    const struct transfer_request *r = c->request;
    size_t got;
    uint64_t left = r->give_len - c->given;
    size_t room = size * count < left ? size * count : (size_t)left;
    if (room == 0)
        return 0;
    if (!r->give(r->context, buffer, room, &got, &c->err))
        return CURL_READFUNC_ABORT;
    if (got == 0) {
        error_set(&c->err, ERROR_FILE, "a file became shorter while it was sent; try again");
        return CURL_READFUNC_ABORT;
    }
    c->given += got;
    return got;
}

/* libcurl calls it at least about once a second. */
static int on_progress(void *context, curl_off_t take_total, curl_off_t taken,
                       curl_off_t give_total, curl_off_t given)
{
    struct call *c = context;
    const struct store_options *o = c->transfer->options;
    (void)take_total;
    (void)give_total;
    int64_t now = now_ms();
    if (taken + given != c->moved) {
        c->moved = taken + given;
        c->moved_at_ms = now;
    }
    if (!o->go_on(o->context))
        error_set(&c->err, ERROR_STORE_DOWN, "talking to %s was stopped", c->request->peer);
    else if (now - c->moved_at_ms >= (int64_t)o->stall_ms)
        error_set(&c->err, ERROR_STORE_DOWN, "%s was silent for %zu ms", c->request->peer,
                  o->stall_ms);
    return c->err.code != ERROR_NONE;
}

#define SET(option, value) (failures |= (int)curl_easy_setopt(curl, option, value))

static bool set_up(struct call *c, struct curl_slist *headers)
{
    CURL *curl = c->transfer->curl;
    const struct store_options *o = c->transfer->options;
    const struct transfer_request *r = c->request;
    int failures = CURLE_OK;
    curl_easy_reset(curl); /* the connections stay */
    SET(CURLOPT_ERRORBUFFER, c->transfer->why);
    SET(CURLOPT_URL, r->url);
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
#else
    SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)o->connect_ms);
    SET(CURLOPT_TIMEOUT_MS, (long)o->total_ms);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (o->ca_file != NULL)
        SET(CURLOPT_CAINFO, o->ca_file);
    if (r->negotiate) {
        SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_NEGOTIATE);
        SET(CURLOPT_USERPWD, ":");
    }
    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_CUSTOMREQUEST, r->method);
    if (r->give != NULL) {
        SET(CURLOPT_UPLOAD, 1L);
        SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)r->give_len);
        SET(CURLOPT_READFUNCTION, on_give);
        SET(CURLOPT_READDATA, c);
    }
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, c);
    SET(CURLOPT_WRITEFUNCTION, on_take);
    SET(CURLOPT_WRITEDATA, c);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, on_progress);
    SET(CURLOPT_XFERINFODATA, c);
    return failures == CURLE_OK;
}

/* Failures that no later attempt mends; all others may pass. */
static const struct {
    CURLcode code;
    enum error_code error;
} lasting[] = {
    {CURLE_OUT_OF_MEMORY, ERROR_OUT_OF_MEMORY},    {CURLE_URL_MALFORMAT, ERROR_BAD_ARGUMENT},
    {CURLE_UNSUPPORTED_PROTOCOL, ERROR_STORE},     {CURLE_SSL_CACERT_BADFILE, ERROR_BAD_ARGUMENT},
    {CURLE_PEER_FAILED_VERIFICATION, ERROR_STORE}, {CURLE_WEIRD_SERVER_REPLY, ERROR_STORE},
};

static bool failed(const struct call *c, CURLcode code, struct error *err)
{
    const char *why = c->transfer->why[0] ? c->transfer->why : curl_easy_strerror(code);
    if (c->err.code != ERROR_NONE)
        return error_set(err, c->err.code, "%s", c->err.text);
    for (size_t i = 0; i < sizeof lasting / sizeof *lasting; i++)
        if (lasting[i].code == code)
            return error_set(err, lasting[i].error, "%s: %s", c->request->peer, why);
    return error_set(err, ERROR_STORE_DOWN, "%s cannot be reached or was cut off: %s",
                     c->request->peer, why);
}

static void fill_location(struct transfer_answer *out, struct transfer *t)
{
    char *location = NULL;
    out->location[0] = '\0';
    if (out->status / 100 == 3 &&
        curl_easy_getinfo(t->curl, CURLINFO_REDIRECT_URL, &location) == CURLE_OK &&
        location != NULL && strlen(location) < sizeof out->location)
        memcpy(out->location, location, strlen(location) + 1);
}

/* NULL when there is no memory. "Expect: 100-continue" would make each upload wait for a word that
 * not all servers say. */
static struct curl_slist *header_fields(const struct transfer_request *request)
{
    char type[TYPE_FIELD_SIZE];
    (void)snprintf(type, sizeof type, "Content-Type: %s",
                   request->type != NULL ? request->type : "application/octet-stream");
    const char *const fields[] = {"Expect:", type, request->field};
    struct curl_slist *list = NULL;
    for (size_t i = 0; i < sizeof fields / sizeof *fields && fields[i] != NULL; i++) {
        struct curl_slist *longer = curl_slist_append(list, fields[i]);
        if (longer == NULL) {
            curl_slist_free_all(list);
            return NULL;
        }
        list = longer;
    }
    return list;
}

bool transfer_run(struct transfer *t, struct transfer_answer *out,
                  const struct transfer_request *request, struct error *err)
{
    struct call c = {.transfer = t, .answer = out, .request = request, .moved_at_ms = now_ms()};
    struct curl_slist *headers = header_fields(request);
    out->status = 0;
    out->len = 0;
    t->why[0] = '\0';
    bool ok = keep(&c, "", 0); /* there is a NUL at least */
    out->len = 0;
    if (ok && (headers == NULL || !set_up(&c, headers)))
        ok = error_set(&c.err, ERROR_OUT_OF_MEMORY, "libcurl cannot be set up");
    CURLcode code = ok ? curl_easy_perform(t->curl) : CURLE_OUT_OF_MEMORY;
    if (code == CURLE_OK && !c.headers_end)
        code = CURLE_GOT_NOTHING;
    if (code == CURLE_OK) {
        out->status = status_of(t);
        out->body = t->body;
        fill_location(out, t);
    }
    curl_slist_free_all(headers);
    return code == CURLE_OK || failed(&c, code, err);
}
