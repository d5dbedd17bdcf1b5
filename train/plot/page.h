/*
 * report.html: one page that needs no other file. Pictures are inside, there are no scripts and no
 * links; it follows the reader's choice of dark or light.
 */
#ifndef DIGIT_PAGE_H
#define DIGIT_PAGE_H

#include "model/error.h"
#include "train/plot/text.h"

struct page {
    const char *folder; /* lent */
    struct plot_text text;
};

/* Begins the page of a folder that is there. */
bool page_open(struct page *p, const char *folder, const char *title, struct error *err) MUST_CHECK;

/* Prints text as HTML shows it. */
void page_text(struct page *p, const char *text);

/* A number in large print with what it is, both HTML, among others of its row. */
void page_numbers_begin(struct page *p);
void page_number(struct page *p, const char *label, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void page_numbers_end(struct page *p);

/* A heading; and the picture NAME.svg of the folder, `alt` being what it shows. */
void page_heading(struct page *p, const char *text);
bool page_figure(struct page *p, const char *name, const char *alt, struct error *err) MUST_CHECK;

/* Writes report.html. */
bool page_write(struct page *p, struct error *err) MUST_CHECK;

void page_close(struct page *p);

#endif
