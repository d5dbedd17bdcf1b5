/*
 * The key file, and the set of keys that it makes. Sets never change; a reload puts another in the
 * place of the one before, which loops may be reading (server/current.h).
 */
#include "server/keys.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/file.h"
#include "model/print.h"
#include "server/current.h"
#include "server/log.h"

enum {
    FILE_MAX = 1 << 20, /* bytes */
    KEY_MIN = 16,       /* characters; shorter ones can be guessed */
    HASH_LEN = FILE_SHA256_SIZE - 1,
};

struct key {
    char name[KEYS_NAME_SIZE];
    char hash[FILE_SHA256_SIZE];
};

struct key_set {
    size_t count;
    struct key list[];
};

struct keys {
    const char *path;
    struct current *current; /* a struct key_set */
};

/* ---- the file ---- */

static bool set_name(struct key *key, const char *name, size_t line, struct error *err)
{
    if (name == NULL)
        (void)snprintf(key->name, sizeof key->name, "line %zu", line);
    else if (!print_fits(key->name, sizeof key->name, "%s", name))
        return error_set(err, ERROR_BAD_ARGUMENT, "line %zu: the name is longer than %d characters",
                         line, KEYS_NAME_SIZE - 1);
    return true;
}

static bool set_hash(struct key *key, const char *text, size_t line, struct error *err)
{
    static const char scheme[] = "sha256:";
    const char *hex = text + sizeof scheme - 1;
    if (strncmp(text, scheme, sizeof scheme - 1) != 0) {
        if (strlen(text) < KEY_MIN)
            return error_set(err, ERROR_BAD_ARGUMENT,
                             "line %zu: the key is shorter than %d characters", line, KEY_MIN);
        file_sha256(key->hash, text, strlen(text));
        return true;
    }
    if (strlen(hex) != HASH_LEN || strspn(hex, "0123456789abcdefABCDEF") != HASH_LEN)
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "line %zu: 64 hexadecimal digits must follow 'sha256:'", line);
    for (size_t i = 0; i < FILE_SHA256_SIZE; i++)
        key->hash[i] = (char)tolower((unsigned char)hex[i]);
    /* What a script writes whose variable was not set, and everybody knows. */
    char empty[FILE_SHA256_SIZE];
    file_sha256(empty, "", 0);
    return strcmp(key->hash, empty) != 0 ||
           error_set(err, ERROR_BAD_ARGUMENT, "line %zu: this is the hash of an empty key", line);
}

/* Adds the key of a line, if there is one. */
static bool read_line(struct key_set *set, char *text, size_t line, struct error *err)
{
    char *rest = NULL;
    char *words[3] = {strtok_r(text, " \t\r", &rest), NULL, NULL};
    if (words[0] == NULL || words[0][0] == '#')
        return true;
    words[1] = strtok_r(NULL, " \t\r", &rest);
    words[2] = strtok_r(NULL, " \t\r", &rest);
    if (words[2] != NULL)
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "line %zu: write a key, or a name and a key, without spaces in them",
                         line);
    struct key *key = &set->list[set->count++];
    return set_name(key, words[1] != NULL ? words[0] : NULL, line, err) &&
           set_hash(key, words[1] != NULL ? words[1] : words[0], line, err);
}

static size_t count_lines(const char *text)
{
    size_t lines = 1;
    for (const char *c = text; *c != '\0'; c++)
        lines += *c == '\n';
    return lines;
}

static bool parse(struct key_set **out, char *text, struct error *err)
{
    struct key_set *set = calloc(1, sizeof *set + count_lines(text) * sizeof set->list[0]);
    if (set == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for API keys");
    bool good = true;
    char *next = text;
    for (size_t line = 1; good && next != NULL; line++) {
        char *this = strsep(&next, "\n");
        good = read_line(set, this, line, err);
    }
    if (good && set->count == 0)
        good = error_set(err, ERROR_BAD_ARGUMENT, "there is no key in it");
    *out = set;
    return good;
}

static void warn_of_readers(const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0 && (status.st_mode & (S_IRGRP | S_IROTH)) != 0)
        log_line("others can read the API keys in %s; chmod 600 it", path);
}

static bool read_set(struct key_set **out, const char *path, struct error *err)
{
    uint8_t *text = NULL;
    size_t len = 0;
    struct error why = {0};
    *out = NULL;
    if (!file_read(&text, &len, path, FILE_MAX, err))
        return false;
    bool good = strlen((char *)text) == len
                    ? parse(out, (char *)text, &why)
                    : error_set(&why, ERROR_BAD_ARGUMENT, "there is a NUL in it; write text");
    explicit_bzero(text, len);
    free(text);
    if (!good) {
        free(*out);
        *out = NULL;
        return error_set(err, why.code, "the API keys in %s: %s", path, why.text);
    }
    warn_of_readers(path);
    return true;
}

/* ---- the interface ---- */

bool keys_open(struct keys **out, const char *path, size_t seats, struct error *err)
{
    struct key_set *set = NULL;
    struct keys *k = calloc(1, sizeof *k);
    if (k == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for API keys");
    k->path = path;
    if (!read_set(&set, path, err) || !current_open(&k->current, seats, set, err)) {
        free(set);
        free(k);
        return false;
    }
    *out = k;
    return true;
}

bool keys_reload(struct keys *k, struct error *err)
{
    struct key_set *set = NULL;
    if (!read_set(&set, k->path, err))
        return false;
    free(current_swap(k->current, set));
    return true;
}

/* Looks at every character, whatever the first ones are. */
static bool are_equal(const char *a, const char *b)
{
    unsigned differences = 0;
    for (size_t i = 0; i < HASH_LEN; i++)
        differences |= (unsigned)(unsigned char)a[i] ^ (unsigned char)b[i];
    return differences == 0;
}

bool keys_know(struct keys *k, size_t seat, const char *key, char name[KEYS_NAME_SIZE])
{
    char hash[FILE_SHA256_SIZE];
    const struct key *found = NULL;
    file_sha256(hash, key, strlen(key));
    const struct key_set *set = current_hold(k->current, seat);
    for (size_t i = 0; i < set->count; i++)
        if (are_equal(set->list[i].hash, hash))
            found = &set->list[i];
    if (found != NULL)
        memcpy(name, found->name, sizeof found->name);
    current_release(k->current, seat);
    return found != NULL;
}

void keys_close(struct keys *k)
{
    if (k == NULL)
        return;
    free(current_close(k->current));
    free(k);
}
