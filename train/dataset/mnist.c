/*
 * MNIST's IDX files. Offline; any thread. Knows nothing of training.
 *
 * The header is read first and says how long the file must be; never more than that (and one byte,
 * to see that nothing follows) is read or inflated, so that a small `.gz` cannot fill the memory.
 */
#include "train/dataset/mnist.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "model/print.h"
#include "model/sha256.h"

enum {
    COUNT_MAX = 1000000,
    HEADER_MAX = 16,
    PATH_SIZE = 4096,
    CHUNK = 1 << 24, /* gzread takes an unsigned int */
};

/* What tells an IDX file of pictures from one of labels. */
struct idx_kind {
    const char *what;
    uint32_t magic;
    size_t header_len;
    size_t item_len;
};

static const struct idx_kind images = {"images", 0x00000803, 16, DIGIT_PIXELS};
static const struct idx_kind labels = {"labels", 0x00000801, 8, 1};

static uint32_t big_endian(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* Checks the header and gives the count that it declares. */
static bool idx_header(size_t *count, const struct idx_kind *kind, const uint8_t *bytes, size_t len,
                       struct error *err)
{
    if (len < kind->header_len)
        return error_set(err, ERROR_BAD_DATA, "it is shorter than the header of an IDX file");
    if (big_endian(bytes) != kind->magic)
        return error_set(err, ERROR_BAD_DATA,
                         "it is no IDX file of %s: it starts with %08x, not %08x", kind->what,
                         (unsigned)big_endian(bytes), (unsigned)kind->magic);
    *count = big_endian(bytes + 4);
    if (*count == 0 || *count > COUNT_MAX)
        return error_set(err, ERROR_BAD_DATA, "it declares %zu %s; 1 to %d can be", *count,
                         kind->what, COUNT_MAX);
    if (kind == &images &&
        (big_endian(bytes + 8) != DIGIT_SIDE || big_endian(bytes + 12) != DIGIT_SIDE))
        return error_set(err, ERROR_BAD_DATA, "its images are %ux%u, not %dx%d",
                         (unsigned)big_endian(bytes + 12), (unsigned)big_endian(bytes + 8),
                         DIGIT_SIDE, DIGIT_SIDE);
    return true;
}

static bool idx_parse(const uint8_t **items, size_t *count, const struct idx_kind *kind,
                      const uint8_t *bytes, size_t len, struct error *err)
{
    if (!idx_header(count, kind, bytes, len, err))
        return false;
    size_t want = kind->header_len + *count * kind->item_len;
    if (len != want)
        return error_set(err, ERROR_BAD_DATA, "it is too %s: %zu %s are %zu bytes",
                         len < want ? "short" : "long", *count, kind->what, want);
    *items = bytes + kind->header_len;
    return true;
}

bool idx_images(const uint8_t **pixels, size_t *count, const uint8_t *bytes, size_t len,
                struct error *err)
{
    return idx_parse(pixels, count, &images, bytes, len, err);
}

bool idx_labels(const uint8_t **out, size_t *count, const uint8_t *bytes, size_t len,
                struct error *err)
{
    if (!idx_parse(out, count, &labels, bytes, len, err))
        return false;
    for (size_t i = 0; i < *count; i++)
        if ((*out)[i] >= DIGIT_CLASSES)
            return error_set(err, ERROR_BAD_DATA, "label %zu is %u; labels are 0 to %d", i,
                             (*out)[i], DIGIT_CLASSES - 1);
    return true;
}

static bool read_some(uint8_t *out, size_t max, size_t *len, gzFile file, struct error *err)
{
    *len = 0;
    while (*len < max) {
        size_t chunk = max - *len < CHUNK ? max - *len : CHUNK;
        int got = gzread(file, out + *len, (unsigned)chunk);
        if (got < 0) {
            int code;
            const char *why = gzerror(file, &code);
            return error_set(err, ERROR_BAD_DATA, "it cannot be read: %s",
                             code == Z_ERRNO ? strerror(errno) : why);
        }
        if (got == 0)
            break;
        *len += (size_t)got;
    }
    return true;
}

/* zlib's gzread takes plain files too, so that one way serves both. */
static bool read_bounded(uint8_t **out, size_t *len, const struct idx_kind *kind, gzFile file,
                         struct error *err)
{
    uint8_t header[HEADER_MAX];
    size_t header_len, rest_len, count;
    if (!read_some(header, kind->header_len, &header_len, file, err) ||
        !idx_header(&count, kind, header, header_len, err))
        return false;
    size_t max = kind->header_len + count * kind->item_len + 1;
    *out = malloc(max);
    if (*out == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for its %zu bytes", max);
    memcpy(*out, header, header_len);
    if (!read_some(*out + header_len, max - header_len, &rest_len, file, err)) {
        free(*out);
        *out = NULL;
        return false;
    }
    *len = header_len + rest_len;
    return true;
}

static gzFile open_either(char path[PATH_SIZE], const char *folder, const char *name,
                          struct error *err)
{
    static const char *const endings[] = {"", ".gz"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (!print_fits(path, PATH_SIZE, "%s/%s%s", folder, name, endings[i])) {
            (void)error_set(err, ERROR_BAD_ARGUMENT, "the name of the data folder is too long");
            return NULL;
        }
        gzFile file = gzopen(path, "rb");
        if (file != NULL)
            return file;
        if (errno != ENOENT && errno != ENOTDIR)
            break;
    }
    if (errno == ENOENT || errno == ENOTDIR)
        (void)error_set(err, ERROR_BAD_DATA, "%s/%s is not there; run ./dev data", folder, name);
    else
        (void)error_set(err, ERROR_BAD_DATA, "%s cannot be opened: %s", path, strerror(errno));
    return NULL;
}

/* Gives the items of one file, which the caller frees, and the SHA-256 of the whole of it. */
static bool load_file(uint8_t **items, size_t *count, char sha256[FILE_SHA256_SIZE],
                      const struct idx_kind *kind, const char *folder, const char *name,
                      struct error *err)
{
    char path[PATH_SIZE];
    gzFile file = open_either(path, folder, name, err);
    if (file == NULL)
        return false;
    struct error inner = {0};
    uint8_t *bytes = NULL;
    const uint8_t *found = NULL;
    size_t len = 0;
    bool ok = read_bounded(&bytes, &len, kind, file, &inner) &&
              (kind == &images ? idx_images : idx_labels)(&found, count, bytes, len, &inner);
    (void)gzclose(file);
    if (!ok) {
        free(bytes);
        return error_set(err, inner.code, "%s: %s", path, inner.text);
    }
    file_sha256(sha256, bytes, len);
    memmove(bytes, found, *count * kind->item_len);
    *items = bytes;
    return true;
}

bool mnist_load(struct mnist *out, const char *folder, enum mnist_split split, struct error *err)
{
    static const char *const names[][2] = {
        [MNIST_TRAIN] = {MNIST_TRAIN_IMAGES, MNIST_TRAIN_LABELS},
        [MNIST_TEST] = {MNIST_TEST_IMAGES, MNIST_TEST_LABELS},
    };
    *out = (struct mnist){0};
    size_t label_count;
    if (!load_file(&out->pixels, &out->count, out->images_sha256, &images, folder, names[split][0],
                   err) ||
        !load_file(&out->labels, &label_count, out->labels_sha256, &labels, folder, names[split][1],
                   err))
        goto out_free;
    if (out->count == label_count)
        return true;
    (void)error_set(err, ERROR_BAD_DATA, "%s has %zu images but %zu labels in %s", names[split][0],
                    out->count, label_count, names[split][1]);
out_free:
    mnist_free(out);
    return false;
}

bool mnist_new(struct mnist *out, size_t count, struct error *err)
{
    *out = (struct mnist){0};
    if (count == 0 || count > COUNT_MAX)
        return error_set(err, ERROR_BAD_DATA, "a set can have 1 to %d images, not %zu", COUNT_MAX,
                         count);
    out->count = count;
    out->pixels = malloc(count * DIGIT_PIXELS);
    out->labels = malloc(count);
    if (out->pixels != NULL && out->labels != NULL)
        return true;
    mnist_free(out);
    return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for %zu images", count);
}

static void hash_file(char sha256[FILE_SHA256_SIZE], const struct idx_kind *kind, size_t count,
                      const uint8_t *items)
{
    const uint32_t numbers[] = {kind->magic, (uint32_t)count, DIGIT_SIDE, DIGIT_SIDE};
    uint8_t header[HEADER_MAX];
    struct sha256 state;
    for (size_t i = 0; i < HEADER_MAX; i++)
        header[i] = (uint8_t)(numbers[i / 4] >> (24 - 8 * (i % 4)));
    sha256_begin(&state);
    sha256_add(&state, header, kind->header_len);
    sha256_add(&state, items, count * kind->item_len);
    sha256_end(&state, sha256);
}

void mnist_hash(struct mnist *set)
{
    hash_file(set->images_sha256, &images, set->count, set->pixels);
    hash_file(set->labels_sha256, &labels, set->count, set->labels);
}

void mnist_floats(float *out, const struct mnist *set, size_t index)
{
    const uint8_t *from = set->pixels + index * DIGIT_PIXELS;
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        out[i] = (float)from[i] / 255.0f;
}

void mnist_free(struct mnist *set)
{
    free(set->pixels);
    free(set->labels);
    *set = (struct mnist){0};
}
