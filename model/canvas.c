/*
 * The room where a picture becomes the 28x28 floats that MNIST's makers would have made of it. Any
 * thread. Knows nothing of files or networks.
 *
 * How: what is ink (canvas/ink.c), and where (parts.c); which of its parts are digits (digits.c);
 * each digit's longest side becomes 20 pixels, placed so that its centre of mass falls on the
 * middle pixel (field.c). A background that is not even is made so first (paper.c). From a plain
 * picture with one digit that is drawn straight away, and nothing is allocated.
 */
#include "model/canvas.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/canvas/digits.h"
#include "model/canvas/field.h"
#include "model/canvas/ink.h"
#include "model/canvas/levels.h"
#include "model/canvas/paper.h"
#include "model/canvas/parts.h"

enum {
    /* A picture in MNIST's manner. In all of its 70,000 the longest side is 19 or 20. */
    MANNER_BASE_MAX = 32,
    MANNER_SIDE_MIN = 18,
    MANNER_SIDE_MAX = 22,
    /* A picture that is smaller is no photograph. */
    UNEVEN_SIDE_MIN = 40,
    /* Fainter than that are its noise and its creases. */
    UNEVEN_RANGE_MIN = 32,
};

/* What is found on a picture. */
struct finding {
    struct picture picture; /* the caller's, or an even one that `flat` owns */
    struct picture flat;
    size_t scale; /* how many times smaller than the caller's it is */
    struct ink ink;
    struct parts parts;
    struct digits digits;
};

static void copy(float out[DIGIT_PIXELS], const struct picture *in, uint8_t flip)
{
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        out[i] = (float)(in->pixels[i] ^ flip) / 255.0f;
}

static bool is_digit_sized(const struct picture *in)
{
    return in->width == DIGIT_SIDE && in->height == DIGIT_SIDE;
}

/* From the first mark that is set to the last. */
static struct side side_of(const uint8_t marks[DIGIT_SIDE])
{
    size_t start = 0, end = DIGIT_SIDE;
    while (start < end && marks[start] == 0)
        start++;
    while (end > start && marks[end - 1] == 0)
        end--;
    return (struct side){start, end - start, 0};
}

/* The box of all ink, faint or not, of a digit-sized picture. */
static struct box box_of_all(const struct picture *in, const struct ink *ink)
{
    const uint8_t flip = ink->flip, base = ink->base;
    uint8_t columns[DIGIT_SIDE] = {0}, rows[DIGIT_SIDE];
    for (size_t y = 0; y < DIGIT_SIDE; y++) {
        const uint8_t *row = in->pixels + y * DIGIT_SIDE;
        uint8_t any = 0;
        for (size_t x = 0; x < DIGIT_SIDE; x++) {
            uint8_t mark = (row[x] ^ flip) > base;
            columns[x] |= mark;
            any |= mark;
        }
        rows[y] = any;
    }
    return (struct box){side_of(columns), side_of(rows)};
}

/* Here the box is that of all ink: it is what MNIST's makers scaled. */
static bool is_in_manner(const struct picture *in, const struct ink *ink)
{
    if (!is_digit_sized(in) || ink->base > MANNER_BASE_MAX || ink->base + ink->range < LEVELS / 2)
        return false;
    struct box box = box_of_all(in, ink);
    field_weigh(&box, in, *ink);
    size_t longest = box.x.length > box.y.length ? box.x.length : box.y.length;
    return longest >= MANNER_SIDE_MIN && longest <= MANNER_SIDE_MAX &&
           fabs((double)box.x.start + box.x.centre - FIELD_MIDDLE) <= 1.0 &&
           fabs((double)box.y.start + box.y.centre - FIELD_MIDDLE) <= 1.0;
}

static bool check_sides(const struct picture *in, enum canvas_mode mode, struct error *err)
{
    if (in->width == 0 || in->height == 0)
        return error_set(err, ERROR_EMPTY_IMAGE, "the picture has no pixels");
    if (in->width > IMAGE_SIDE_MAX || in->height > IMAGE_SIDE_MAX)
        return error_set(err, ERROR_IMAGE_TOO_LARGE,
                         "the picture is %zux%zu; a side can have %d pixels at most", in->width,
                         in->height, IMAGE_SIDE_MAX);
    if (mode == CANVAS_NONE && !is_digit_sized(in))
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "the picture is %zux%zu; without normalisation it must be %dx%d",
                         in->width, in->height, DIGIT_SIDE, DIGIT_SIDE);
    return true;
}

/* ---- what is where ---- */

/* The digits of the finding's picture, whose ink is known. Where there is more than can be told
 * apart, all of it is one. */
