/*
 * picture_dump FILE: a picture as image_decode reads it: width and height in a line, then the grey
 * pixels, a byte each. For scripts that look at what the tool draws.
 */
#include <stdio.h>
#include <stdlib.h>

#include "model/file.h"
#include "model/image.h"

enum { FILE_MAX = 64 * 1024 * 1024 };

int main(int argc, char **argv)
{
    struct error err = {0};
    struct picture picture = {0};
    uint8_t *bytes = NULL;
    size_t len;
    if (argc != 2 || !file_read(&bytes, &len, argv[1], FILE_MAX, &err) ||
        !image_decode(&picture, bytes, len, &err)) {
        (void)fprintf(stderr, "picture_dump: %s\n", argc == 2 ? err.text : "FILE is missing");
        free(bytes);
        return 1;
    }
    (void)printf("%zu %zu\n", picture.width, picture.height);
    (void)fwrite(picture.pixels, picture.width, picture.height, stdout);
    image_free(&picture);
    free(bytes);
    return fflush(stdout) == 0 ? 0 : 1;
}
