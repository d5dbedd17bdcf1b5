/*
 * Files for tests.
 */
#include "tests/unit/small_model.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/card.h"
#include "model/checkpoint.h"
#include "model/digit.h"

static const struct network layer = {
    .name = "flat",
    .count = 2,
    .layers = {{.kind = LAYER_FLATTEN}, {.kind = LAYER_LINEAR, .name = "fc", .out = DIGIT_CLASSES}},
};

static bool write_weights(const char *path, float value, char sha256[FILE_SHA256_SIZE])
{
    static const size_t shape[] = {DIGIT_CLASSES, DIGIT_PIXELS};
    static float numbers[DIGIT_CLASSES * DIGIT_PIXELS];
    struct error err = {0};
    struct checkpoint *c;
    uint8_t *bytes = NULL;
    size_t len;
    for (size_t i = 0; i < DIGIT_CLASSES * DIGIT_PIXELS; i++)
        numbers[i] = value;
    if (!checkpoint_new(&c, &err))
        return false;
    bool ok = checkpoint_add(c, "fc.weight", shape, 2, numbers, &err) &&
              checkpoint_add(c, "fc.bias", shape, 1, numbers, &err) &&
              checkpoint_write(c, path, &err) && file_read(&bytes, &len, path, SIZE_MAX / 4, &err);
    if (ok)
        file_sha256(sha256, bytes, len);
    free(bytes);
    checkpoint_close(c);
    return ok;
}

bool small_model(const char *folder, const char *name, float value, char sha256[FILE_SHA256_SIZE])
{
    char path[SMALL_PATH_SIZE], *json;
    struct error err = {0};
    struct card card = {.network = layer};
    (void)snprintf(card.name, sizeof card.name, "%s", name);
    (void)snprintf(path, sizeof path, "%s/%s.pth", folder, name);
    if (!write_weights(path, value, sha256) || !network_infer(&card.network, &err))
        return false;
    memcpy(card.sha256, sha256, sizeof card.sha256);
    (void)snprintf(path, sizeof path, "%s/%s.json", folder, name);
    if (!card_format(&json, &card, &err))
        return false;
    bool ok = file_write(path, json, strlen(json), &err);
    free(json);
    return ok;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

void small_remove(const char *folder)
{
    (void)nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

size_t small_count(const char *folder)
{
    size_t count = 0;
    DIR *opened = opendir(folder);
    if (opened == NULL)
        return 0;
    for (struct dirent *e; (e = readdir(opened)) != NULL;)
        count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(opened);
    return count;
}
