/* api_read_predict: any body gives pictures, or an error that makes a sound problem document. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>

#include "server/api.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_problem(const struct error *problem)
{
    struct error err = {0};
    char *text;
    size_t len;
    if (!api_write_problem(&text, &len, problem, &err))
        abort();
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    if (json == NULL)
        abort();
    json_decref(json);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    struct api_images images;
    if (!api_read_predict(&images, (const char *)data, size, 4, &err)) {
        check_problem(&err);
        return 0;
    }
    volatile unsigned sum = 0;
    for (size_t i = 0; i < images.count; i++)
        for (size_t k = 0; k < images.list[i].len; k++)
            sum += (unsigned char)images.list[i].base64[k];
    (void)sum;
    if (images.count == 0 || images.count > 4)
        abort();
    api_images_free(&images);
    return 0;
}
