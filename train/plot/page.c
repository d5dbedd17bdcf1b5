/*
 * The page as HTML. One thread; does not know what it tells of.
 *
 * Pictures are SVGs in data URLs (RFC 2397), percent-encoded: as <img> they run nothing and load
 * nothing, and their own style sheets still see whether the reader wants dark or light.
 */
#include "train/plot/page.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "model/file.h"
#include "model/print.h"
#include "train/plot/scripts.h"

enum { PATH_SIZE = 4096, SVG_MAX = 64 * 1024 * 1024 };

bool page_open(struct page *p, const char *folder, const char *title, struct error *err)
{
    *p = (struct page){.folder = folder};
    if (!plot_text_open(&p->text, err))
        return false;
    (void)fprintf(p->text.out,
                  "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width\">\n"
                  "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    page_text(p, title);
    (void)fprintf(p->text.out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>", script_page);
    page_text(p, title);
    (void)fprintf(p->text.out, "</h1>\n");
    return true;
}

void page_text(struct page *p, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            (void)fputs("&amp;", p->text.out);
            break;
        case '<':
            (void)fputs("&lt;", p->text.out);
            break;
        case '>':
            (void)fputs("&gt;", p->text.out);
            break;
        case '"':
            (void)fputs("&quot;", p->text.out);
            break;
        default:
            (void)fputc(*text, p->text.out);
        }
    }
}

void page_numbers_begin(struct page *p)
{
    (void)fprintf(p->text.out, "<dl class=\"numbers\">\n");
}

void page_number(struct page *p, const char *label, const char *format, ...)
{
    va_list args;
    (void)fprintf(p->text.out, "<div><dt>%s</dt><dd>", label);
    va_start(args, format);
    (void)vfprintf(p->text.out, format, args);
    va_end(args);
    (void)fprintf(p->text.out, "</dd></div>\n");
}

void page_numbers_end(struct page *p)
{
    (void)fprintf(p->text.out, "</dl>\n");
}

void page_heading(struct page *p, const char *text)
{
    (void)fprintf(p->text.out, "<h2>");
    page_text(p, text);
    (void)fprintf(p->text.out, "</h2>\n");
}

static void print_encoded(FILE *out, const uint8_t *bytes, size_t len)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "-._~!$()*+,;=@";
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != '\0' && strchr(plain, bytes[i]) != NULL)
            (void)fputc(bytes[i], out);
        else
            (void)fprintf(out, "%%%02X", bytes[i]);
    }
}

bool page_figure(struct page *p, const char *name, const char *alt, struct error *err)
{
    char path[PATH_SIZE];
    uint8_t *bytes;
    size_t len;
    if (!print_fits(path, sizeof path, "%s/%s.svg", p->folder, name))
        return error_set(err, ERROR_BAD_ARGUMENT, "the name of the folder is too long");
    if (!file_read(&bytes, &len, path, SVG_MAX, err))
        return false;
    (void)fprintf(p->text.out, "<figure><img alt=\"");
    page_text(p, alt);
    (void)fprintf(p->text.out, "\" src=\"data:image/svg+xml,");
    print_encoded(p->text.out, bytes, len);
    (void)fprintf(p->text.out, "\"></figure>\n");
    free(bytes);
    return true;
}

bool page_write(struct page *p, struct error *err)
{
    char path[PATH_SIZE];
    (void)fprintf(p->text.out, "</body>\n</html>\n");
    if (!plot_text_finish(&p->text, err))
        return false;
    if (!print_fits(path, sizeof path, "%s/report.html", p->folder))
        return error_set(err, ERROR_BAD_ARGUMENT, "the name of the folder is too long");
    return file_write(path, p->text.bytes, p->text.len, err);
}

void page_close(struct page *p)
{
    plot_text_close(&p->text);
    *p = (struct page){0};
}
