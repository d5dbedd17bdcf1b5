/*
 * The only file to see libzip. Any thread; an archive is used by one thread at a time. It knows
 * nothing of pickles and tensors.
 */
#include "model/checkpoint/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

enum {
    ENTRIES_MAX = 1024,
    NAME_SIZE = 256,
    ALIGNMENT = 64,
    LOCAL_HEADER_LEN = 30,       /* APPNOTE 4.3.7, without name and extra field */
    EXTRA_HEADER_LEN = 4,        /* APPNOTE 4.5.1: id and length */
    PADDING_ID = 'F' | 'B' << 8, /* caffe2/serialize/inline_container.cc */
    FIRST_DAY = 1 << 5 | 1,      /* 1980-01-01 in MS-DOS's format: the archive has no clock */
};

static const char folder[] = "archive";

struct archive {
    zip_t *zip;
    char prefix[NAME_SIZE]; /* "archive/" */
};

static bool damaged(struct error *err, const char *why)
{
    return error_set(err, ERROR_BAD_MODEL,
                     "it is a zip archive that is cut off or damaged (%s); copy it again", why);
}

static bool refused(struct error *err, zip_error_t *why)
{
    switch (zip_error_code_zip(why)) {
    case ZIP_ER_MEMORY:
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a zip archive");
    case ZIP_ER_EXISTS:
        return damaged(err, "two entries have one name");
    default:
        return damaged(err, zip_error_strerror(why));
    }
}

static zip_t *open_source(zip_source_t *source, int flags, zip_error_t *why)
{
    zip_t *zip = source == NULL ? NULL : zip_open_from_source(source, flags, why);
    if (zip == NULL)
        zip_source_free(source);
    return zip;
}

/* Sizes must add up to less than the archive's own. */
static bool check_entries(zip_t *zip, size_t len, struct error *err)
{
    zip_int64_t count = zip_get_num_entries(zip, 0);
    if (count <= 0 || count > ENTRIES_MAX)
        return error_set(err, ERROR_BAD_MODEL,
                         "it is a zip archive of %lld entries; a state dict has 1 to %d",
                         (long long)count, ENTRIES_MAX);
    uint64_t sum = 0;
    for (zip_uint64_t i = 0; i < (zip_uint64_t)count; i++) {
        zip_stat_t status;
        if (zip_stat_index(zip, i, 0, &status) != 0)
            return refused(err, zip_get_error(zip));
        if (status.comp_size > len || (sum += status.comp_size) > len)
            return damaged(err, "its entries are larger than the file");
    }
    return true;
}

static bool find_prefix(struct archive *a, struct error *err)
{
    const char *first = zip_get_name(a->zip, 0, 0);
    const char *slash = first == NULL ? NULL : strchr(first, '/');
    if (slash == NULL)
        return true;
    size_t len = (size_t)(slash - first) + 1;
    if (len >= sizeof a->prefix)
        return damaged(err, "a name is too long");
    memcpy(a->prefix, first, len);
    return true;
}

bool archive_open(struct archive **out, const uint8_t *bytes, size_t len, struct error *err)
{
    zip_error_t why;
    zip_error_init(&why);
    struct archive *a = calloc(1, sizeof *a);
    if (a == NULL) {
        error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a zip archive");
        goto out_why;
    }
    /* ZIP_CHECKCONS: the two headers of an entry must agree, and no two entries have one name. */
    a->zip = open_source(zip_source_buffer_create(bytes, len, 0, &why), ZIP_RDONLY | ZIP_CHECKCONS,
                         &why);
    if (a->zip == NULL) {
        refused(err, &why);
        goto out_close;
    }
    if (!check_entries(a->zip, len, err) || !find_prefix(a, err))
        goto out_close;
    zip_error_fini(&why);
    *out = a;
    return true;

out_close:
    archive_close(a);
out_why:
    zip_error_fini(&why);
    return false;
}

static zip_int64_t locate(struct archive *a, const char *name)
{
    char whole[NAME_SIZE + 64];
    (void)snprintf(whole, sizeof whole, "%s%s", a->prefix, name);
    return zip_name_locate(a->zip, whole, 0);
}

bool archive_has(struct archive *a, const char *name)
{
    return locate(a, name) >= 0;
}

/* libzip compares the CRC when it is asked to read past the end, so that call must be made. */
static bool read_entry(uint8_t *out, size_t len, zip_file_t *file)
{
    uint8_t beyond;
    size_t used = 0;
    while (used < len) {
        zip_int64_t n = zip_fread(file, out + used, len - used);
        if (n <= 0)
            return false;
        used += (size_t)n;
    }
    return zip_fread(file, &beyond, 1) == 0;
}

