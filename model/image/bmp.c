/*
 * A look at a BMP file (Microsoft's BITMAPFILEHEADER and BITMAPINFOHEADER to BITMAPV5HEADER): its
 * headers, and whether its rows are there. The decoder reads zeros where a file has ended. Pure
 * functions over bytes; any thread.
 */
#include "model/image/format.h"

enum {
    FILE_HEADER_LEN = 14,
    INFO_HEADER_LEN = 40,
    OS2_HEADER_LEN = 12,
    BI_RGB = 0,
    BI_BITFIELDS = 3,
    DECODER_LEN = 4096,
};

static bool is_known_header(size_t len)
{
    return len == INFO_HEADER_LEN || len == 56 || len == 108 || len == 124;
}

static bool truncated(size_t len, struct error *err)
{
    return error_set(err, ERROR_TRUNCATED_IMAGE, "the BMP ends after %zu bytes; send all of it",
                     len);
}

bool image_bmp_look(struct image_facts *out, const uint8_t *bytes, size_t len, struct error *err)
{
    if (len < FILE_HEADER_LEN + 4)
        return truncated(len, err);
    size_t offset = image_little32(bytes + 10), header = image_little32(bytes + FILE_HEADER_LEN);
    if (header == OS2_HEADER_LEN || header == 64)
        return error_set(err, ERROR_UNSUPPORTED_IMAGE,
                         "this is a BMP of OS/2; save it as a Windows BMP, or as PNG");
    if (!is_known_header(header) || offset < FILE_HEADER_LEN + header)
        return error_set(err, ERROR_NOT_AN_IMAGE, "the BMP is damaged: its header is wrong");
    if (len < FILE_HEADER_LEN + header)
        return truncated(len, err);

    const uint8_t *info = bytes + FILE_HEADER_LEN;
    int64_t width = (int32_t)image_little32(info + 4), height = (int32_t)image_little32(info + 8);
    size_t depth = image_little16(info + 14), compression = image_little32(info + 16);
    if (compression != BI_RGB && compression != BI_BITFIELDS)
        return error_set(err, ERROR_UNSUPPORTED_IMAGE,
                         "this is a compressed BMP; save it uncompressed, or as PNG");
    if (width < 0 || depth > 32)
        return error_set(err, ERROR_NOT_AN_IMAGE,
                         "the BMP is damaged: its width or its depth is wrong");

    /* Rows are padded to four bytes; some writers leave out the last one's padding. A negative
     * height says that the rows start from the top. */
    out->width = (size_t)width;
    out->height = (size_t)(height < 0 ? -height : height);
    out->pixel_len = 4;
    out->overhead = DECODER_LEN;
    if (!image_check_sides(out, err))
        return false;
    size_t row_bits = out->width * depth;
    size_t rows = (row_bits + 31) / 32 * 4 * (out->height - 1) + (row_bits + 7) / 8;
    if (offset > len || rows > len - offset)
        return truncated(len, err);
    return true;
}