static void find_digits(struct finding *f)
{
    const size_t width = f->picture.width, height = f->picture.height;
    bool found = parts_find(&f->parts, &f->picture, &f->ink);
    if (found && f->ink.by_border && f->parts.area * 5 > width * height * 3 &&
        ink_find_within(&f->ink, &f->picture))
        found = parts_find(&f->parts, &f->picture, &f->ink);
    if (found) {
        digits_find(&f->digits, &f->parts, width, height, f->flat.pixels != NULL);
        return;
    }
    f->digits.count = 1;
    f->digits.is_all = true;
    f->digits.list[0] = (struct group){0, (int)width, 0, (int)height};
}

static bool flatten(struct finding *f, struct error *err)
{
    const struct picture in = f->picture;
    if (!paper_flatten(&f->flat, &f->scale, &in))
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for the picture's paper");
    f->picture = f->flat;
    return true;
}

static bool is_uneven(const struct finding *f)
{
    return !f->ink.is_even && f->picture.width >= UNEVEN_SIDE_MIN &&
           f->picture.height >= UNEVEN_SIDE_MIN;
}

static bool find(struct finding *f, bool has_ink, struct error *err)
{
    if (is_uneven(f)) {
        if (!flatten(f, err))
            return false;
        has_ink = ink_find(&f->ink, &f->picture) && f->ink.range >= UNEVEN_RANGE_MIN;
        ink_raise(&f->ink);
    }
    if (!has_ink)
        return error_set(err, ERROR_NOTHING_DRAWN,
                         "nothing is drawn on the picture; send one with a digit on it");
    find_digits(f);
    return true;
}

/* ---- drawing ---- */

static bool has_ink(const struct picture *in, const struct ink *ink, const struct group *g, int y)
{
    const uint8_t *row = in->pixels + (size_t)y * in->width;
    for (int x = g->left; x < g->right; x++)
        if ((row[x] ^ ink->flip) > ink->edge)
            return true;
    return false;
}

/* The digit's box; its upper and lower edge, which are a band's, move to its ink. */
static struct box box_of(const struct finding *f, const struct group *g)
{
    int top = g->top, bottom = g->bottom;
    if (bottom > (int)f->picture.height)
        bottom = (int)f->picture.height;
    while (top + 1 < bottom && !has_ink(&f->picture, &f->ink, g, top))
        top++;
    while (bottom - 1 > top && !has_ink(&f->picture, &f->ink, g, bottom - 1))
        bottom--;
    return (struct box){{(size_t)g->left, (size_t)(g->right - g->left), 0},
                        {(size_t)top, (size_t)(bottom - top), 0}};
}

/* A rectangle of the finding's picture. */
struct area {
    size_t left, right, top, bottom;
};

/* What of a run, and `margin` pixels around it, lies within the area. */
static struct area area_of(const struct run *r, size_t band, size_t margin, const struct area *in)
{
    size_t left = r->left > in->left + margin ? r->left - margin : in->left;
    size_t right = r->right + margin < in->right ? r->right + margin : in->right;
    size_t top = r->band * band, bottom = top + band + margin;
    top = top > in->top + margin ? top - margin : in->top;
    bottom = bottom < in->bottom ? bottom : in->bottom;
    return (struct area){left, right > left ? right : left, top, bottom > top ? bottom : top};
}

/* Fills a part of `out`, which shows `all` of the finding's picture, with its ink or with none. */
static void fill(struct picture *out, const struct finding *f, const struct area *all,
                 const struct area *part, bool with_ink)
{
    const struct ink ink = f->ink;
    for (size_t y = part->top; y < part->bottom; y++) {
        const uint8_t *from = f->picture.pixels + y * f->picture.width;
        uint8_t *to = out->pixels + (y - all->top) * out->width - all->left;
        for (size_t x = part->left; x < part->right; x++)
            to[x] = with_ink ? ink_amount(from[x], ink) : 0;
    }
}

/* The digit's surroundings, without the others' ink and that which is of none. */
static void fill_alone(struct picture *out, const struct finding *f, size_t digit,
                       const struct area *all)
{
    const size_t band = f->parts.band, margin = 1 + (size_t)(f->parts.stroke / 4);
    fill(out, f, all, all, true);
    for (int own = 0; own <= 1; own++)
        for (size_t i = 0; i < f->parts.run_count; i++) {
            const struct run *r = &f->parts.runs[i];
            if ((f->digits.digit_of[r->part] == digit) != (own == 1))
                continue;
            struct area part = area_of(r, band, own == 1 ? 0 : margin, all);
            fill(out, f, all, &part, own == 1);
        }
}

