/*
 * Broken strokes are one digit, and two digits side by side are two. What tells them apart is
 * geometry, measured by the height of the larger of two and by the width of strokes: two that are
 * both tall stand beside each other; a bar lies over a body; a fragment is near. Any thread;
 * nothing is allocated.
 *
 * In doubt it is one digit: most pictures hold one, and their strokes break.
 */
#include "model/canvas/digits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/canvas/levels.h"

struct clusters {
    size_t count;
    double stroke;
    struct group list[DIGITS_MAX];
    uint16_t into[DIGITS_MAX]; /* itself, or the cluster that it has become a part of */
    uint16_t part[DIGITS_MAX]; /* which part it began as */
};

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static int width_of(const struct group *g)
{
    return g->right - g->left;
}

static int height_of(const struct group *g)
{
    return g->bottom - g->top;
}

/* ---- what is left out ---- */

/* Whether a part goes along the picture's four sides, as a frame does. */
static bool is_frame(const struct part *p, size_t width, size_t height)
{
    size_t near_x = width / 16, near_y = height / 16;
    return p->left <= near_x && p->right + near_x >= width && p->top <= near_y &&
           p->bottom + near_y >= height;
}

static size_t count_above(const struct parts *parts, size_t area)
{
    size_t count = 0;
    for (size_t i = 0; i < parts->count; i++)
        count += parts->list[i].area > area;
    return count;
}

/* Parts up to that area are specks. It grows until there is room for the others, or none is left.
 */
static size_t least_area(const struct parts *parts)
{
    size_t least = (size_t)(parts->stroke * parts->stroke / 3);
    while (count_above(parts, least) > DIGITS_MAX && count_above(parts, 2 * least + 1) > 0)
        least = 2 * least + 1;
    return least;
}

/* The part with the most ink, but for one. */
static size_t most_of(const struct parts *parts, size_t but)
{
    size_t most = but == 0 ? 1 : 0;
    for (size_t i = most + 1; i < parts->count; i++)
        if (i != but && parts->list[i].area > parts->list[most].area)
            most = i;
    return most;
}

/* A frame is one around a drawing that is at least half as high. */
static size_t find_frame(const struct parts *parts, size_t width, size_t height)
{
    for (size_t i = 0; parts->count > 1 && i < parts->count; i++) {
        if (!is_frame(&parts->list[i], width, height))
            continue;
        const struct part *within = &parts->list[most_of(parts, i)];
        return (within->bottom - within->top) * 3u > height ? i : parts->count;
    }
    return parts->count;
}

static bool touches_border(const struct part *p, size_t width, size_t height)
{
    return p->left <= 1 || p->top <= 1 || p->right + 1u >= width || p->bottom + 1u >= height;
}

/* Whether something that may be a digit lies within the border. */
static bool has_inner(const struct parts *parts, size_t width, size_t height)
{
    for (size_t i = 0; i < parts->count; i++) {
        const struct part *p = &parts->list[i];
        if (!touches_border(p, width, height) && (p->bottom - p->top) * 6u > height)
            return true;
    }
    return false;
}

static void add(struct clusters *c, uint16_t *cluster_of, const struct parts *parts, size_t part)
{
    const struct part *p = &parts->list[part];
    c->list[c->count] = (struct group){p->left, p->right, p->top, p->bottom};
    c->part[c->count] = (uint16_t)part;
    c->into[c->count] = (uint16_t)c->count;
    cluster_of[part] = (uint16_t)c->count;
    c->count++;
}

/* Begins with a cluster for each part that may be of a digit, and with one at least. */
static void begin(struct clusters *c, uint16_t *cluster_of, const struct parts *parts, size_t width,
                  size_t height, bool is_photograph)
{
    const size_t least = least_area(parts), frame = find_frame(parts, width, height);
    const bool only_inner = is_photograph && has_inner(parts, width, height);
    c->count = 0;
    c->stroke = parts->stroke;
    for (size_t i = 0; i < parts->count && c->count < DIGITS_MAX; i++) {
        const struct part *p = &parts->list[i];
        if (p->area > least && i != frame && !(only_inner && touches_border(p, width, height)))
            add(c, cluster_of, parts, i);
    }
    if (c->count == 0)
        add(c, cluster_of, parts, most_of(parts, frame));
}

/* ---- what belongs together ---- */

/* Whether two that lie over each other are together as broad as one digit. */
static bool is_stout(const struct group *a, const struct group *b)
{
    int width = larger(a->right, b->right) - smaller(a->left, b->left);
    int height = larger(a->bottom, b->bottom) - smaller(a->top, b->top);
    return height <= 2 * width;
}

