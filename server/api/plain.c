/*
 * A scanner for one shape of JSON (RFC 8259). It accepts nothing that a parser would refuse, so
 * that what it does not know can be left to one: it saves the parser's tree and its copy of the
 * picture, which cost more than all else on the way in. Any thread; no state.
 */
#include "server/api/plain.h"

#include <string.h>

#include "server/text.h"

struct scan {
    const char *at;
    const char *end;
};

static void skip_space(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
        s->at++;
}

/* Takes white space and then exactly that text. */
static bool take(struct scan *s, const char *text)
{
    const size_t len = strlen(text);
    skip_space(s);
    if ((size_t)(s->end - s->at) < len || memcmp(s->at, text, len) != 0)
        return false;
    s->at += len;
    return true;
}

bool plain_image(struct api_image *out, const char *body, size_t len)
{
    struct scan s = {body, body + len};
    if (!take(&s, "{") || !take(&s, "\"image\"") || !take(&s, ":") || !take(&s, "\""))
        return false;
    const char *text = s.at;
    const char *quote = memchr(text, '"', (size_t)(s.end - text));
    if (quote == NULL || !text_is_plain(text, (size_t)(quote - text)))
        return false;
    s.at = quote + 1;
    if (!take(&s, "}"))
        return false;
    skip_space(&s);
    *out = (struct api_image){text, (size_t)(quote - text), false};
    return s.at == s.end;
}
