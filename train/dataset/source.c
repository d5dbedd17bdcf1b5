/*
 * Folders here and in stores. One thread. Copies lie in a temporary folder of their own, in $TMPDIR
 * or /tmp. Knows nothing of what the files hold.
 */
#include "train/dataset/source.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/print.h"
#include "train/transfer.h"

bool source_open(struct source *out, const char *where, const struct store_options *options,
                 FILE *progress, struct error *err)
{
    *out = (struct source){.where = where, .options = options, .progress = progress};
    if (!store_list(&out->entries, &out->count, where, options, err)) {
        *out = (struct source){0};
        return false;
    }
    if (store_is_url(where)) {
        (void)sigaction(SIGINT, NULL, &out->before);
        transfer_catch_interrupt();
    }
    return true;
}

const char *source_file(const struct source *s, const char *prefix, size_t index)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct store_entry *e = &s->entries[i];
        if (!e->is_folder && strncmp(e->name, prefix, strlen(prefix)) == 0 && index-- == 0)
            return e->name;
    }
    return NULL;
}

static bool join(char out[SOURCE_PATH_SIZE], const char *folder, const char *name,
                 struct error *err)
{
    const size_t folder_len = strlen(folder);
    const bool ends_in_slash = folder_len > 0 && folder[folder_len - 1] == '/';
    return print_fits(out, SOURCE_PATH_SIZE, "%s%s%s", folder, ends_in_slash ? "" : "/", name) ||
           error_set(err, ERROR_BAD_ARGUMENT, "the name of the data's folder is too long");
}

static bool make_copies(struct source *s, struct error *err)
{
    const char *tmp = getenv("TMPDIR");
    if (s->copies != NULL)
        return true;
    if (asprintf(&s->copies, "%s/digit-data-XXXXXX", tmp != NULL && *tmp != '\0' ? tmp : "/tmp") <
        0)
        s->copies = NULL;
    if (s->copies != NULL && mkdtemp(s->copies) != NULL)
        return true;
    (void)error_set(err, ERROR_FILE, "no temporary folder can be made for the data: %s",
                    strerror(errno));
    free(s->copies);
    s->copies = NULL;
    return false;
}

bool source_bring(char path[SOURCE_PATH_SIZE], struct source *s, const char *name,
                  struct error *err)
{
    char url[SOURCE_PATH_SIZE];
    if (!store_is_url(s->where))
        return join(path, s->where, name, err);
    return make_copies(s, err) && join(url, s->where, name, err) &&
           join(path, s->copies, name, err) &&
           transfer_fetch(url, path, s->options, s->progress, err);
}

void source_drop(struct source *s, const char *name)
{
    char path[SOURCE_PATH_SIZE];
    struct error unsaid = {0};
    if (s->copies != NULL && join(path, s->copies, name, &unsaid))
        (void)unlink(path);
}

const char *source_folder(const struct source *s)
{
    return s->copies != NULL ? s->copies : s->where;
}

static void remove_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            (void)unlinkat(dirfd(dir), e->d_name, 0);
    if (dir != NULL)
        (void)closedir(dir);
    (void)rmdir(folder);
}

void source_close(struct source *s)
{
    if (s->copies != NULL)
        remove_folder(s->copies);
    if (s->where != NULL && store_is_url(s->where))
        (void)sigaction(SIGINT, &s->before, NULL);
    free(s->copies);
    free(s->entries);
    *s = (struct source){0};
}
