/*
 * The only file about stores to see jansson. Any thread; no state. It knows nothing of requests:
 * what may come is decided by whoever asked.
 */
#include "model/store/answer.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MAX = 120, NOT_FOUND = 404, UNAUTHORIZED = 401, SERVER_ERROR = 500 };

/* Exceptions whose kind is not ERROR_STORE: those that pass by themselves, and those about what was
 * asked for. A plain IOException is told by its message: there are no DataNodes, or none that
 * works.
 */
static const struct {
    const char *exception;
    enum error_code code;
    const char *part; /* of the message; NULL: any */
} kinds[] = {
    {"StandbyException", ERROR_STORE_DOWN, NULL},
    {"RetriableException", ERROR_STORE_DOWN, NULL},
    {"SafeModeException", ERROR_STORE_DOWN, NULL},
    {"ObserverRetryOnActiveException", ERROR_STORE_DOWN, NULL},
    {"IOException", ERROR_STORE_DOWN, "datanode"},
    {"IOException", ERROR_STORE_DOWN, "block"},
    {"IOException", ERROR_STORE_DOWN, "minReplication"},
    {"IOException", ERROR_STORE_DOWN, "local exception"},
    {"EOFException", ERROR_STORE_DOWN, NULL},
    {"ConnectException", ERROR_STORE_DOWN, NULL},
    {"SocketTimeoutException", ERROR_STORE_DOWN, NULL},
    {"NoRouteToHostException", ERROR_STORE_DOWN, NULL},
    {"BlockMissingException", ERROR_STORE_DOWN, NULL},
    {"FileNotFoundException", ERROR_NOT_FOUND, NULL},
    {"InvalidPathException", ERROR_BAD_ARGUMENT, NULL},
};

/* What to do about an exception, where the message does not say it. */
static const struct {
    const char *exception;
    const char *advice;
} advices[] = {
    {"AccessControlException", "; ask as another user, or for the permission"},
    {"NSQuotaExceededException", "; remove files, or ask for a larger quota"},
    {"DSQuotaExceededException", "; remove files, or ask for a larger quota"},
    {"SecurityException", "; say who asks: by user, token file or Kerberos"},
    {"InvalidToken", "; get another token"},
};

static json_t *load(const char *body, size_t len)
{
    return json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL);
}

static bool unreadable(struct error *err, const char *what)
{
    return error_set(err, ERROR_STORE, "the answer is not what WebHDFS answers: %s", what);
}

/* The length of the message's first line, cut where it is too long. Java's messages go on with the
 * stack of calls. */
static int message_len(const char *message)
{
    size_t len = strcspn(message, "\r\n");
    if (len <= MESSAGE_MAX)
        return (int)len;
    len = MESSAGE_MAX;
    /* Not in the middle of a character of UTF-8. */
    while (len > 0 && ((unsigned char)message[len] & 0xc0) == 0x80)
        len--;
    return (int)len;
}

static const char *advice_of(const char *exception)
{
    for (size_t i = 0; i < sizeof advices / sizeof *advices; i++)
        if (strcmp(advices[i].exception, exception) == 0)
            return advices[i].advice;
    return "";
}

static enum error_code kind_of(const char *exception, const char *message)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].exception, exception) == 0 &&
            (kinds[i].part == NULL || strcasestr(message, kinds[i].part) != NULL))
            return kinds[i].code;
    return ERROR_STORE;
}

static bool refusal_without_reason(long status, const char *peer, struct error *err)
{
    if (status == UNAUTHORIZED)
        return error_set(err, ERROR_STORE,
                         "%s wants to know who asks (HTTP 401): by token file or Kerberos", peer);
    return error_set(err, status >= SERVER_ERROR ? ERROR_STORE_DOWN : ERROR_STORE,
                     "%s answers HTTP %ld and does not say why; is it WebHDFS?", peer, status);
}

