/*
 * Connected-component labelling over runs: the rows are taken in bands, at most BANDS_MAX of them,
 * each band's ink is a list of runs, and runs that touch, in the same band's neighbour and be it by
 * a corner, are united. Across a band nothing is rounded, so digits stay apart that a pixel parts.
 *
 * Where there are more runs than there is room for, the bands are made higher. Any thread; nothing
 * is allocated.
 */
#include "model/canvas/parts.h"

#include <string.h>

#include "model/canvas/levels.h"

enum { BANDS_MAX = 160, WORD = sizeof(uint64_t) };

static const uint64_t all_ink = 0x0101010101010101;

/* 1 where a column has ink in a band of rows, otherwise 0; and zeros up to a whole word. */
static void mark_band(uint8_t *marks, const struct picture *in, const struct ink *ink, size_t top,
                      size_t rows)
{
    const uint8_t flip = ink->flip, edge = ink->edge;
    const size_t width = in->width;
    const uint8_t *row = in->pixels + top * width;
    for (size_t x = 0; x < width; x++)
        marks[x] = (row[x] ^ flip) > edge;
    for (size_t y = 1; y < rows; y++) {
        row += width;
        for (size_t x = 0; x < width; x++)
            marks[x] |= (row[x] ^ flip) > edge;
    }
    memset(marks + width, 0, WORD);
}

/* The first column from `x` on whose mark is not `mark`; or a little beyond `width`. */
static inline size_t skip(const uint8_t *marks, size_t x, size_t width, uint8_t mark)
{
    const uint64_t same = mark ? all_ink : 0;
    for (;;) {
        uint64_t word;
        if (x >= width)
            return x;
        memcpy(&word, marks + x, WORD);
        if (word != same)
            break;
        x += WORD;
    }
    while (x < width && marks[x] == mark)
        x++;
    return x;
}

/* False where there is no room. */
static bool add_runs(struct parts *p, const uint8_t *marks, size_t width, size_t band)
{
    for (size_t x = skip(marks, 0, width, 0); x < width;) {
        size_t end = skip(marks, x, width, 1);
        if (p->run_count == PARTS_RUNS_MAX)
            return false;
        p->runs[p->run_count] =
            (struct run){(uint16_t)x, (uint16_t)end, (uint16_t)band, (uint16_t)p->run_count};
        p->run_count++;
        x = skip(marks, end, width, 0);
    }
    return true;
}

/* While runs are united, `part` is an earlier run of the same part, or the run itself. */
static size_t root_of(struct parts *p, size_t run)
{
    while (p->runs[run].part != run)
        run = p->runs[run].part = p->runs[p->runs[run].part].part;
    return run;
}

static void unite(struct parts *p, size_t a, size_t b)
{
    a = root_of(p, a);
    b = root_of(p, b);
    if (a < b)
        p->runs[b].part = (uint16_t)a;
    else
        p->runs[a].part = (uint16_t)b;
}

/* Unites the runs from `second` on with those of the band before, from `first` on. Returns how many
 * columns they share. */
static size_t unite_bands(struct parts *p, size_t first, size_t second)
{
    size_t shared = 0;
    for (size_t a = first, b = second; a < second && b < p->run_count;) {
        const struct run *above = &p->runs[a], *below = &p->runs[b];
        if (above->right >= below->left && below->right >= above->left) {
            size_t left = above->left > below->left ? above->left : below->left;
            size_t right = above->right < below->right ? above->right : below->right;
            shared += right - left;
            unite(p, a, b);
        }
        if (above->right < below->right)
            a++;
        else
            b++;
    }
    return shared;
}

/* Finds the runs and unites them. False where there is no room for them. */
static bool find_runs(struct parts *p, const struct picture *in, const struct ink *ink)
{
    NOT_CLEARED uint8_t marks[IMAGE_SIDE_MAX + WORD];
    size_t before = 0, shared = 0, widths = 0;
    p->run_count = 0;
    for (size_t top = 0, band = 0; top < in->height; top += p->band, band++) {
        size_t start = p->run_count, left = in->height - top;
        mark_band(marks, in, ink, top, left < p->band ? left : p->band);
        if (!add_runs(p, marks, in->width, band))
            return false;
        shared += unite_bands(p, before, start);
        for (size_t i = start; i < p->run_count; i++)
            widths += p->runs[i].right - p->runs[i].left;
        before = start;
    }
    /* A stroke has two sides; a slanted one's are shorter than its steps. */
    double sides = 0.785 * (double)(2 * p->run_count * p->band + 2 * (widths - shared));
    p->area = widths * p->band;
    p->stroke = 2 * (double)p->area / (sides > 1 ? sides : 1);
    return true;
}

/* Numbers the parts, by their first runs, and measures them. */
static void measure(struct parts *p)
{
    p->count = 0;
    for (size_t i = 0; i < p->run_count; i++) {
        struct run *r = &p->runs[i];
        const size_t top = r->band * p->band, bottom = top + p->band;
        const bool is_first = r->part == i;
        r->part = is_first ? (uint16_t)p->count : p->runs[r->part].part;
        struct part *part = &p->list[r->part];
        if (is_first) {
            *part = (struct part){r->left, r->right, (uint16_t)top, 0, 0};
            p->count++;
        }
        part->left = r->left < part->left ? r->left : part->left;
        part->right = r->right > part->right ? r->right : part->right;
        part->bottom = (uint16_t)bottom;
        part->area += (uint32_t)((r->right - r->left) * p->band);
    }
}

bool parts_find(struct parts *out, const struct picture *in, const struct ink *ink)
{
    out->band = (in->height + BANDS_MAX - 1) / BANDS_MAX;
    while (!find_runs(out, in, ink)) {
        out->band *= 2;
        if (out->band > in->height)
            return false;
    }
    measure(out);
    return out->count > 0;
}
