/*
 * A server's client. One thread uses a `struct client`. Knows HTTP by the functions of
 * model/store/transfer.h, which are in a plug-in, so that `digit` starts without libcurl.
 */
#include "train/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/file.h"
#include "model/plugin.h"
#include "model/print.h"
#include "model/store/transfer.h"
#include "train/client/answer.h"

enum {
    CONNECT_MS = 5000,
    STALL_MS = 30000,
    TOTAL_MS = 120000,
    KEY_FILE_MAX = 4096,
    KEY_FIELD_SIZE = KEY_FILE_MAX + 32,
};

struct client {
    struct store_options options; /* what a transfer asks of them */
    const struct transfer_type *type;
    struct transfer *transfer; /* owned */
    char url[STORE_URL_SIZE];  /* of POST /predict */
    char peer[STORE_URL_SIZE]; /* "the server http://..." */
    char key[KEY_FIELD_SIZE];  /* the field; empty: none */
};

/* A picture on its way. */
struct upload {
    const uint8_t *at;
    size_t left;
};

static bool always(void *context)
{
    (void)context;
    return true;
}

static bool give(void *context, void *buffer, size_t size, size_t *got, struct error *err)
{
    struct upload *u = context;
    (void)err;
    *got = u->left < size ? u->left : size;
    memcpy(buffer, u->at, *got);
    u->at += *got;
    u->left -= *got;
    return true;
}

/* Of the picture; the server itself goes by the first bytes. */
static const char *type_of(const uint8_t *file, size_t len)
{
    static const struct {
        const char *magic;
        const char *type;
    } rows[] = {{"\xff\xd8", "image/jpeg"}, {"BM", "image/bmp"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (len >= 2 && memcmp(file, rows[i].magic, 2) == 0)
            return rows[i].type;
    return "image/png";
}

static bool read_url(struct client *c, const char *url, struct error *err)
{
    size_t len = strlen(url);
    const size_t scheme = strcspn(url, ":") + strlen("://");
    if ((strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0) ||
        len <= scheme || strpbrk(url, "?# ") != NULL)
        return error_set(err, ERROR_BAD_ARGUMENT, "'%.80s' names no server; write http://HOST:PORT",
                         url);
    while (url[len - 1] == '/')
        len--;
    if (!print_fits(c->url, sizeof c->url, "%.*s/predict", (int)len, url) ||
        !print_fits(c->peer, sizeof c->peer, "the server %.*s", (int)len, url))
        return error_set(err, ERROR_BAD_ARGUMENT, "'%.60s...' is too long for a URL", url);
    return true;
}

static bool read_key(struct client *c, const char *path, struct error *err)
{
    uint8_t *bytes;
    size_t len;
    if (path[0] == '\0')
        return true;
    if (!file_read(&bytes, &len, path, KEY_FILE_MAX, err))
        return false;
    size_t end = 0;
    while (end < len && bytes[end] > ' ' && bytes[end] <= '~')
        end++;
    (void)snprintf(c->key, sizeof c->key, "Authorization: Bearer %.*s", (int)end,
                   (const char *)bytes);
    free(bytes);
    return end > 0 || error_set(err, ERROR_BAD_ARGUMENT, "%s: its first line is no API key", path);
}

static bool load(struct client *c, struct error *err)
{
    const void *symbol;
    struct error why = {0};
    if (!plugin_symbol(&symbol, TRANSFER_PLUGIN, TRANSFER_SYMBOL, &why))
        return error_set(err, why.code, "a server is spoken to by libcurl%s: %s",
                         why.code == ERROR_NOT_FOUND ? " (build with its headers installed)" : "",
                         why.text);
    c->type = symbol;
    return c->type->open(&c->transfer, &c->options, err);
}

bool client_open(struct client **out, const struct client_options *options, struct error *err)
{
    struct client *c = calloc(1, sizeof *c);
    if (c == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a client");
    c->options = (struct store_options){
        .ca_file = options->ca_file[0] != '\0' ? options->ca_file : NULL,
        .connect_ms = CONNECT_MS,
        .stall_ms = STALL_MS,
        .total_ms = TOTAL_MS,
        .go_on = always,
    };
    if (!read_url(c, options->url, err) || !read_key(c, options->key_file, err) || !load(c, err)) {
        client_close(c);
        return false;
    }
    *out = c;
    return true;
}

bool client_predict(struct client *c, const uint8_t *file, size_t len,
                    float probabilities[DIGIT_CLASSES], struct error *err)
{
    struct upload upload = {file, len};
    const struct transfer_request request = {
        .method = "POST",
        .url = c->url,
        .peer = c->peer,
        .type = type_of(file, len),
        .field = c->key[0] != '\0' ? c->key : NULL,
        .give = give,
        .give_len = len,
        .context = &upload,
    };
    struct transfer_answer *answer = malloc(sizeof *answer);
    if (answer == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for an answer");
    bool good = c->type->run(c->transfer, answer, &request, err);
    if (good && answer->status != 200)
        good = client_answer_refusal(answer->body, answer->len, answer->status, c->peer, err);
    else if (good)
        good = client_answer_read(probabilities, answer->body, answer->len, c->peer, err);
    free(answer);
    return good;
}

void client_close(struct client *c)
{
    if (c == NULL)
        return;
    if (c->type != NULL)
        c->type->close(c->transfer);
    free(c);
}
