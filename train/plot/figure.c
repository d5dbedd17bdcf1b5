/*
 * Figures as files. One thread. Knows how gnuplot reads and where it writes, not what is drawn.
 */
#include "train/plot/figure.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/file.h"
#include "model/print.h"
#include "train/plot/gnuplot.h"
#include "train/plot/scripts.h"

enum { PATH_SIZE = 4096, TEXT_SIZE = 256, SVG_MAX = 64 * 1024 * 1024 };

/* Within single quotes gnuplot takes everything as it is. */
static void set_text(struct figure *f, const char *variable, const char *text)
{
    (void)fprintf(f->settings.out, "%s = '", variable);
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            (void)fputc('\'', f->settings.out);
        (void)fputc((unsigned char)*text < ' ' ? ' ' : *text, f->settings.out);
    }
    (void)fputs("'\n", f->settings.out);
}

bool figure_open(struct figure *f, const char *folder, const char *name, const char *title,
                 struct error *err)
{
    *f = (struct figure){.folder = folder, .name = name};
    if (!plot_text_open(&f->settings, err) || !plot_text_open(&f->data, err) ||
        !plot_text_open(&f->pixels, err)) {
        figure_close(f);
        return false;
    }
    (void)fprintf(f->settings.out,
                  "# Draws %s.svg and %s.png again; in this folder: gnuplot %s.gp\n"
                  "load \"style.gp\"\nname = \"%s\"\n",
                  name, name, name, name);
    set_text(f, "title", title);
    return true;
}

void figure_subtitle(struct figure *f, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    set_text(f, "subtitle", text);
}

const char *figure_number(char out[FIGURE_NUMBER_SIZE], size_t number)
{
    char digits[FIGURE_NUMBER_SIZE];
    int count = snprintf(digits, sizeof digits, "%zu", number);
    char *at = out;
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            *at++ = ',';
        *at++ = digits[i];
    }
    *at = '\0';
    return out;
}

void figure_set(struct figure *f, const char *variable, double value)
{
    (void)fprintf(f->settings.out, "%s = %.17g\n", variable, value);
}

FILE *figure_data(struct figure *f)
{
    return f->data.out;
}

void figure_picture(struct figure *f, const uint8_t pixels[DIGIT_PIXELS])
{
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        (void)fprintf(f->pixels.out, "%u%c", pixels[i],
                      i % DIGIT_SIDE == DIGIT_SIDE - 1 ? '\n' : '\t');
    (void)fputs("\n\n", f->pixels.out);
}

static bool path_of(char path[PATH_SIZE], const struct figure *f, const char *name,
                    const char *ending, struct error *err)
{
    return print_fits(path, PATH_SIZE, "%s/%s%s", f->folder, name, ending) ||
           error_set(err, ERROR_BAD_ARGUMENT, "the name of the folder is too long");
}

static bool write_part(const struct figure *f, const char *name, const char *ending,
                       const char *bytes, size_t len, struct error *err)
{
    char path[PATH_SIZE];
    return path_of(path, f, name, ending, err) && file_write(path, bytes, len, err);
}

static bool write_parts(struct figure *f, const char *script, struct error *err)
{
    (void)fprintf(f->settings.out, "\n%s", script);
    return plot_text_finish(&f->settings, err) && plot_text_finish(&f->data, err) &&
           plot_text_finish(&f->pixels, err) &&
           write_part(f, "style", ".gp", script_style, strlen(script_style), err) &&
           write_part(f, f->name, ".gp", f->settings.bytes, f->settings.len, err) &&
           write_part(f, f->name, ".tsv", f->data.bytes, f->data.len, err) &&
           (f->pixels.len == 0 ||
            write_part(f, f->name, "-pixels.tsv", f->pixels.bytes, f->pixels.len, err));
}

/* Puts our style sheet into the SVG that gnuplot wrote, before its first drawing. */
static bool add_theme(const struct figure *f, struct error *err)
{
    static const char mark[] = "<g id=\"gnuplot_canvas\">";
    char path[PATH_SIZE];
    uint8_t *bytes;
    size_t len;
    struct plot_text svg = {0};
    if (!path_of(path, f, f->name, ".svg", err) || !file_read(&bytes, &len, path, SVG_MAX, err))
        return false;
    const char *at = strstr((const char *)bytes, mark);
    bool ok =
        at != NULL || error_set(err, ERROR_FILE, "%s is not what gnuplot 5.4 and 6 write", path);
    if (ok && (ok = plot_text_open(&svg, err))) {
        (void)fprintf(svg.out, "%.*s<style>\n%s</style>\n%s", (int)(at - (const char *)bytes),
                      (const char *)bytes, script_theme, at);
        ok = plot_text_finish(&svg, err) && file_write(path, svg.bytes, svg.len, err);
    }
    plot_text_close(&svg);
    free(bytes);
    return ok;
}

/* What was drawn in part, or without the theme, is not to be taken for the picture. */
static void remove_pictures(const struct figure *f)
{
    static const char *const endings[] = {".svg", ".png"};
    char path[PATH_SIZE];
    struct error unsaid = {0};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (path_of(path, f, f->name, endings[i], &unsaid))
            (void)unlink(path);
}

bool figure_draw(struct figure *f, const char *script, struct error *err)
{
    char name[TEXT_SIZE];
    (void)snprintf(name, sizeof name, "%s.gp", f->name);
    if (!write_parts(f, script, err))
        return false;
    bool ok = gnuplot_run(f->folder, name, err) && add_theme(f, err);
    if (!ok)
        remove_pictures(f);
    return ok;
}

void figure_close(struct figure *f)
{
    plot_text_close(&f->settings);
    plot_text_close(&f->data);
    plot_text_close(&f->pixels);
}