/* Draws one digit among others: from a copy on which there is nothing else. */
static bool draw_apart(float out[DIGIT_PIXELS], const struct finding *f, size_t digit,
                       struct box box, struct error *err)
{
    const struct area all = {box.x.start, box.x.start + box.x.length, box.y.start,
                             box.y.start + box.y.length};
    struct picture alone = {box.x.length, box.y.length, malloc(box.x.length * box.y.length)};
    if (alone.pixels == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for a digit");
    const struct ink ink = {.range = f->ink.range};
    fill_alone(&alone, f, digit, &all);
    box.x.start = box.y.start = 0;
    field_weigh(&box, &alone, ink);
    field_draw(out, &alone, &ink, &box);
    image_free(&alone);
    return true;
}

static bool draw(float out[DIGIT_PIXELS], const struct finding *f, size_t digit,
                 const struct box *at, struct error *err)
{
    struct box box = *at;
    if (f->digits.count > 1 || !f->digits.is_all)
        return draw_apart(out, f, digit, box, err);
    field_weigh(&box, &f->picture, f->ink);
    field_draw(out, &f->picture, &f->ink, &box);
    return true;
}

/* ---- the two ways to ask ---- */

static bool draw_only(float out[DIGIT_PIXELS], const struct finding *f, struct error *err)
{
    if (f->digits.count > 1)
        return error_set(err, ERROR_SEVERAL_DIGITS,
                         "there are %zu digits on the picture; send them one by one, or ask for "
                         "\"segment\": true",
                         f->digits.count);
    struct box box = box_of(f, &f->digits.list[0]);
    return draw(out, f, 0, &box, err);
}

enum outcome { FAILED, UNTOUCHED, FOUND };

/* Looks at a picture. Where it is taken as it is, `out` is filled. In any case f->flat is to be
 * freed. */
static enum outcome look(struct finding *f, float out[DIGIT_PIXELS], const struct picture *in,
                         enum canvas_mode mode, struct error *err)
{
    f->picture = *in;
    f->flat = (struct picture){0};
    f->scale = 1;
    if (!check_sides(in, mode, err))
        return FAILED;
    if (mode == CANVAS_NONE) {
        copy(out, in, 0);
        return UNTOUCHED;
    }
    bool has_ink = ink_find(&f->ink, in);
    if (mode == CANVAS_AUTO && has_ink && is_in_manner(in, &f->ink)) {
        copy(out, in, f->ink.flip);
        return UNTOUCHED;
    }
    return find(f, has_ink, err) ? FOUND : FAILED;
}

bool canvas_normalise(float out[DIGIT_PIXELS], const struct picture *in, enum canvas_mode mode,
                      struct error *err)
{
    NOT_CLEARED struct finding f;
    enum outcome outcome = look(&f, out, in, mode, err);
    bool good = outcome == FOUND ? draw_only(out, &f, err) : outcome == UNTOUCHED;
    image_free(&f.flat);
    return good;
}

/* In the caller's pixels. */
static struct canvas_box outline(const struct box *box, size_t scale)
{
    return (struct canvas_box){box->x.start * scale, box->y.start * scale, box->x.length * scale,
                               box->y.length * scale};
}

static bool draw_each(struct canvas_digits *out, const struct finding *f, struct error *err)
{
    for (size_t i = 0; i < out->count; i++) {
        const struct box box = box_of(f, &f->digits.list[i]);
        out->list[i].box = outline(&box, f->scale);
        if (!draw(out->list[i].pixels, f, i, &box, err))
            return false;
    }
    return true;
}

static bool make_room(struct canvas_digits *out, size_t count, struct error *err)
{
    out->list = malloc(count * sizeof *out->list);
    out->count = count;
    return out->list != NULL ||
           error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for %zu digits", count);
}

bool canvas_segment(struct canvas_digits *out, const struct picture *in, enum canvas_mode mode,
                    struct error *err)
{
    NOT_CLEARED struct finding f;
    float untouched[DIGIT_PIXELS];
    *out = (struct canvas_digits){0};
    enum outcome outcome = look(&f, untouched, in, mode, err);
    bool good = outcome != FAILED && make_room(out, outcome == FOUND ? f.digits.count : 1, err);
    if (good && outcome == FOUND) {
        good = draw_each(out, &f, err);
    } else if (good) {
        out->list[0].box = (struct canvas_box){0, 0, in->width, in->height};
        memcpy(out->list[0].pixels, untouched, sizeof untouched);
    }
    image_free(&f.flat);
    if (!good)
        canvas_digits_free(out);
    return good;
}

void canvas_digits_free(struct canvas_digits *digits)
{
    free(digits->list);
    *digits = (struct canvas_digits){0};
}