bool archive_read(uint8_t **out, size_t *len, struct archive *a, const char *name,
                  struct error *err)
{
    zip_stat_t status;
    zip_int64_t index = locate(a, name);
    if (index < 0 || zip_stat_index(a->zip, (zip_uint64_t)index, 0, &status) != 0)
        return error_set(err, ERROR_BAD_MODEL, "its zip archive has no record %s", name);
    if (status.encryption_method != ZIP_EM_NONE)
        return error_set(err, ERROR_BAD_MODEL, "its record %s is encrypted; save it anew", name);
    if (status.comp_method != ZIP_CM_STORE)
        return error_set(err, ERROR_BAD_MODEL,
                         "its record %s is compressed, which torch.save never does; save it anew "
                         "with torch.save",
                         name);
    if (status.size != status.comp_size)
        return damaged(err, "an entry has two sizes");

    zip_file_t *file = zip_fopen_index(a->zip, (zip_uint64_t)index, 0);
    if (file == NULL)
        return refused(err, zip_get_error(a->zip));
    uint8_t *bytes = malloc(status.size + 1);
    bool ok = false;
    if (bytes == NULL)
        error_set(err, ERROR_OUT_OF_MEMORY, "no memory for record %s", name);
    else if (!read_entry(bytes, status.size, file))
        error_set(err, ERROR_BAD_MODEL,
                  "its record %s is damaged (%s); copy the file again or save it anew", name,
                  zip_file_strerror(file));
    else
        ok = true;
    zip_fclose(file);
    if (!ok) {
        free(bytes);
        return false;
    }
    *out = bytes;
    *len = status.size;
    return true;
}

void archive_close(struct archive *a)
{
    if (a == NULL)
        return;
    if (a->zip != NULL)
        zip_discard(a->zip);
    free(a);
}

/* Adds an entry whose local header begins at *offset, and moves *offset behind its data. */
static bool add_entry(zip_t *zip, const struct archive_entry *e, size_t *offset)
{
    static const uint8_t padding[ALIGNMENT];
    char name[NAME_SIZE];
    (void)snprintf(name, sizeof name, "%s/%s", folder, e->name);
    size_t head = *offset + LOCAL_HEADER_LEN + strlen(name) + EXTRA_HEADER_LEN;
    size_t pad = (ALIGNMENT - head % ALIGNMENT) % ALIGNMENT;
    *offset = head + pad + e->len;

    zip_source_t *source = zip_source_buffer(zip, e->bytes, e->len, 0);
    zip_int64_t index = source == NULL ? -1 : zip_file_add(zip, name, source, 0);
    if (index < 0) {
        zip_source_free(source);
        return false;
    }
    zip_uint64_t at = (zip_uint64_t)index;
    return zip_set_file_compression(zip, at, ZIP_CM_STORE, 0) == 0 &&
           zip_file_set_dostime(zip, at, 0, FIRST_DAY, 0) == 0 &&
           zip_file_extra_field_set(zip, at, PADDING_ID, ZIP_EXTRA_FIELD_NEW, padding,
                                    (zip_uint16_t)pad, ZIP_FL_LOCAL) == 0;
}

static bool take_bytes(uint8_t **out, size_t *len, zip_source_t *source)
{
    zip_stat_t status;
    if (zip_source_stat(source, &status) != 0 || zip_source_open(source) != 0)
        return false;
    *len = status.size;
    *out = malloc(status.size);
    bool ok = *out != NULL && zip_source_read(source, *out, status.size) == (zip_int64_t)*len;
    zip_source_close(source);
    if (!ok)
        free(*out);
    return ok;
}

bool archive_format(uint8_t **out, size_t *len, const struct archive_entry *entries, size_t count,
                    struct error *err)
{
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &why);
    zip_t *zip = open_source(source, ZIP_CREATE | ZIP_TRUNCATE, &why);
    zip_error_fini(&why);
    if (zip == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a zip archive");
    zip_source_keep(source);
    size_t offset = 0;
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++)
        ok = add_entry(zip, &entries[i], &offset);
    if (!ok || zip_close(zip) != 0) {
        ok = false;
        error_set(err, ERROR_INTERNAL, "cannot make a zip archive: %s", zip_strerror(zip));
        zip_discard(zip);
    }
    if (ok && !take_bytes(out, len, source))
        ok = error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a zip archive");
    zip_source_free(source);
    return ok;
}
