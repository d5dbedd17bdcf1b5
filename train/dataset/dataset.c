/*
 * The choice between IDX files and prepared records, here and in stores. One thread.
 *
 * Records come in any order. They are kept as they come, each with its index, and brought into the
 * indices' order at the end.
 */
#include "train/dataset/dataset.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train/dataset/prepared.h"
#include "train/dataset/source.h"

enum { SPLITS = 2, ROOM_MIN = 1024, INDEX_DIGITS_MAX = 18 };

static const struct split {
    const char *prefix; /* of keys */
    const char *files[2];
} splits[SPLITS] = {
    [MNIST_TRAIN] = {"train/", {MNIST_TRAIN_IMAGES, MNIST_TRAIN_LABELS}},
    [MNIST_TEST] = {"test/", {MNIST_TEST_IMAGES, MNIST_TEST_LABELS}},
};

/* ---- IDX files ---- */

static bool bring_files(struct source *s, const struct split *split, struct error *err)
{
    char path[SOURCE_PATH_SIZE];
    for (size_t i = 0; i < sizeof split->files / sizeof *split->files; i++) {
        const char *name = source_file(s, split->files[i], 0);
        if (name == NULL)
            return error_set(err, ERROR_BAD_DATA,
                             "%s has neither MNIST's %s nor part-* files of prepared records",
                             s->where, split->files[i]);
        if (!source_bring(path, s, name, err))
            return false;
    }
    return true;
}

/* A folder on this machine is not looked into first: mnist_load says better what is missing. */
static bool load_files(struct mnist *sets[SPLITS], struct source *s, const char *where,
                       struct error *err)
{
    const bool is_url = store_is_url(where);
    for (size_t i = 0; i < SPLITS; i++)
        if (sets[i] != NULL && ((is_url && !bring_files(s, &splits[i], err)) ||
                                !mnist_load(sets[i], is_url ? source_folder(s) : where, i, err)))
            return false;
    return true;
}

/* ---- prepared records ---- */

struct place {
    uint64_t index; /* that the key says */
    size_t at;      /* among those that came */
};

/* What has come of a split. */
struct gathered {
    struct mnist set; /* in the order of arrival, with room for `room` */
    struct place *places;
    size_t room;
};

struct gathering {
    struct mnist **sets;
    struct gathered splits[SPLITS];
};

static bool make_room(struct gathered *g, struct error *err)
{
    if (g->set.count < g->room)
        return true;
    const size_t room = g->room == 0 ? ROOM_MIN : 2 * g->room;
    void *pixels = realloc(g->set.pixels, room * DIGIT_PIXELS);
    g->set.pixels = pixels != NULL ? pixels : g->set.pixels;
    void *labels = realloc(g->set.labels, room);
    g->set.labels = labels != NULL ? labels : g->set.labels;
    void *places = realloc(g->places, room * sizeof *g->places);
    g->places = places != NULL ? places : g->places;
    if (pixels == NULL || labels == NULL || places == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for %zu records", room);
    g->room = room;
    /* cppcheck-suppress memleak; they are in *g */
    return true;
}

static bool parse_index(uint64_t *out, struct field digits)
{
    *out = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.text[i] < '0' || digits.text[i] > '9')
            return false;
        *out = *out * 10 + (uint64_t)(digits.text[i] - '0');
    }
    return digits.len > 0 && digits.len <= INDEX_DIGITS_MAX;
}

static bool gather(struct gathered *g, struct field digits, const struct record *r,
                   const uint8_t pixels[DIGIT_PIXELS], struct error *err)
{
    const size_t at = g->set.count;
    uint64_t index;
    if (!parse_index(&index, digits))
        return error_set(err, ERROR_BAD_DATA, "its key '%.*s' does not end in a whole number",
                         (int)r->key.len, r->key.text);
    if (!make_room(g, err))
        return false;
    memcpy(g->set.pixels + at * DIGIT_PIXELS, pixels, DIGIT_PIXELS);
    g->set.labels[at] = (uint8_t)r->label;
    g->places[at] = (struct place){index, at};
    g->set.count++;
    return true;
}

static bool take_record(void *context, const struct record *r, const uint8_t pixels[DIGIT_PIXELS],
                        struct error *err)
{
    struct gathering *all = context;
    for (size_t i = 0; i < SPLITS; i++) {
        const size_t len = strlen(splits[i].prefix);
        const struct field digits = {r->key.text + len, r->key.len - len};
        if (all->sets[i] != NULL && r->key.len > len &&
            memcmp(r->key.text, splits[i].prefix, len) == 0)
            return gather(&all->splits[i], digits, r, pixels, err);
    }
    return true;
}

static int by_index(const void *a, const void *b)
{
    const struct place *left = a, *right = b;
    return (left->index > right->index) - (left->index < right->index);
}

static bool order(struct mnist *out, struct gathered *g, const struct split *split,
                  const char *where, struct error *err)
{
    const size_t count = g->set.count;
    if (count == 0)
        return error_set(err, ERROR_BAD_DATA, "%s has no records %sINDEX", where, split->prefix);
    qsort(g->places, count, sizeof *g->places, by_index);
    if (!mnist_new(out, count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct place *p = &g->places[i];
        if (i > 0 && p->index == p[-1].index)
            return error_set(err, ERROR_BAD_DATA, "%s has two records %s%05" PRIu64, where,
                             split->prefix, p->index);
        memcpy(out->pixels + i * DIGIT_PIXELS, g->set.pixels + p->at * DIGIT_PIXELS, DIGIT_PIXELS);
        out->labels[i] = g->set.labels[p->at];
    }
    mnist_hash(out);
    return true;
}

static bool load_records(struct mnist *sets[SPLITS], struct source *s, struct error *err)
{
    struct gathering all = {.sets = sets};
    const struct prepared_reader reader = {.record = take_record, .context = &all};
    struct tally *tally = malloc(sizeof *tally);
    bool ok = tally != NULL ? prepared_read(tally, s, &reader, err)
                            : error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for data");
    for (size_t i = 0; i < SPLITS; i++) {
        struct gathered *g = &all.splits[i];
        ok = ok && (sets[i] == NULL || order(sets[i], g, &splits[i], s->where, err));
        mnist_free(&g->set);
        free(g->places);
    }
    free(tally);
    return ok;
}

/* ---- the choice ---- */

bool dataset_load(struct mnist *train, struct mnist *test, const char *where,
                  const struct store_options *store, FILE *progress, struct error *err)
{
    struct mnist *sets[SPLITS] = {[MNIST_TRAIN] = train, [MNIST_TEST] = test};
    struct source source;
    struct error why = {0};
    bool ok;
    for (size_t i = 0; i < SPLITS; i++)
        if (sets[i] != NULL)
            *sets[i] = (struct mnist){0};
    if (!source_open(&source, where, store, progress, &why) && store_is_url(where))
        ok = error_set(err, why.code, "%s", why.text);
    else if (prepared_is_there(&source))
        ok = load_records(sets, &source, err);
    else
        ok = load_files(sets, &source, where, err);
    source_close(&source);
    for (size_t i = 0; !ok && i < SPLITS; i++)
        if (sets[i] != NULL)
            mnist_free(sets[i]);
    return ok;
}
