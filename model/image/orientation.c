/*
 * One tag is looked for in the first directory of the TIFF (revision 6.0) that an Exif segment
 * holds; all offsets are checked against the segment's end, and nothing is followed. Pure functions
 * over bytes; any thread.
 */
#include "model/image/orientation.h"

#include <stdlib.h>
#include <string.h>

#include "model/image/format.h"

enum {
    TIFF_HEADER_LEN = 8,
    TIFF_MAGIC = 42,
    ENTRY_LEN = 12,
    TAG_ORIENTATION = 0x0112,
    TYPE_SHORT = 3,
};

struct tiff {
    const uint8_t *bytes;
    size_t len;
    bool is_big; /* endian */
};

static uint32_t read16(const struct tiff *t, size_t at)
{
    return t->is_big ? image_big16(t->bytes + at) : image_little16(t->bytes + at);
}

static uint32_t read32(const struct tiff *t, size_t at)
{
    return t->is_big ? image_big32(t->bytes + at) : image_little32(t->bytes + at);
}

static bool open_tiff(struct tiff *out, const uint8_t *data, size_t len)
{
    static const char exif[] = "Exif\0"; /* and one NUL more */
    if (len < sizeof exif + TIFF_HEADER_LEN || memcmp(data, exif, sizeof exif) != 0)
        return false;
    *out = (struct tiff){data + sizeof exif, len - sizeof exif, false};
    out->is_big = out->bytes[0] == 'M';
    return memcmp(out->bytes, out->is_big ? "MM" : "II", 2) == 0 && read16(out, 2) == TIFF_MAGIC;
}

/* The entry that starts there; 0 when it is another. */
static unsigned read_entry(const struct tiff *t, size_t at)
{
    if (read16(t, at) != TAG_ORIENTATION || read16(t, at + 2) != TYPE_SHORT ||
        read32(t, at + 4) != 1)
        return 0;
    unsigned value = read16(t, at + 8);
    return value <= ORIENTATION_LAST ? value : 0;
}

unsigned orientation_read(const uint8_t *data, size_t len)
{
    struct tiff t;
    if (!open_tiff(&t, data, len))
        return ORIENTATION_UPRIGHT;
    size_t at = read32(&t, 4);
    if (at > t.len || t.len - at < 2)
        return ORIENTATION_UPRIGHT;
    size_t entries = read16(&t, at);
    at += 2;
    for (size_t i = 0; i < entries && t.len - at >= ENTRY_LEN; i++, at += ENTRY_LEN) {
        unsigned found = read_entry(&t, at);
        if (found != 0)
            return found;
    }
    return ORIENTATION_UPRIGHT;
}

/* From which pixel of the stored picture one of the upright comes: along which axis, and from which
 * end. */
static const struct {
    bool is_transposed, from_right, from_bottom;
} turns[ORIENTATION_LAST + 1] = {
    [2] = {false, true, false}, [3] = {false, true, true}, [4] = {false, false, true},
    [5] = {true, false, false}, [6] = {true, false, true}, [7] = {true, true, true},
    [8] = {true, true, false},
};

bool orientation_undo(struct picture *p, unsigned orientation, struct error *err)
{
    if (orientation <= ORIENTATION_UPRIGHT)
        return true;
    /* cppcheck-suppress arrayIndexOutOfBoundsCond; it is ORIENTATION_LAST at most */
    const bool is_transposed = turns[orientation].is_transposed;
    const struct picture from = *p;
    struct picture to = {is_transposed ? from.height : from.width,
                         is_transposed ? from.width : from.height,
                         malloc(from.width * from.height)};
    if (to.pixels == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory to turn the picture");
    for (size_t y = 0; y < to.height; y++)
        for (size_t x = 0; x < to.width; x++) {
            size_t column = is_transposed ? y : x, row = is_transposed ? x : y;
            column = turns[orientation].from_right ? from.width - 1 - column : column;
            row = turns[orientation].from_bottom ? from.height - 1 - row : row;
            to.pixels[y * to.width + x] = from.pixels[row * from.width + column];
        }
    free(from.pixels);
    *p = to;
    return true;
}
