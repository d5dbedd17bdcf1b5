/*
 * Names and files of what was trained. One thread; knows nothing of training.
 */
#include "train/learning/save.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "model/file.h"
#include "model/print.h"

enum { WEIGHTS_MAX = 1 << 30 };

static const char ending[] = ".pth";
enum { ENDING_LEN = sizeof ending - 1 };

static bool ends_in_pth(const char *path)
{
    size_t len = strlen(path);
    return len > ENDING_LEN && strcmp(path + len - ENDING_LEN, ending) == 0;
}

static bool too_long(struct error *err)
{
    return error_set(err, ERROR_BAD_ARGUMENT, "the name of the output is too long");
}

static bool folder_is_writable(const char *path, struct error *err)
{
    char folder[SAVE_PATH_SIZE];
    const char *slash = strrchr(path, '/');
    int len = slash == NULL ? 1 : slash == path ? 1 : (int)(slash - path);
    (void)snprintf(folder, sizeof folder, "%.*s", len, slash == NULL ? "." : path);
    if (access(folder, W_OK | X_OK) == 0)
        return true;
    return error_set(err, ERROR_FILE, "nothing can be written in '%s': %s", folder,
                     strerror(errno));
}

bool save_path(char path[SAVE_PATH_SIZE], const char *out, const char *network, struct error *err)
{
    struct stat st;
    size_t out_len = strlen(out);
    bool is_folder = out_len == 0 || (stat(out, &st) == 0 && S_ISDIR(st.st_mode));
    if (!is_folder && !ends_in_pth(out))
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "--out is '%s'; it must be a folder that is there, or end in .pth", out);
    const char *between = out_len == 0 || out[out_len - 1] == '/' ? "" : "/";
    bool fits = is_folder ? print_fits(path, SAVE_PATH_SIZE, "%s%s%s_mnist%s", out, between,
                                       network, ending)
                          : print_fits(path, SAVE_PATH_SIZE, "%s", out);
    return fits ? folder_is_writable(path, err) : too_long(err);
}

bool save_beside(char path[SAVE_PATH_SIZE], const char *weights_path, const char *word,
                 struct error *err)
{
    int stem = (int)(strlen(weights_path) - ENDING_LEN);
    return print_fits(path, SAVE_PATH_SIZE, "%.*s.%s%s", stem, weights_path, word, ending) ||
           too_long(err);
}

/* The file's name without its folder and its ending. */
static void fill_name(struct card *card, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash == NULL ? path : slash + 1;
    card_name(card->name, base, strlen(base) - ENDING_LEN);
}

static bool find_date(char date[CARD_TEXT_SIZE], struct error *err)
{
    time_t at = time(NULL);
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    if (epoch != NULL) {
        char *end;
        errno = 0;
        at = (time_t)strtoimax(epoch, &end, 10);
        if (end == epoch || *end != '\0' || errno != 0)
            return error_set(err, ERROR_BAD_ARGUMENT,
                             "SOURCE_DATE_EPOCH is '%s'; it must be a whole number", epoch);
    }
    struct tm day;
    if (gmtime_r(&at, &day) == NULL || strftime(date, CARD_TEXT_SIZE, "%F", &day) == 0)
        return error_set(err, ERROR_BAD_ARGUMENT, "SOURCE_DATE_EPOCH is out of range");
    return true;
}

bool save_has_date(struct error *err)
{
    char date[CARD_TEXT_SIZE];
    return find_date(date, err);
}

static bool fill_sha256(struct card *card, const char *path, struct error *err)
{
    uint8_t *bytes;
    size_t len;
    if (!file_read(&bytes, &len, path, WEIGHTS_MAX, err))
        return false;
    file_sha256(card->sha256, bytes, len);
    free(bytes);
    return true;
}

static bool write_card(const struct card *card, const char *weights_path, struct error *err)
{
    char path[SAVE_PATH_SIZE];
    char *text;
    int stem = (int)(strlen(weights_path) - ENDING_LEN);
    if (!print_fits(path, sizeof path, "%.*s.json", stem, weights_path))
        return too_long(err);
    if (!card_format(&text, card, err))
        return false;
    bool ok = file_write(path, text, strlen(text), err);
    free(text);
    return ok;
}

bool save_model(struct card *card, const struct checkpoint *weights, const char *path,
                struct error *err)
{
    fill_name(card, path);
    return find_date(card->date, err) && checkpoint_write(weights, path, err) &&
           fill_sha256(card, path, err) && write_card(card, path, err);
}
