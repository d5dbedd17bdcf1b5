/*
 * The cage of stb_image, 2.27 or later: its decoders of PNG, JPEG and BMP, an allocator with a
 * budget, and nothing else. Any thread: what it keeps between calls is per thread.
 *
 * It is given only files that image_*_look has been through, which closes the holes that are known
 * of 2.27.
 */
#include "model/image/stb.h"

#include <stdlib.h>
#include <string.h>

#include "model/image.h"

/* Every allocation of one call is counted, and none is taken off again: the sum bounds the memory,
 * and the work, too. */
static _Thread_local struct {
    size_t left;
    bool is_spent;
    bool out_of_memory;
} budget;

/* Zeroed, because a JPEG can leave pixels and tables as it found them. */
static void *take(size_t len)
{
    if (len > budget.left) {
        budget.is_spent = true;
        return NULL;
    }
    budget.left -= len;
    void *p = calloc(1, len);
    budget.out_of_memory |= p == NULL;
    return p;
}

static void *grow(void *old, size_t old_len, size_t len)
{
    if (old == NULL)
        return take(len);
    if (len - old_len > budget.left) {
        budget.is_spent = true;
        return NULL;
    }
    budget.left -= len - old_len;
    void *p = realloc(old, len);
    budget.out_of_memory |= p == NULL;
    return p;
}

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_MAX_DIMENSIONS IMAGE_SIDE_MAX
#define STBI_MALLOC(len) take(len)
#define STBI_REALLOC_SIZED(old, old_len, len) grow(old, old_len, len)
#define STBI_FREE(p) free(p)
/* Foreign bytes can make its assertions false; they must not end the process. */
#define STBI_ASSERT(x) ((void)0)
/* It declares functions of the decoders that are left out. */
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>

bool image_stb_decode(struct image_raw *out, const uint8_t *bytes, size_t len, size_t channels,
                      size_t memory, const char *what, struct error *err)
{
    int width = 0, height = 0, found = 0;
    budget.left = memory;
    budget.is_spent = budget.out_of_memory = false;
    stbi__g_failure_reason = NULL;
    uint8_t *pixels =
        stbi_load_from_memory(bytes, (int)len, &width, &height, &found, (int)channels);
    if (pixels != NULL) {
        *out = (struct image_raw){(size_t)width, (size_t)height,
                                  channels != 0 ? channels : (size_t)found, pixels};
        return true;
    }
    if (budget.out_of_memory)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory to decode the picture");
    if (budget.is_spent)
        return error_set(err, ERROR_NOT_AN_IMAGE,
                         "the %s is damaged: it holds more data than its size allows", what);
    return error_set(err, ERROR_NOT_AN_IMAGE, "the %s is damaged: %s", what,
                     stbi__g_failure_reason != NULL ? stbi__g_failure_reason : "its data is wrong");
}
