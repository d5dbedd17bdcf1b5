/*
 * WebHDFS requests: what is asked, of whom, with which credentials, and which answers are good. One
 * thread. It knows nothing of retries.
 *
 * Credentials go to NameNodes only. What a DataNode needs of them stands in the URL to which the
 * NameNode sends us, which is checked before it is followed, and followed once.
 */
#include "model/store/webhdfs.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/file.h"

enum { TOKEN_MAX = 16 * 1024, PEER_SIZE = 128, LIST_MAX = 1000000 };

enum { OK = 200, CREATED = 201, TEMPORARY_REDIRECT = 307 };

/* A token as WebHDFS writes it is of base64's letters for URLs; nothing else is sent. */
static bool read_token(char **out, const char *path, struct error *err)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=";
    uint8_t *bytes;
    size_t len;
    if (!file_read(&bytes, &len, path, TOKEN_MAX, err))
        return false;
    char *text = (char *)bytes;
    size_t used = strspn(text, letters);
    bool ok = used > 0 && used + strspn(text + used, " \t\r\n") == len;
    if (!ok)
        error_set(err, ERROR_BAD_ARGUMENT,
                  "'%s' holds no delegation token: one line of letters, digits, '-' and '_'", path);
    else if (asprintf(out, "&delegation=%.*s", (int)used, text) < 0)
        ok = error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a token");
    explicit_bzero(bytes, len);
    free(bytes);
    return ok;
}

static bool name_user(char **out, const char *user, struct error *err)
{
    char buffer[4096], encoded[1024] = "&user.name=";
    struct passwd entry, *found = NULL;
    if (user == NULL && getpwuid_r(geteuid(), &entry, buffer, sizeof buffer, &found) == 0 &&
        found != NULL)
        user = found->pw_name;
    if (user == NULL || user[0] == '\0')
        encoded[0] = '\0';
    else if (!url_encode(encoded, sizeof encoded, user, ""))
        return error_set(err, ERROR_BAD_ARGUMENT, "the user's name is too long");
    *out = strdup(encoded);
    return *out != NULL || error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a name");
}

static bool fill_credentials(struct webhdfs *w, struct error *err)
{
    const struct store_options *o = w->options;
    if (o->token_file != NULL)
        return read_token(&w->credentials, o->token_file, err);
    if (!o->negotiate)
        return name_user(&w->credentials, o->user, err);
    w->credentials = strdup("");
    return w->credentials != NULL || error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a name");
}

bool webhdfs_open(struct webhdfs *w, const char *url, const struct store_options *options,
                  struct error *err)
{
    *w = (struct webhdfs){.options = options};
    if (url_parse(&w->url, url, options->hdfs_http_port, err) && fill_credentials(w, err) &&
        transfer_open(&w->transfer, options, err))
        return true;
    webhdfs_close(w);
    return false;
}

void webhdfs_close(struct webhdfs *w)
{
    if (w->credentials != NULL)
        explicit_bzero(w->credentials, strlen(w->credentials));
    free(w->credentials);
    transfer_close(w->transfer);
    *w = (struct webhdfs){0};
}

static void peer_text(char out[PEER_SIZE], const char *what, const struct url_node *node)
{
    (void)snprintf(out, PEER_SIZE, "the %s %.100s:%u", what, node->host, node->port);
}

enum redirects { REDIRECT_NEVER, REDIRECT_MAY };

/* Asks the NameNode. An answer of another status than 200 is an error, but for a redirect where
 * there may be one: Hadoop 2 does not know "noredirect" and sends us on by a header. */
static bool ask(struct webhdfs *w, struct transfer_answer *answer, const char *method,
                const char *path, const char *query, enum redirects redirects, struct error *err)
{
    const struct url_node *node = &w->url.nodes[w->node];
    char peer[PEER_SIZE], *url;
    peer_text(peer, "NameNode", node);
    if (!url_request(&url, &w->url, node, path, query, w->credentials, err))
        return false;
    const struct transfer_request request = {
        .method = method, .url = url, .peer = peer, .negotiate = w->options->negotiate};
    bool ok = transfer_run(w->transfer, answer, &request, err);
    explicit_bzero(url, strlen(url));
    free(url);
    if (!ok || answer->status == OK)
        return ok;
    if (redirects == REDIRECT_MAY && answer->status == TEMPORARY_REDIRECT &&
        answer->location[0] != '\0')
        return true;
    return answer_refusal(answer->body, answer->len, answer->status, path, peer, err);
}

bool webhdfs_look(struct webhdfs *w, const char *path, struct store_entry *out, uint64_t *id,
                  struct error *err)
{
    struct transfer_answer answer;
    if (!ask(w, &answer, "GET", path, "op=GETFILESTATUS", REDIRECT_NEVER, err) ||
        !answer_status(out, id, answer.body, answer.len, err))
        return false;
    const char *name = strrchr(path, '/') + 1;
    if (strlen(name) >= sizeof out->name)
        return error_set(err, ERROR_BAD_ARGUMENT, "the name of '%.60s...' is too long", path);
    memcpy(out->name, name, strlen(name) + 1);
    return true;
}

