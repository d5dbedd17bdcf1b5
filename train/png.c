/*
 * The cage of stb_image_write: its encoder of PNG in memory, and nothing else. Any thread.
 */
#include "train/png.h"

#include <libdeflate.h>
#include <stdlib.h>

#include "model/file.h"

/* In place of its own, which writes to where there is no memory. */
static uint8_t *compress(uint8_t *data, int data_len, int *out_len, int level)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(level);
    if (compressor == NULL)
        return NULL;
    const size_t most = libdeflate_zlib_compress_bound(compressor, (size_t)data_len);
    uint8_t *out = malloc(most);
    if (out != NULL)
        *out_len = (int)libdeflate_zlib_compress(compressor, data, (size_t)data_len, out, most);
    libdeflate_free_compressor(compressor);
    return out;
}

#define STBIW_ZLIB_COMPRESS compress
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
/* It declares functions of the encoders that are not called. */
#pragma GCC diagnostic ignored "-Wunused-function"
#if defined(__GNUC__) && !defined(__clang__)
/* It keeps the sizes of its buffers before them, where GCC does not see them. */
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif
#include <stb/stb_image_write.h>

bool png_write(const char *path, const uint8_t *pixels, size_t width, size_t height,
               struct error *err)
{
    int len;
    uint8_t *file = stbi_write_png_to_mem(pixels, (int)width, (int)width, (int)height, 1, &len);
    if (file == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for the picture");
    bool ok = file_write(path, file, (size_t)len, err);
    free(file);
    return ok;
}
