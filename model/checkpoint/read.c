/*
 * From a .pth file's bytes to tensors. Any thread; no state.
 *
 * The file is not trusted. What keeps it in bounds, in order: an archive's entries add up to less
 * than the file (archive.c); the pickle's memory is a multiple of its length and nothing in it is
 * run (machine.c); each tensor's window lies within its record's declared size (stored.c); all
 * tensors together have no more elements than the file has bytes (here), since windows may overlap
 * and repeat; and a record's real size is the declared one (stored.c).
 */
#include <stdlib.h>
#include <string.h>

#include "model/checkpoint.h"
#include "model/checkpoint/archive.h"
#include "model/checkpoint/foreign.h"
#include "model/checkpoint/state_dict.h"
#include "model/checkpoint/tensors.h"
#include "model/file.h"

static const size_t file_len_max = (size_t)1 << 30;

/* Whether this is an archive of torch.save's, from a machine like this one. */
static bool check_kind(struct archive *a, struct error *err)
{
    if (archive_has(a, "constants.pkl"))
        return error_set(err, ERROR_BAD_MODEL,
                         "it is a TorchScript archive, which holds a program; save "
                         "model.state_dict() with torch.save");
    if (!archive_has(a, "data.pkl"))
        return error_set(err, ERROR_BAD_MODEL,
                         "it is a zip archive, but not of torch.save: it has no data.pkl; save "
                         "model.state_dict() with torch.save");
    if (!archive_has(a, "byteorder"))
        return true;
    uint8_t *order;
    size_t len;
    if (!archive_read(&order, &len, a, "byteorder", err))
        return false;
    bool little = len == 6 && memcmp(order, "little", 6) == 0;
    free(order);
    return little || error_set(err, ERROR_BAD_MODEL,
                               "it was saved by a big-endian machine; load it in Python on a "
                               "little-endian one and save it again");
}

static bool check_total(const struct state_dict *dict, size_t len, struct error *err)
{
    size_t total = 0;
    for (size_t i = 0; i < dict->count; i++)
        if (__builtin_add_overflow(total, dict->tensors[i].count, &total) || total > len)
            return error_set(err, ERROR_BAD_MODEL,
                             "its tensors have more elements than the file has bytes; save "
                             "contiguous ones");
    return true;
}

/* Fills all tensors that lie in the record of the first-th one. */
static bool gather_record(struct tensor *const *tensors, const struct state_dict *dict,
                          size_t first, struct archive *a, struct error *err)
{
    uint8_t *record;
    size_t len;
    const char *name = dict->tensors[first].record;
    if (!archive_read(&record, &len, a, name, err))
        return false;
    bool ok = true;
    for (size_t i = first; i < dict->count && ok; i++)
        if (strcmp(dict->tensors[i].record, name) == 0)
            ok = stored_gather(tensors[i]->data, &dict->tensors[i], record, len, err);
    free(record);
    return ok;
}

static bool is_first_in_record(const struct state_dict *dict, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(dict->tensors[i].record, dict->tensors[index].record) == 0)
            return false;
    return true;
}

static bool read_tensors(struct checkpoint *c, const struct state_dict *dict, struct archive *a,
                         struct error *err)
{
    struct tensor *tensors[CHECKPOINT_TENSORS_MAX];
    for (size_t i = 0; i < dict->count; i++) {
        const struct stored *s = &dict->tensors[i];
        if (!checkpoint_reserve(c, &tensors[i], s->name, s->shape, s->rank, err))
            return false;
    }
    for (size_t i = 0; i < dict->count; i++)
        if (is_first_in_record(dict, i) && !gather_record(tensors, dict, i, a, err))
            return false;
    return true;
}

static bool read_dict(struct state_dict *out, struct archive *a, struct error *err)
{
    uint8_t *bytes;
    size_t len;
    if (!archive_read(&bytes, &len, a, "data.pkl", err))
        return false;
    bool ok = state_dict_parse(out, bytes, len, err);
    free(bytes);
    return ok;
}

bool checkpoint_parse(struct checkpoint **out, const uint8_t *bytes, size_t len, struct error *err)
{
    const char *foreign = foreign_describe(bytes, len);
    if (foreign != NULL)
        return error_set(err, ERROR_BAD_MODEL, "%s", foreign);
    struct archive *archive;
    if (!archive_open(&archive, bytes, len, err))
        return false;
    struct state_dict dict = {0};
    struct checkpoint *c = NULL;
    bool ok = check_kind(archive, err) && read_dict(&dict, archive, err) &&
              check_total(&dict, len, err) && checkpoint_new(&c, err) &&
              read_tensors(c, &dict, archive, err);
    state_dict_free(&dict);
    archive_close(archive);
    if (ok)
        *out = c;
    else
        checkpoint_close(c);
    return ok;
}

bool checkpoint_read(struct checkpoint **out, const char *path, struct error *err)
{
    uint8_t *bytes;
    size_t len;
    if (!file_read(&bytes, &len, path, file_len_max, err))
        return false;
    struct error why = {0};
    bool ok = checkpoint_parse(out, bytes, len, &why);
    free(bytes);
    return ok || error_set(err, why.code, "'%s': %s", path, why.text);
}
