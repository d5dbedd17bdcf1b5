/*
 * Reading and writing JSON where memory may end. Any thread; each has a reserve of its own.
 *
 * jansson asks for memory here. Where there is none it is given some of the reserve, so that it
 * does not come to the code that cannot do without; what it makes of it is thrown away.
 */
#include "model/document.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

enum { RESERVE = 4096 };

static _Thread_local struct {
    alignas(max_align_t) unsigned char bytes[RESERVE];
    size_t used;
    bool is_open;
    bool memory_ended;
} reserve;

static void *take(size_t len)
{
    void *p = malloc(len);
    if (p != NULL || !reserve.is_open)
        return p;
    reserve.memory_ended = true;
    if (len > RESERVE - reserve.used)
        return NULL;
    p = reserve.bytes + reserve.used;
    len = (len + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    reserve.used += len < RESERVE - reserve.used ? len : RESERVE - reserve.used;
    return p;
}

static void give(void *p)
{
    const uintptr_t at = (uintptr_t)p, first = (uintptr_t)reserve.bytes;
    if (at < first || at >= first + RESERVE)
        free(p);
}

static void choose_memory(void)
{
    json_set_alloc_funcs(take, give);
}

static void open_reserve(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, choose_memory);
    reserve.used = 0;
    reserve.memory_ended = false;
    reserve.is_open = true;
}

/* Whether there was memory all the time. */
static bool close_reserve(struct error *err)
{
    reserve.is_open = false;
    return !reserve.memory_ended ||
           error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for a JSON document");
}

json_t *document_read(const char *text, size_t len, struct error *err)
{
    json_error_t why;
    open_reserve();
    json_t *document = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
    if (!close_reserve(err)) {
        json_decref(document);
        return NULL;
    }
    if (document == NULL)
        error_set(err, ERROR_NOT_JSON, "line %d: %s", why.line, why.text);
    return document;
}

char *document_write(const json_t *document, size_t flags, struct error *err)
{
    open_reserve();
    char *text = json_dumps(document, flags);
    if (!close_reserve(err)) {
        give(text);
        return NULL;
    }
    if (text == NULL)
        error_set(err, ERROR_OUT_OF_MEMORY, "a JSON document cannot be written");
    return text;
}
