/*
 * API keys: who may ask.
 *
 * They stand in a file, one a line: the key, or a name and the key. In the key's place its SHA-256
 * may stand (`sha256:` and 64 hexadecimal digits). Empty lines and those that begin with # are
 * passed over. Here only hashes are kept: what a client sends is hashed and compared with every one
 * of them, in a time that does not depend on what it is.
 */
#ifndef DIGIT_KEYS_H
#define DIGIT_KEYS_H

#include <stddef.h>

#include "model/error.h"

enum { KEYS_NAME_SIZE = 33 };

struct keys;

/* Reads the file; `path` is lent until keys_close. `seats`: how many threads ask, each with a
 * number below this. */
bool keys_open(struct keys **out, const char *path, size_t seats, struct error *err) MUST_CHECK;

/* Reads it again; on failure the keys stay what they were. One thread at a time. */
bool keys_reload(struct keys *k, struct error *err) MUST_CHECK;

/* Whether the key is known, and its name; a key without one is called by its line, "line 3". On the
 * seat's thread. */
bool keys_know(struct keys *k, size_t seat, const char *key, char name[KEYS_NAME_SIZE]) MUST_CHECK;

/* Accepts NULL. */
void keys_close(struct keys *k);

#endif
