/*
 * The only file to see libmd. Any thread; no state of its own.
 */
#include "model/sha256.h"

#include <assert.h>
#include <sha2.h>

static_assert(FILE_SHA256_SIZE == SHA256_DIGEST_STRING_LENGTH, "one size of a hexadecimal SHA-256");
static_assert(sizeof(SHA2_CTX) <= sizeof(struct sha256), "the library's state has room in ours");
static_assert(_Alignof(SHA2_CTX) <= _Alignof(struct sha256), "and stands in it as it must");

static SHA2_CTX *inside(struct sha256 *s)
{
    return (SHA2_CTX *)(void *)s->state;
}

void sha256_begin(struct sha256 *s)
{
    SHA256Init(inside(s));
}

void sha256_add(struct sha256 *s, const void *bytes, size_t len)
{
    SHA256Update(inside(s), bytes, len);
}

void sha256_end(struct sha256 *s, char out[FILE_SHA256_SIZE])
{
    (void)SHA256End(inside(s), out);
}