static bool list_page(struct webhdfs *w, const char *path, struct answer_list *out,
                      uint64_t *remaining, struct error *err)
{
    struct transfer_answer answer;
    char query[3 * STORE_NAME_SIZE + 64];
    (void)snprintf(query, sizeof query, "op=LISTSTATUS_BATCH%s",
                   out->count > 0 ? "&startAfter=" : "");
    if (out->count > 0 &&
        !url_encode(query, sizeof query, out->entries[out->count - 1].name, ""))
        return error_set(err, ERROR_STORE, "a name in '%.60s' is too long", path);
    return ask(w, &answer, "GET", path, query, REDIRECT_NEVER, err) &&
           answer_listing(out, remaining, answer.body, answer.len, err);
}

bool webhdfs_list(struct webhdfs *w, const char *path, struct answer_list *out, struct error *err)
{
    uint64_t id, remaining = 1;
    struct store_entry folder;
    out->count = 0;
    if (!webhdfs_look(w, path, &folder, &id, err))
        return false;
    if (!folder.is_folder)
        return error_set(err, ERROR_STORE, "'%s' is a file and not a folder", path);
    while (remaining > 0) {
        size_t before = out->count;
        if (!list_page(w, path, out, &remaining, err))
            return false;
        if (out->count > LIST_MAX || (remaining > 0 && out->count == before))
            return error_set(err, ERROR_STORE, "the list of '%.60s' does not end", path);
    }
    return true;
}

/* Asks the NameNode where to read or write; *out is the caller's to free. */
static bool ask_where(struct webhdfs *w, char **out, struct url_node *node, const char *method,
                      const char *path, const char *query, struct error *err)
{
    struct transfer_answer answer;
    char *location = answer.location;
    const char *allowed = w->options->redirect_hosts;
    bool ok = ask(w, &answer, method, path, query, REDIRECT_MAY, err) &&
              (location[0] != '\0' ||
               answer_location(location, sizeof answer.location, answer.body, answer.len, err)) &&
              url_redirect(out, node, location, &w->url, path, allowed, err);
    explicit_bzero(location, sizeof answer.location);
    return ok;
}

/* For minutes, NameNodes send clients to a DataNode that has died. Where there is another one than
 * the one that failed last, we ask for that. */
static bool ask_where_else(struct webhdfs *w, char **out, struct url_node *node, const char *method,
                           const char *path, const char *query, struct error *err)
{
    char more[URL_HOST_SIZE + 128];
    struct error unsaid = {0};
    bool shun = w->shunned[0] != '\0' && strchr(w->shunned, ':') == NULL;
    (void)snprintf(more, sizeof more, "%s&excludedatanodes=%s", query, w->shunned);
    w->shunned[0] = '\0';
    return (shun && ask_where(w, out, node, method, path, more, &unsaid)) ||
           ask_where(w, out, node, method, path, query, err);
}

/* Goes where the NameNode sends us. */
static bool follow(struct webhdfs *w, struct transfer_request *request, const char *path,
                   const char *query, long wanted, struct error *err)
{
    struct transfer_answer answer;
    struct url_node node;
    char peer[PEER_SIZE], *url;
    if (!ask_where_else(w, &url, &node, request->method, path, query, err))
        return false;
    peer_text(peer, "DataNode", &node);
    request->url = url;
    request->peer = peer;
    bool ok = transfer_run(w->transfer, &answer, request, err);
    if (!ok)
        memcpy(w->shunned, node.host, sizeof node.host);
    else if (answer.status != wanted)
        ok = answer_refusal(answer.body, answer.len, answer.status, path, peer, err);
    explicit_bzero(url, strlen(url));
    free(url);
    return ok;
}

bool webhdfs_read(struct webhdfs *w, const char *path,
                  bool (*take)(void *context, const void *bytes, size_t len, struct error *err),
                  void *context, struct error *err)
{
    struct transfer_request request = {.method = "GET", .take = take, .context = context};
    return follow(w, &request, path, "op=OPEN&noredirect=true", OK, err);
}

bool webhdfs_write(struct webhdfs *w, const char *path, uint64_t len,
                   bool (*give)(void *context, void *buffer, size_t size, size_t *got,
                                struct error *err),
                   void *context, struct error *err)
{
    struct transfer_request request = {
        .method = "PUT", .give = give, .give_len = len, .context = context};
    return follow(w, &request, path, "op=CREATE&noredirect=true&overwrite=false", CREATED, err);
}

bool webhdfs_rename(struct webhdfs *w, const char *from, const char *to, struct error *err)
{
    static const char operation[] = "op=RENAME&renameoptions=OVERWRITE&destination=";
    struct transfer_answer answer;
    char query[sizeof operation + 3 * STORE_URL_SIZE];
    (void)snprintf(query, sizeof query, "%s", operation);
    if (!url_encode(query, sizeof query, to, "/"))
        return error_set(err, ERROR_BAD_ARGUMENT, "a path is too long");
    return ask(w, &answer, "PUT", from, query, REDIRECT_NEVER, err);
}

bool webhdfs_delete(struct webhdfs *w, const char *path, struct error *err)
{
    bool was_there;
    struct transfer_answer answer;
    return ask(w, &answer, "DELETE", path, "op=DELETE&recursive=false", REDIRECT_NEVER, err) &&
           answer_boolean(&was_there, answer.body, answer.len, err) &&
           (was_there || error_set(err, ERROR_NOT_FOUND, "there is no '%s'", path));
}
