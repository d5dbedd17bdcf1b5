/*
 * Findings gathered, and shown. One thread. Knows nothing of how the job works.
 */
#include "train/dataset/findings.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "train/dataset/prepared.h"
#include "train/json.h"
#include "train/png.h"

enum { ROOM_MIN = 64, ZOOM = 4, ACROSS = 5, TILE = DIGIT_SIDE * ZOOM };

/* Where a record was the first of its pixels: duplicates come right behind it. */
struct gathering {
    struct findings *findings;
    struct finding first;
};

static bool add(struct findings_list *list, const struct finding *item, struct error *err)
{
    if (list->count == list->room) {
        const size_t room = list->room == 0 ? ROOM_MIN : 2 * list->room;
        struct finding *grown = realloc(list->items, room * sizeof *grown);
        if (grown == NULL)
            return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for %zu findings", room);
        list->items = grown;
        list->room = room;
    }
    list->items[list->count++] = *item;
    return true;
}

static void copy(char *out, size_t size, struct field from)
{
    (void)snprintf(out, size, "%.*s", (int)from.len, from.text);
}

static bool take_invalid(void *context, struct field key, struct field reason, struct error *err)
{
    struct gathering *g = context;
    struct finding found = {0};
    copy(found.key, sizeof found.key, key);
    copy(found.other, sizeof found.other, reason);
    return add(&g->findings->invalid, &found, err);
}

static bool take_record(void *context, const struct record *r, const uint8_t pixels[DIGIT_PIXELS],
                        struct error *err)
{
    struct gathering *g = context;
    struct finding found = {.label = r->label, .other_label = RECORD_UNLABELLED};
    copy(found.key, sizeof found.key, r->key);
    copy(found.other, sizeof found.other, r->first);
    if (record_is_blank(pixels) && !add(&g->findings->blank, &found, err))
        return false;
    if (r->first.len == 0) {
        g->first = found;
        return true;
    }
    if (strcmp(found.other, g->first.key) == 0)
        found.other_label = g->first.label;
    return add(&g->findings->duplicates, &found, err);
}

static int by_key(const void *a, const void *b)
{
    const struct finding *left = a, *right = b;
    int by = strcmp(left->key, right->key);
    return by != 0 ? by : strcmp(left->other, right->other);
}

static void sort(struct findings_list *list)
{
    if (list->count > 0)
        qsort(list->items, list->count, sizeof *list->items, by_key);
}

bool findings_read(struct findings *out, struct source *s, struct error *err)
{
    struct gathering g = {.findings = out};
    const struct prepared_reader reader = {take_record, take_invalid, &g};
    *out = (struct findings){0};
    if (!prepared_read(&out->tally, s, &reader, err)) {
        findings_free(out);
        return false;
    }
    sort(&out->invalid);
    sort(&out->blank);
    sort(&out->duplicates);
    return true;
}

size_t findings_contradictions(const struct findings *f)
{
    size_t count = 0;
    for (size_t i = 0; i < f->duplicates.count; i++)
        count += f->duplicates.items[i].label != f->duplicates.items[i].other_label;
    return count;
}

size_t findings_across_sets(const struct findings *f)
{
    size_t count = 0;
    for (size_t i = 0; i < f->duplicates.count; i++) {
        const struct finding *d = &f->duplicates.items[i];
        const size_t len = strcspn(d->key, "/");
        count += len != strcspn(d->other, "/") || memcmp(d->key, d->other, len) != 0;
    }
    return count;
}

static void print_list(FILE *out, const char *name, const struct findings_list *list,
                       void (*print)(FILE *, const struct finding *))
{
    (void)fprintf(out, "  \"%s\": [", name);
    for (size_t i = 0; i < list->count; i++) {
        (void)fprintf(out, "%s\n    ", i ? "," : "");
        print(out, &list->items[i]);
    }
    (void)fprintf(out, "%s],\n", list->count > 0 ? "\n  " : "");
}

static void print_invalid(FILE *out, const struct finding *found)
{
    (void)fprintf(out, "{\"key\": ");
    json_text(out, found->key);
    (void)fprintf(out, ", \"reason\": ");
    json_text(out, found->other);
    (void)fputc('}', out);
}

static void print_blank(FILE *out, const struct finding *found)
{
    json_text(out, found->key);
}

static void print_duplicate(FILE *out, const struct finding *found)
{
    (void)fprintf(out, "{\"key\": ");
    json_text(out, found->key);
    (void)fprintf(out, ", \"label\": %d, \"of\": ", found->label);
    json_text(out, found->other);
    (void)fprintf(out, ", \"of_label\": %d}", found->other_label);
}

void findings_json(const struct findings *f, FILE *out)
{
    (void)fprintf(out,
                  "{\n  \"pictures\": %" PRIu64 ",\n  \"mean\": %.17g,\n  \"deviation\": %.17g,\n",
                  tally_count(&f->tally), tally_mean(&f->tally), tally_deviation(&f->tally));
    print_list(out, "invalid", &f->invalid, print_invalid);
    print_list(out, "blank", &f->blank, print_blank);
    print_list(out, "duplicates", &f->duplicates, print_duplicate);
    (void)fprintf(out, "  \"classes\": [");
    for (size_t c = 0; c < DIGIT_CLASSES; c++) {
        (void)fprintf(out, "%s\n    {\"digit\": %zu, \"pictures\": %" PRIu64 ", \"mean_image\": [",
                      c ? "," : "", c, f->tally.counts[c]);
        for (size_t i = 0; i < DIGIT_PIXELS; i++)
            (void)fprintf(out, "%s%.17g", i ? ", " : "", tally_class_mean(&f->tally, c, i));
        (void)fprintf(out, "]}");
    }
    (void)fprintf(out, "\n  ]\n}\n");
}

bool findings_png(const struct findings *f, const char *path, struct error *err)
{
    const size_t width = ACROSS * TILE, height = DIGIT_CLASSES / ACROSS * TILE;
    uint8_t *pixels = malloc(width * height);
    if (pixels == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for the picture");
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++) {
            const size_t c = y / TILE * ACROSS + x / TILE;
            const size_t pixel = y % TILE / ZOOM * DIGIT_SIDE + x % TILE / ZOOM;
            pixels[y * width + x] = (uint8_t)(tally_class_mean(&f->tally, c, pixel) * 255 + 0.5);
        }
    bool ok = png_write(path, pixels, width, height, err);
    free(pixels);
    return ok;
}

void findings_free(struct findings *f)
{
    free(f->invalid.items);
    free(f->blank.items);
    free(f->duplicates.items);
    *f = (struct findings){0};
}