bool answer_refusal(const char *body, size_t len, long status, const char *path, const char *peer,
                    struct error *err)
{
    const char *exception = NULL, *message = "";
    json_t *root = load(body, len);
    if (json_unpack(root, "{s:{s:s, s?s}}", "RemoteException", "exception", &exception, "message",
                    &message) != 0)
        refusal_without_reason(status, peer, err);
    else if (kind_of(exception, message) == ERROR_NOT_FOUND)
        error_set(err, ERROR_NOT_FOUND, "there is no '%s'", path);
    else
        error_set(err, kind_of(exception, message), "%s: %.40s: %.*s%s", peer, exception,
                  message_len(message), message, advice_of(exception));
    json_decref(root);
    return false;
}

bool answer_location(char *out, size_t size, const char *body, size_t len, struct error *err)
{
    json_t *root = load(body, len);
    const char *location = json_string_value(json_object_get(root, "Location"));
    bool ok = location != NULL && strlen(location) < size;
    if (ok)
        memcpy(out, location, strlen(location) + 1);
    json_decref(root);
    return ok || unreadable(err, "there is no Location");
}

static bool read_status(struct store_entry *out, uint64_t *id, json_t *status)
{
    const char *type;
    json_int_t len, modified, file_id = 0;
    if (json_unpack(status, "{s:s, s:I, s:I, s?I}", "type", &type, "length", &len,
                    "modificationTime", &modified, "fileId", &file_id) != 0 ||
        len < 0 || file_id < 0)
        return false;
    out->is_folder = strcmp(type, "DIRECTORY") == 0;
    out->len = out->is_folder ? 0 : (uint64_t)len;
    out->modified_ms = modified;
    *id = (uint64_t)file_id;
    return true;
}

bool answer_status(struct store_entry *out, uint64_t *id, const char *body, size_t len,
                   struct error *err)
{
    json_t *root = load(body, len);
    *out = (struct store_entry){0};
    bool ok = read_status(out, id, json_object_get(root, "FileStatus"));
    json_decref(root);
    return ok || unreadable(err, "there is no proper FileStatus");
}

static bool read_name(char out[STORE_NAME_SIZE], const json_t *value)
{
    const char *name = json_string_value(value);
    size_t len = json_string_length(value);
    if (name == NULL || len == 0 || len >= STORE_NAME_SIZE || strcmp(name, ".") == 0 ||
        strcmp(name, "..") == 0)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)name[i] < ' ' || name[i] == 0x7f || name[i] == '/')
            return false;
    memcpy(out, name, len + 1);
    return true;
}

static bool add(struct answer_list *list, size_t more, struct error *err)
{
    if (list->count + more <= list->room)
        return true;
    size_t room = 2 * (list->count + more);
    struct store_entry *grown = realloc(list->entries, room * sizeof *grown);
    if (grown == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a list of files");
    list->entries = grown;
    list->room = room;
    return true;
}

static bool read_page(struct answer_list *list, const json_t *files, struct error *err)
{
    uint64_t id;
    size_t count = json_array_size(files);
    if (!add(list, count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct store_entry *e = &list->entries[list->count];
        json_t *file = json_array_get(files, i);
        if (!read_status(e, &id, file))
            return unreadable(err, "there is no proper FileStatus in a list");
        if (!read_name(e->name, json_object_get(file, "pathSuffix")))
            return unreadable(err, "a name in a list is not one that a file can have");
        list->count++;
    }
    return true;
}

bool answer_listing(struct answer_list *list, uint64_t *remaining, const char *body, size_t len,
                    struct error *err)
{
    json_t *files;
    json_int_t left;
    json_t *root = load(body, len);
    bool ok = json_unpack(root, "{s:{s:{s:{s:o}}, s:I}}", "DirectoryListing", "partialListing",
                          "FileStatuses", "FileStatus", &files, "remainingEntries", &left) == 0 &&
              json_is_array(files) && left >= 0;
    if (!ok)
        unreadable(err, "there is no proper DirectoryListing");
    else
        ok = read_page(list, files, err);
    *remaining = ok ? (uint64_t)left : 0;
    json_decref(root);
    return ok;
}

bool answer_boolean(bool *out, const char *body, size_t len, struct error *err)
{
    json_t *root = load(body, len);
    const json_t *value = json_object_get(root, "boolean");
    bool ok = json_is_boolean(value);
    *out = json_is_true(value);
    json_decref(root);
    return ok || unreadable(err, "there is no boolean");
}
