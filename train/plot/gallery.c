/*
 * What goes into a folder of results. One thread.
 */
#include "train/plot/gallery.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "model/file.h"
#include "model/print.h"
#include "train/plot/charts.h"
#include "train/plot/text.h"

enum { PATH_SIZE = 4096 };

struct shown {
    const struct answers *answers;
    const struct subject *subject;
};

bool gallery_folder(const char *path, struct error *err)
{
    struct stat st;
    if (mkdir(path, 0777) == 0)
        return true;
    if (errno != EEXIST)
        return error_set(err, ERROR_FILE, "cannot make the folder '%s': %s", path, strerror(errno));
    return (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) ||
           error_set(err, ERROR_FILE, "'%s' is there and is no folder", path);
}

bool gallery_file(const char *folder, const char *name,
                  void (*print)(FILE *out, const void *context), const void *context,
                  struct error *err)
{
    char path[PATH_SIZE];
    struct plot_text text;
    if (!print_fits(path, sizeof path, "%s/%s", folder, name))
        return error_set(err, ERROR_BAD_ARGUMENT, "the name of the folder is too long");
    if (!plot_text_open(&text, err))
        return false;
    print(text.out, context);
    bool ok = plot_text_finish(&text, err) && file_write(path, text.bytes, text.len, err);
    plot_text_close(&text);
    return ok;
}

static void print_evaluation(FILE *out, const void *context)
{
    const struct shown *s = context;
    verdict_json(out, s->answers, s->subject);
}

static void print_answers(FILE *out, const void *context)
{
    const struct shown *s = context;
    verdict_table(out, s->answers);
}

bool gallery_fill(const char *folder, const struct answers *a, const struct subject *s,
                  const struct mnist *set, struct error *err)
{
    const struct shown shown = {a, s};
    const char *name = s->model.name;
    return gallery_file(folder, "evaluation.json", print_evaluation, &shown, err) &&
           gallery_file(folder, "answers.tsv", print_answers, &shown, err) &&
           charts_confusion(folder, name, &a->evaluation, err) &&
           charts_reliability(folder, name, &a->calibration, err) &&
           charts_predictions(folder, name, a, set, err) &&
           (a->evaluation.correct == a->count || charts_mistakes(folder, name, a, set, err));
}
