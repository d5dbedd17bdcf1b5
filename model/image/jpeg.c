/*
 * A look at a JPEG file (ITU-T T.81): its markers are walked from SOI to EOI. The decoder fills
 * what is missing with grey and says nothing, reads Huffman tables of any size into a fixed one
 * (stb_image before 2.28), and decodes as many scans as a file has. Pure functions over bytes; any
 * thread. Decodes no pixel.
 */
#include <string.h>

#include "model/image/format.h"
#include "model/image/orientation.h"

enum {
    TEM = 0x01,
    SOF0 = 0xc0, /* baseline */
    SOF1 = 0xc1, /* extended sequential */
    SOF2 = 0xc2, /* progressive */
    DHT = 0xc4,
    JPG = 0xc8,
    DAC = 0xcc,
    SOF15 = 0xcf,
    RST0 = 0xd0,
    RST7 = 0xd7,
    EOI = 0xd9,
    SOS = 0xda,
    APP1 = 0xe1, /* Exif, among others */

    FRAME_LEN = 6,      /* of a frame's parameters, before its components */
    TABLE_LENGTHS = 16, /* counts of codes, one a length, after a table's class */
    TABLE_CODES_MAX = 256,
    COMPONENTS_MAX = 4,
    SCANS_MAX = 64, /* progressive; each costs a pass over the whole picture */
    BLOCK_MAX = 32, /* pixels that a side is rounded up to */
    DECODER_LEN = 64 * 1024,
};

struct walk {
    const uint8_t *bytes;
    size_t len;
    size_t at;
    struct image_facts *facts;
    size_t scans;
    size_t scans_max; /* 0 until the frame is known */
};

struct segment {
    uint8_t marker;
    const uint8_t *data;
    size_t len;
};

static bool truncated(const struct walk *w, struct error *err)
{
    return error_set(err, ERROR_TRUNCATED_IMAGE,
                     "the JPEG ends after %zu bytes without its end marker; send all of it",
                     w->len);
}

static bool damaged(const struct walk *w, const char *what, struct error *err)
{
    return error_set(err, ERROR_NOT_AN_IMAGE, "the JPEG is damaged: %s before byte %zu", what,
                     w->at);
}

static bool has_segment(uint8_t marker)
{
    return marker != EOI && marker != TEM && !(marker >= RST0 && marker <= RST7);
}

static bool next_segment(struct segment *out, struct walk *w, struct error *err)
{
    if (w->at < w->len && w->bytes[w->at] != 0xff)
        return damaged(w, "a marker is missing", err);
    while (w->at < w->len && w->bytes[w->at] == 0xff)
        w->at++;
    if (w->at == w->len)
        return truncated(w, err);
    *out = (struct segment){.marker = w->bytes[w->at++]};
    if (!has_segment(out->marker))
        return true;
    if (w->len - w->at < 2)
        return truncated(w, err);
    size_t len = image_big16(w->bytes + w->at);
    if (len < 2)
        return damaged(w, "a segment has no length", err);
    if (len > w->len - w->at)
        return truncated(w, err);
    out->data = w->bytes + w->at + 2;
    out->len = len - 2;
    w->at += len;
    return true;
}

/* Samples a pixel, of all components together; 0: the sampling factors are wrong. */
static double samples_of(const struct segment *s, size_t components)
{
    size_t sum = 0, across = 1, down = 1;
    for (size_t i = 0; i < components; i++) {
        const size_t factors = s->data[FRAME_LEN + 3 * i + 1], h = factors >> 4, v = factors & 15;
        if (h == 0 || h > 4 || v == 0 || v > 4)
            return 0;
        sum += h * v;
        across = h > across ? h : across;
        down = v > down ? v : down;
    }
    return (double)sum / (double)(across * down);
}

