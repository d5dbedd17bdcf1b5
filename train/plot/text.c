/*
 * Texts in memory. One thread a text.
 */
#include "train/plot/text.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 4096 };

static ssize_t take(void *cookie, const char *bytes, size_t len)
{
    struct plot_text *t = cookie;
    if (len > t->room - t->len) {
        size_t room = t->room == 0 ? ROOM_FIRST : 2 * t->room;
        while (len > room - t->len)
            room *= 2;
        char *moved = realloc(t->bytes, room);
        if (moved == NULL)
            return 0; /* less than `len`: the stream's error */
        t->bytes = moved;
        t->room = room;
    }
    memcpy(t->bytes + t->len, bytes, len);
    t->len += len;
    return (ssize_t)len;
}

static bool no_memory(struct error *err)
{
    return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory to draw with");
}

bool plot_text_open(struct plot_text *t, struct error *err)
{
    *t = (struct plot_text){0};
    t->out = fopencookie(t, "w", (cookie_io_functions_t){.write = take});
    return t->out != NULL || no_memory(err);
}

bool plot_text_finish(struct plot_text *t, struct error *err)
{
    bool ok = fflush(t->out) == 0 && !ferror(t->out);
    ok &= fclose(t->out) == 0;
    t->out = NULL;
    return ok || no_memory(err);
}

void plot_text_close(struct plot_text *t)
{
    if (t->out != NULL)
        (void)fclose(t->out);
    free(t->bytes);
    *t = (struct plot_text){0};
}