/* Whether two clusters are of one digit; `reach` scales how far a fragment may lie off. */
static bool are_one(const struct group *a, const struct group *b, double stroke, double reach)
{
    const int gap_x = larger(a->left, b->left) - smaller(a->right, b->right);
    const int gap_y = larger(a->top, b->top) - smaller(a->bottom, b->bottom);
    const double tall = larger(height_of(a), height_of(b));
    const double low = smaller(height_of(a), height_of(b));
    const bool is_beside = gap_x > -0.3 * smaller(width_of(a), width_of(b));
    const bool are_alike = low >= 0.6 * tall && low >= 2.5 * stroke && -gap_y >= 0.6 * low;
    if (are_alike && is_beside && abs(a->bottom - b->bottom) <= 0.3 * tall)
        return false;
    if (gap_x <= 0 && gap_y <= 0)
        return true;
    const double gap = hypot(larger(gap_x, 0), larger(gap_y, 0));
    if (!is_beside && low > 0.5 * tall && !is_stout(a, b))
        return gap <= reach * 0.15 * tall;
    if (gap <= reach * 1.5 * stroke)
        return true;
    if (!is_beside)
        return gap <= reach * 0.4 * tall;
    return low < 0.6 * tall && gap <= reach * 0.2 * tall;
}

static void join(struct clusters *c, size_t a, size_t b)
{
    struct group *g = &c->list[a], *other = &c->list[b];
    g->left = smaller(g->left, other->left);
    g->right = larger(g->right, other->right);
    g->top = smaller(g->top, other->top);
    g->bottom = larger(g->bottom, other->bottom);
    c->into[b] = (uint16_t)a;
}

static size_t root_of(const struct clusters *c, size_t i)
{
    while (c->into[i] != i)
        i = c->into[i];
    return i;
}

/* Parts that much less than a stroke's width parts are a stroke that is cut, whatever their shape.
 */
static void join_cuts(struct clusters *c, const struct parts *parts, const uint16_t *cluster_of)
{
    for (size_t i = 0; i + 1 < parts->run_count; i++) {
        const struct run *a = &parts->runs[i], *b = &parts->runs[i + 1];
        if (a->part == b->part || a->band != b->band || b->left - a->right > 0.5 * c->stroke ||
            cluster_of[a->part] == DIGITS_NONE || cluster_of[b->part] == DIGITS_NONE)
            continue;
        size_t to = root_of(c, cluster_of[a->part]), from = root_of(c, cluster_of[b->part]);
        if (from != to)
            join(c, to, from);
    }
}

static bool join_round(struct clusters *c, double reach)
{
    bool joined = false;
    for (size_t a = 0; a < c->count; a++)
        for (size_t b = a + 1; b < c->count && c->into[a] == a; b++) {
            if (c->into[b] != b || !are_one(&c->list[a], &c->list[b], c->stroke, reach))
                continue;
            join(c, a, b);
            joined = true;
        }
    return joined;
}

/* What is near goes first, so that a fragment between two digits goes to the nearer one. */
static void join_all(struct clusters *c)
{
    static const double reaches[] = {0.3, 0.6, 1.0};
    for (size_t i = 0; i < sizeof reaches / sizeof *reaches; i++)
        while (join_round(c, reaches[i]))
            continue;
}

/* ---- the result ---- */

/* By lines, then from the left. Two are of one line when their middles lie within each other. */
static int in_reading_order(const void *left, const void *right)
{
    const struct group *a = left, *b = right;
    return a->top != b->top ? a->top - b->top : a->left - b->left;
}

static int from_the_left(const void *left, const void *right)
{
    const struct group *a = left, *b = right;
    return a->left - b->left;
}

/* Sorts by lines: a line goes on as long as a digit's upper edge is above the middle of its first.
 */
static void sort(struct group *list, size_t count)
{
    qsort(list, count, sizeof *list, in_reading_order);
    for (size_t start = 0, end; start < count; start = end) {
        const int middle = (list[start].top + list[start].bottom) / 2;
        for (end = start + 1; end < count && list[end].top < middle; end++)
            continue;
        qsort(list + start, end - start, sizeof *list, from_the_left);
    }
}

static size_t index_of(const struct digits *d, const struct group *g)
{
    size_t i = 0;
    while (i < d->count && memcmp(&d->list[i], g, sizeof *g) != 0)
        i++;
    return i;
}

/* A mark that is small, or flat, beside the tallest is no digit. */
static bool is_stray(const struct group *g, int tallest)
{
    return larger(height_of(g), width_of(g)) * 5 < tallest * 2 || height_of(g) * 4 < tallest;
}

static void finish(struct digits *out, struct clusters *c)
{
    int tallest = 0;
    for (size_t i = 0; i < c->count; i++)
        tallest = larger(tallest, height_of(&c->list[i]));
    for (size_t i = 0; i < c->count; i++)
        if (c->into[i] == i && !is_stray(&c->list[i], tallest))
            out->list[out->count++] = c->list[i];
    sort(out->list, out->count);
    for (size_t i = 0; i < c->count; i++) {
        size_t index = index_of(out, &c->list[root_of(c, i)]);
        out->is_all &= index < out->count;
        out->digit_of[c->part[i]] = index < out->count ? (uint16_t)index : DIGITS_NONE;
    }
}

void digits_find(struct digits *out, const struct parts *parts, size_t width, size_t height,
                 bool is_photograph)
{
    NOT_CLEARED struct clusters c;
    out->count = 0;
    memset(out->digit_of, 0xff, parts->count * sizeof *out->digit_of);
    begin(&c, out->digit_of, parts, width, height, is_photograph);
    out->is_all = c.count == parts->count;
    join_cuts(&c, parts, out->digit_of);
    join_all(&c);
    finish(out, &c);
}
