/*
 * Names only: no file is touched here. Any thread; no state.
 */
#include "model/publish/name.h"

#include <string.h>

#include "model/print.h"

static const char suffix[] = ".pth";
enum { SUFFIX_LEN = sizeof suffix - 1 };

/* Finds NAME: where it starts, and how long it is. */
static bool find_stem(size_t *start, size_t *len, const char *weights, struct error *err)
{
    const char *slash = strrchr(weights, '/');
    *start = slash == NULL ? 0 : (size_t)(slash - weights) + 1;
    size_t all = strlen(weights + *start);
    if (all <= SUFFIX_LEN || strcmp(weights + *start + all - SUFFIX_LEN, suffix) != 0)
        return error_set(err, ERROR_BAD_ARGUMENT, "'%s' must end in NAME%s", weights, suffix);
    *len = all - SUFFIX_LEN;
    return true;
}

static bool too_long(struct error *err, const char *weights)
{
    return error_set(err, ERROR_BAD_ARGUMENT, "'%.60s...' is too long", weights);
}

bool name_card(char *out, size_t size, const char *weights, struct error *err)
{
    size_t start, len;
    if (!find_stem(&start, &len, weights, err))
        return false;
    return print_fits(out, size, "%.*s.json", (int)(start + len), weights) ||
           too_long(err, weights);
}

bool name_stem(char *out, size_t size, const char *weights, struct error *err)
{
    size_t start, len;
    if (!find_stem(&start, &len, weights, err))
        return false;
    return print_fits(out, size, "%.*s", (int)len, weights + start) || too_long(err, weights);
}