static bool read_frame(struct walk *w, const struct segment *s, struct error *err)
{
    if (s->marker > SOF2)
        return error_set(err, ERROR_UNSUPPORTED_IMAGE,
                         "this is a JPEG of a rare kind (frame type %d); send a baseline or "
                         "progressive one",
                         s->marker - SOF0);
    if (s->len < FRAME_LEN || w->scans_max != 0)
        return damaged(w, "its frame header is wrong", err);
    if (s->data[0] != 8)
        return error_set(err, ERROR_UNSUPPORTED_IMAGE,
                         "this is a JPEG with %d bits a sample; send one with 8", s->data[0]);
    size_t components = s->data[5];
    w->facts->height = image_big16(s->data + 1);
    w->facts->width = image_big16(s->data + 3);
    if (!image_check_sides(w->facts, err))
        return false;
    if (components == 0 || components > COMPONENTS_MAX || s->len < FRAME_LEN + 3 * components)
        return damaged(w, "its number of components is wrong", err);
    const double samples = samples_of(s, components);
    if (samples <= 0)
        return damaged(w, "its sampling factors are wrong", err);
    /* Samples of each component, their coefficients where progressive, and the grey result. */
    bool progressive = s->marker == SOF2;
    size_t sample = components * (progressive ? 3 : 1);
    w->scans_max = progressive ? SCANS_MAX : components;
    if (!image_check_memory(w->facts, samples * (progressive ? 3 : 1) + 1, err))
        return false;
    w->facts->pixel_len = sample + 1;
    w->facts->overhead = sample * BLOCK_MAX * (w->facts->width + w->facts->height + BLOCK_MAX) +
                         components * w->facts->width + DECODER_LEN;
    return true;
}

static bool check_tables(const struct walk *w, const struct segment *s, struct error *err)
{
    for (size_t at = 0; at < s->len;) {
        size_t codes = 0;
        if (s->len - at < 1 + TABLE_LENGTHS)
            return damaged(w, "a Huffman table is cut off", err);
        for (size_t i = 1; i <= TABLE_LENGTHS; i++)
            codes += s->data[at + i];
        at += 1 + TABLE_LENGTHS;
        if (codes > TABLE_CODES_MAX || codes > s->len - at)
            return damaged(w, "a Huffman table is too long", err);
        at += codes;
    }
    return true;
}

/* Goes past entropy-coded data, to the marker after it. */
static bool skip_scan(struct walk *w, struct error *err)
{
    if (w->scans_max == 0)
        return damaged(w, "a scan comes without a frame header", err);
    if (++w->scans > w->scans_max)
        return error_set(err, ERROR_NOT_AN_IMAGE, "the JPEG has more than %zu scans", w->scans_max);
    while (w->at < w->len) {
        const uint8_t *ff = memchr(w->bytes + w->at, 0xff, w->len - w->at);
        if (ff == NULL)
            break;
        w->at = (size_t)(ff - w->bytes);
        if (w->len - w->at < 2)
            break;
        uint8_t next = ff[1];
        if (next != 0 && !(next >= RST0 && next <= RST7))
            return true;
        w->at += 2;
    }
    return truncated(w, err);
}

bool image_jpeg_look(struct image_facts *out, const uint8_t *bytes, size_t len, struct error *err)
{
    struct walk w = {.bytes = bytes, .len = len, .at = 2, .facts = out};
    struct segment s = {0};
    do {
        if (!next_segment(&s, &w, err))
            return false;
        bool ok = true;
        if (s.marker == SOS)
            ok = skip_scan(&w, err);
        else if (s.marker == DHT)
            ok = check_tables(&w, &s, err);
        else if (s.marker == APP1 && out->orientation <= ORIENTATION_UPRIGHT)
            out->orientation = orientation_read(s.data, s.len);
        else if (s.marker >= SOF0 && s.marker <= SOF15 && s.marker != JPG && s.marker != DAC)
            ok = read_frame(&w, &s, err);
        if (!ok)
            return false;
    } while (s.marker != EOI);
    if (w.scans == 0)
        return damaged(&w, "there is no scan", err);
    return true;
}
