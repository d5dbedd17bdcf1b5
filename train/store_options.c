/*
 * From flags to options and back. One thread; no state.
 */
#include "train/store_options.h"

#include <string.h>

struct holder {
    struct store_flags flags;
};

static const struct option_row rows[] = {STORE_OPTION_ROWS(struct holder, flags)};

static const char *text_or_null(const char *text)
{
    return text == NULL || text[0] == '\0' ? NULL : text;
}

struct store_options store_options_from(const struct store_flags *flags)
{
    return (struct store_options){
        .user = text_or_null(flags->user),
        .token_file = text_or_null(flags->token_file),
        .negotiate = flags->negotiate,
        .ca_file = text_or_null(flags->ca_file),
        .redirect_hosts = text_or_null(flags->redirect_hosts),
        .hdfs_http_port = flags->hdfs_http_port,
        .attempts = flags->attempts,
        .connect_ms = 1000 * flags->connect_s,
        .stall_ms = 1000 * flags->stall_s,
        .total_ms = 1000 * flags->total_s,
    };
}

void store_options_quote(const char *text, FILE *out)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-";
    if (text[0] != '\0' && strspn(text, plain) == strlen(text)) {
        (void)fputs(text, out);
        return;
    }
    (void)fputc('\'', out);
    for (; *text != '\0'; text++)
        (void)(*text == '\'' ? fputs("'\\''", out) : fputc(*text, out));
    (void)fputc('\'', out);
}

static void print_value(const struct option_row *row, const char *text, FILE *out)
{
    if (strcmp(text, row->initial) == 0)
        return;
    (void)fprintf(out, " --%s ", row->name);
    store_options_quote(text, out);
}

void store_options_print(const struct store_flags *flags, FILE *out)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct option_row *row = &rows[i];
        const char *place = (const char *)flags + row->offset;
        char number[24];
        if (row->kind == OPTION_FLAG && *(const bool *)place)
            (void)fprintf(out, " --%s", row->name);
        if (row->kind == OPTION_TEXT)
            print_value(row, *(const char *const *)(const void *)place, out);
        if (row->kind == OPTION_COUNT) {
            (void)snprintf(number, sizeof number, "%zu", *(const size_t *)(const void *)place);
            print_value(row, number, out);
        }
    }
}
