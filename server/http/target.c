/*
 * The request line is read from left to right; each part ends where the one rule for it ends.
 */
#include "server/http/target.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

enum {
    METHOD_MAX = 32,
    TARGET_MAX = 4096,
    PARAMETERS_MAX = 32,
    PORT_MAX = 65535,
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

bool target_is_token(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!is_letter(text[i]) && !is_digit(text[i]) && !is_one_of(text[i], "!#$%&'*+-.^_`|~"))
            return false;
    return len > 0;
}

static bool is_port(const char *text, size_t len)
{
    unsigned long port = 0;
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(text[i]))
            return false;
        port = 10 * port + (unsigned long)(text[i] - '0');
        if (port > PORT_MAX)
            return false;
    }
    return true;
}

static bool is_name(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!is_letter(text[i]) && !is_digit(text[i]) && !is_one_of(text[i], "-._~"))
            return false;
    return len > 0;
}

/* Between brackets. */
static bool is_ipv6(const char *text, size_t len)
{
    char copy[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (len >= sizeof copy || memchr(text, '\0', len) != NULL)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    return inet_pton(AF_INET6, copy, &address) == 1;
}

bool target_is_host(const char *text, size_t len)
{
    const char *end = text + len, *colon;
    if (len > 0 && text[0] == '[') {
        const char *bracket = memchr(text, ']', len);
        if (bracket == NULL || !is_ipv6(text + 1, (size_t)(bracket - text - 1)))
            return false;
        colon = bracket + 1;
    } else {
        colon = memchr(text, ':', len);
        if (colon == NULL)
            colon = end;
        if (!is_name(text, (size_t)(colon - text)))
            return false;
    }
    return colon == end || (*colon == ':' && is_port(colon + 1, (size_t)(end - colon - 1)));
}

/* Path and query. Browsers do not encode all that RFC 3986 wants encoded; what they leave is taken.
 * An encoded NUL is not: whatever handles the path as a C string would see a shorter one. */
static bool is_path(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (c <= ' ' || c >= 0x7f || is_one_of(text[i], "\"#<>\\"))
            return false;
        if (text[i] != '%')
            continue;
        if (len - i < 3 || !is_hex(text[i + 1]) || !is_hex(text[i + 2]) ||
            (text[i + 1] == '0' && text[i + 2] == '0'))
            return false;
    }
    return true;
}

/* The length of a scheme that is ours, with what separates it from the authority; 0: there is none.
 */
static size_t scheme_len(const char *text, size_t len)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (len > strlen(schemes[i]) && strncasecmp(text, schemes[i], strlen(schemes[i])) == 0)
            return strlen(schemes[i]);
    return 0;
}

/* The length of what an absolute form has before its path; 0: it is none. */
static size_t prefix_len(const char *text, size_t len)
{
    const size_t scheme = scheme_len(text, len);
    size_t end = scheme;
    while (end < len && text[end] != '/' && text[end] != '?')
        end++;
    return scheme > 0 && target_is_host(text + scheme, end - scheme) ? end : 0;
}

static size_t count_parameters(const char *text, size_t len)
{
    size_t count = 1;
    for (size_t i = 0; i < len; i++)
        count += text[i] == '&';
    return count;
}

static bool read_target(struct request_line *out, const char *text, size_t len, bool is_options,
                        struct fault *fault)
{
    if (len > TARGET_MAX)
        return fault_set(fault, ERROR_TARGET_TOO_LONG, "the target is longer than 4096 bytes");
    if (is_options && len == 1 && text[0] == '*')
        return true;
    out->prefix_len = prefix_len(text, len);
    if ((out->prefix_len == 0 && text[0] != '/') ||
        !is_path(text + out->prefix_len, len - out->prefix_len))
        return fault_set(
            fault, ERROR_BAD_REQUEST,
            "the target is no path; it begins with a slash, and percent-encodes what is no "
            "letter, digit or mark of a URL");
    return count_parameters(text, len) <= PARAMETERS_MAX ||
           fault_set(fault, ERROR_TARGET_TOO_LONG, "the query has more than 32 parameters");
}

static bool read_version(struct request_line *out, const char *text, size_t len,
                         struct fault *fault)
{
    if (len != sizeof "HTTP/1.1" - 1 || memcmp(text, "HTTP/", 5) != 0 || !is_digit(text[5]) ||
        text[6] != '.' || !is_digit(text[7]))
        return fault_set(fault, ERROR_BAD_REQUEST,
                         "the first line is to be a method, a target and HTTP/1.1, with one space "
                         "between");
    out->before_1_1 = text[5] == '0' || (text[5] == '1' && text[7] == '0');
    return text[5] == '1' ||
           fault_set(fault, ERROR_VERSION_NOT_SUPPORTED, "HTTP/1.1 and HTTP/1.0 are spoken here");
}

static bool is_method(const char *line, size_t len, const char *method)
{
    return len == strlen(method) && memcmp(line, method, len) == 0;
}

bool request_line_read(struct request_line *out, const char *line, size_t len, struct fault *fault)
{
    *out = (struct request_line){0};
    const char *end = line + len, *space = memchr(line, ' ', len);
    const size_t method_len = space != NULL ? (size_t)(space - line) : 0;
    const char *target = line + method_len + 1;
    const char *behind = space != NULL ? memchr(target, ' ', (size_t)(end - target)) : NULL;
    if (behind == NULL || behind == target || !target_is_token(line, method_len) ||
        method_len > METHOD_MAX)
        return fault_set(fault, ERROR_BAD_REQUEST,
                         "the first line is to be a method, a target and HTTP/1.1, with one space "
                         "between");
    if (!read_version(out, behind + 1, (size_t)(end - behind - 1), fault))
        return false;
    if (is_method(line, method_len, "CONNECT"))
        return fault_set(fault, ERROR_NOT_IMPLEMENTED,
                         "this is no proxy: it does not take CONNECT");
    out->is_head = is_method(line, method_len, "HEAD");
    out->prefix_at = method_len + 1;
    return read_target(out, target, (size_t)(behind - target),
                       is_method(line, method_len, "OPTIONS"), fault);
}

size_t request_line_shorten(const struct request_line *line, char *bytes, size_t len)
{
    char *target = bytes + line->prefix_at;
    size_t gone = line->prefix_len;
    if (gone == 0)
        return 0;
    if (target[gone] != '/')
        target[--gone] = '/';
    memmove(target, target + gone, (size_t)(bytes + len - target) - gone);
    return gone;
}
