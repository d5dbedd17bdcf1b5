/*
 * Files that people take for a checkpoint, by their first bytes. Any thread; no state.
 */
#include "model/checkpoint/foreign.h"

#include <ctype.h>
#include <string.h>

#define SAVE "save model.state_dict() with torch.save"

/* The first that fits is taken; a magic is compared at its offset. */
static const struct magic {
    size_t offset;
    const char *bytes;
    size_t len;
    const char *description;
} magics[] = {
    /* torch.serialization, MAGIC_NUMBER, as a pickled integer of ten bytes */
    {2, "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 12,
     "it is in PyTorch's format from before 1.6; load it in Python and save it again with "
     "torch.save"},
    {257, "ustar", 5,
     "it is a tar archive, PyTorch's format from before 0.1.10; load it in an old PyTorch and save "
     "it again with a new one"},
    {0, "\x80\x02", 2, "it is a plain Python pickle; " SAVE},
    {0, "\x80\x03", 2, "it is a plain Python pickle; " SAVE},
    {0, "\x80\x04", 2, "it is a plain Python pickle; " SAVE},
    {0, "\x80\x05", 2, "it is a plain Python pickle; " SAVE},
    {0, "\x93NUMPY", 6, "it is a NumPy array; " SAVE},
    {0, "\x89HDF\r\n\x1a\n", 8, "it is an HDF5 file (of Keras, perhaps); " SAVE},
    {0, "\x1f\x8b", 2, "it is compressed with gzip; unpack it first"},
    {0, "\x28\xb5\x2f\xfd", 4, "it is compressed with Zstandard; unpack it first"},
    {0, "\xfd\x37zXZ", 5, "it is compressed with xz; unpack it first"},
    {0, "version https://git-lfs", 23,
     "it is a Git LFS pointer; fetch the file with `git lfs pull`"},
    {0, "GGUF", 4, "it is a GGUF file; " SAVE},
    {8, "{\"", 2, "it is a safetensors file; load it in Python and " SAVE},
    {0, "\x89PNG", 4, "it is a picture; name a .pth file"},
    {0,
     "\x7f"
     "ELF",
     4, "it is a program or a library; name a .pth file"},
};

enum {
    MAGICS = sizeof magics / sizeof *magics,
    TEXT_LOOKED_AT = 512,
};

static bool is_text(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len && i < TEXT_LOOKED_AT; i++)
        if (!isprint(bytes[i]) && !isspace(bytes[i]) && bytes[i] < 0x80)
            return false;
    return true;
}

static bool is_web_page(const uint8_t *bytes, size_t len)
{
    size_t i = 0;
    while (i < len && isspace(bytes[i]))
        i++;
    return i < len && bytes[i] == '<';
}

const char *foreign_describe(const uint8_t *bytes, size_t len)
{
    if (len >= 4 && memcmp(bytes, "PK\x03\x04", 4) == 0)
        return NULL;
    if (len == 0)
        return "it is empty; copy it again or save it anew";
    for (size_t i = 0; i < MAGICS; i++)
        if (len >= magics[i].offset + magics[i].len &&
            memcmp(bytes + magics[i].offset, magics[i].bytes, magics[i].len) == 0)
            return magics[i].description;
    if (!is_text(bytes, len))
        return "it is no PyTorch checkpoint, nor anything else that is known here; " SAVE;
    if (is_web_page(bytes, len))
        return "it is a web page and not a checkpoint (a download that failed?); fetch it again";
    return "it is text and not a checkpoint; name a .pth file";
}
