/*
 * From tensors to a .pth file. Any thread; no state.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/checkpoint.h"
#include "model/checkpoint/archive.h"
#include "model/checkpoint/state_dict.h"
#include "model/file.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "floats are written as they lie in memory");

enum { OTHER_ENTRIES = 3 };

static void set_entry(struct archive_entry *e, const char *name, const void *bytes, size_t len)
{
    (void)snprintf(e->name, sizeof e->name, "%s", name);
    e->bytes = bytes;
    e->len = len;
}

/* Fills OTHER_ENTRIES and one for each tensor, in torch.save's order. */
static void fill_entries(struct archive_entry *entries, const struct checkpoint *c,
                         const uint8_t *dict, size_t dict_len)
{
    size_t count = checkpoint_count(c);
    set_entry(&entries[0], "data.pkl", dict, dict_len);
    set_entry(&entries[1], "byteorder", "little", 6);
    for (size_t i = 0; i < count; i++) {
        const struct tensor *t = checkpoint_at(c, i);
        char name[32];
        (void)snprintf(name, sizeof name, "data/%zu", i);
        set_entry(&entries[2 + i], name, t->data, t->count * sizeof *t->data);
    }
    set_entry(&entries[2 + count], "version", "3\n", 2);
}

bool checkpoint_format(uint8_t **out, size_t *len, const struct checkpoint *c, struct error *err)
{
    uint8_t *dict;
    size_t dict_len;
    if (!state_dict_format(&dict, &dict_len, c, err))
        return false;
    size_t count = checkpoint_count(c) + OTHER_ENTRIES;
    struct archive_entry *entries = calloc(count, sizeof *entries);
    bool ok = entries != NULL;
    if (ok) {
        fill_entries(entries, c, dict, dict_len);
        ok = archive_format(out, len, entries, count, err);
    } else {
        error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a zip archive");
    }
    free(entries);
    free(dict);
    return ok;
}

bool checkpoint_write(const struct checkpoint *c, const char *path, struct error *err)
{
    uint8_t *bytes;
    size_t len;
    if (!checkpoint_format(&bytes, &len, c, err))
        return false;
    bool ok = file_write(path, bytes, len, err);
    free(bytes);
    return ok;
}
