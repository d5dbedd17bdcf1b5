/*
 * What WebHDFS answers (Apache Hadoop, "WebHDFS REST API", JSON schemas), read strictly: any bytes
 * may come.
 */
#ifndef DIGIT_STORE_ANSWER_H
#define DIGIT_STORE_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "model/error.h"
#include "model/store.h"

/* Makes an error of an answer whose status is not the wanted one: of its RemoteException, or of the
 * status alone where it holds none. `path` is what was asked about, `peer` who answers. Always
 * returns false, as error_set does. */
bool answer_refusal(const char *body, size_t len, long status, const char *path, const char *peer,
                    struct error *err);

/* Fills `out` with the URL to which {"Location": ...} sends us; nothing else is checked of it. */
bool answer_location(char *out, size_t size, const char *body, size_t len,
                     struct error *err) MUST_CHECK;

/* Fills *out, without a name, and *id from {"FileStatus": {...}}. */
bool answer_status(struct store_entry *out, uint64_t *id, const char *body, size_t len,
                   struct error *err) MUST_CHECK;

/* Files in a folder, added page by page. */
struct answer_list {
    struct store_entry *entries; /* owned: free */
    size_t count;
    size_t room;
};

/* Adds the files of {"DirectoryListing": ...}; *remaining is how many there are after them. Names
 * must be ones that a file can have: none is empty, "." or "..", or holds a slash or a control
 * character. What was added stays when it fails. */
bool answer_listing(struct answer_list *list, uint64_t *remaining, const char *body, size_t len,
                    struct error *err) MUST_CHECK;

/* Fills *out from {"boolean": ...}. */
bool answer_boolean(bool *out, const char *body, size_t len, struct error *err) MUST_CHECK;

#endif
