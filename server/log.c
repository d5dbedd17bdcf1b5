/*
 * The log. Any thread: a line is one write, so lines do not mix.
 */
#include "server/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static bool json;

void log_as_json(void)
{
    json = true;
}

static void begin_json(struct text *t, enum log_level level, const char *message)
{
    char time[48];
    struct timespec now;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    const size_t len = strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%S", &parts);
    (void)snprintf(time + len, sizeof time - len, ".%06ldZ", now.tv_nsec / 1000);
    text_string(t, "{\"time\":");
    text_quoted(t, time);
    text_string(t, level == LOG_INFO ? ",\"level\":\"info\"" : ",\"level\":\"error\"");
    text_string(t, ",\"message\":");
    text_quoted(t, message);
}

void log_begin(struct text *t, enum log_level level, const char *message)
{
    if (json) {
        begin_json(t, level, message);
    } else {
        text_string(t, "digitd: ");
        text_string(t, message);
    }
}

static void begin_field(struct text *t, const char *name)
{
    text_string(t, json ? ",\"" : " ");
    text_string(t, name);
    text_string(t, json ? "\":" : "=");
}

void log_field(struct text *t, const char *name, const char *value)
{
    begin_field(t, name);
    text_quoted(t, value);
}

void log_integer(struct text *t, const char *name, size_t value)
{
    begin_field(t, name);
    text_integer(t, value);
}

void log_seconds(struct text *t, const char *name, int64_t ns)
{
    char value[40];
    (void)snprintf(value, sizeof value, "%" PRId64 ".%09" PRId64, ns / 1000000000, ns % 1000000000);
    begin_field(t, name);
    text_string(t, value);
}

void log_end(struct text *t)
{
    struct error ignored = {0};
    char *line = NULL;
    size_t len = 0;
    text_string(t, json ? "}\n" : "\n");
    if (!text_take(t, &line, &len, &ignored))
        return;
    ssize_t written = write(STDERR_FILENO, line, len);
    (void)written;
    free(line);
}

static void write_line(enum log_level level, const char *format, va_list args)
{
    char message[512];
    struct text t = {0};
    (void)vsnprintf(message, sizeof message, format, args);
    log_begin(&t, level, message);
    log_end(&t);
}

void log_line(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    write_line(LOG_INFO, format, args);
    va_end(args);
}

void log_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    write_line(LOG_ERROR, format, args);
    va_end(args);
}
