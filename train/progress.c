/*
 * The progress bar. One thread; knows nothing of what is being done.
 */
#include "train/progress.h"

#include <time.h>
#include <unistd.h>

enum { BAR_WIDTH = 24 };

static const double tty_interval = 0.1;
static const double line_interval = 10.0;

double progress_clock(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void progress_begin(struct progress *p, FILE *out, size_t total)
{
    *p = (struct progress){
        .out = out, .total = total, .unit = "images", .started = progress_clock()};
    p->shown = p->started;
    p->tty = out != NULL && isatty(fileno(out));
}

static void draw_part(const struct progress *p, size_t done, const char *note, double rate)
{
    const size_t left = rate > 0 ? (size_t)((double)(p->total - done) / rate + 0.5) : 0;
    if (p->tty) {
        static const char full[] = "########################";
        const int filled = (int)(done * BAR_WIDTH / p->total);
        (void)fprintf(p->out, "[%.*s%*s] ", filled, full, BAR_WIDTH - filled, "");
    }
    (void)fprintf(p->out, "%3zu%%  %s  %.0f %s/s  %zu:%02zu left", done * 100 / p->total, note,
                  rate, p->unit, left / 60, left % 60);
}

static void draw(struct progress *p, size_t done, const char *note, double at)
{
    const double elapsed = at - p->started;
    const double rate = elapsed > 0 ? (double)done / elapsed : 0;
    p->shown = at;
    (void)fputs(p->tty ? "\r" : "", p->out);
    if (p->total > 0)
        draw_part(p, done, note, rate);
    else
        (void)fprintf(p->out, "%s  %zu %s  %.0f %s/s", note, done, p->unit, rate, p->unit);
    (void)fputs(p->tty ? "\033[K" : "\n", p->out);
    (void)fflush(p->out);
}

void progress_show(struct progress *p, size_t done, const char *note)
{
    double at = progress_clock();
    if (p->out != NULL && at - p->shown >= (p->tty ? tty_interval : line_interval))
        draw(p, done, note, at);
}

void progress_end(struct progress *p, size_t done, const char *note)
{
    if (p->out == NULL)
        return;
    draw(p, done, note, progress_clock());
    if (p->tty)
        (void)fputc('\n', p->out);
}
