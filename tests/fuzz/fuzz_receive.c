/*
 * What goes past the intake: the same however it arrives; nothing that the intake itself would
 * object to; and at its end every request that it began, whatever ended it.
 *
 * The first four bytes choose how the rest arrives: how much at once, how much is asked for, and
 * after how many reads, if at all, the client is told that it is too slow.
 */
#include <errno.h>
#include <string.h>

#include "server/http/peer.h"
#include "tests/fuzz/fuzz.h"

enum { WORDS_MAX = 64, FILLER_MAX = 64 * 1024 };

struct client {
    const uint8_t *bytes;
    size_t len;
    size_t at;
    size_t arrived;    /* bytes of it that are there to be read */
    size_t at_once;    /* that arrive with each event */
    size_t late_after; /* reads; 0: it is never late */
};

struct outcome {
    char *out;
    size_t len;
    struct fault fault;
    uint64_t heads;
    bool late;
    bool gone; /* its request could not be ended */
};

static ssize_t read_client(void *source, char *out, size_t size)
{
    struct client *c = source;
    const size_t there = c->arrived - c->at, count = there < size ? there : size;
    FUZZ_EXPECT(size > 0);
    if (there == 0 && c->at < c->len) {
        errno = EAGAIN;
        return -1;
    }
    memcpy(out, c->bytes + c->at, count);
    c->at += count;
    return (ssize_t)count;
}

/* What libmicrohttpd does: it reads until it is given less than it asked for, and then waits for
 * more to arrive. */
static struct outcome converse(struct client c, size_t ask)
{
    struct peer p = {0};
    struct outcome o = {.out = malloc(c.len + FILLER_MAX + WORDS_MAX + ask)};
    FUZZ_EXPECT(o.out != NULL);
    for (size_t reads = 1;; reads++) {
        if (reads == c.late_after) {
            o.late = true;
            o.gone = !intake_end(&p.intake, ERROR_TIMEOUT, "late");
            if (o.gone)
                break;
        }
        ssize_t got = peer_receive(&p, read_client, &c, o.out + o.len, ask);
        FUZZ_EXPECT(got <= (ssize_t)ask);
        if (got > 0)
            o.len += (size_t)got;
        if (got == (ssize_t)ask)
            continue;
        FUZZ_EXPECT(p.intake.state == INTAKE_OVER || c.at == c.arrived);
        if (got == 0 || (got < 0 && (p.intake.state == INTAKE_OVER || errno != EAGAIN)))
            break;
        c.arrived = c.len - c.arrived < c.at_once ? c.len : c.arrived + c.at_once;
    }
    o.fault = p.intake.fault;
    o.heads = p.intake.heads;
    free(p.hold);
    return o;
}

static void check_again(const struct outcome *first)
{
    const struct client whole = {
        .bytes = (const uint8_t *)first->out, .len = first->len, .at_once = first->len + 1};
    struct outcome again = converse(whole, first->len + 1);
    FUZZ_EXPECT(again.fault.code == ERROR_NONE && again.heads == first->heads);
    FUZZ_EXPECT(again.len == first->len && memcmp(again.out, first->out, first->len) == 0);
    free(again.out);
}

/* A fault was brought to the end of a request: another one behind it is one more. */
static void check_end(const struct outcome *first)
{
    static const char next[] = "GET / HTTP/1.0\r\n\r\n";
    struct intake in = {0};
    size_t len = first->len + sizeof next - 1;
    char *both = malloc(len);
    FUZZ_EXPECT(both != NULL);
    memcpy(both, first->out, first->len);
    memcpy(both + first->len, next, sizeof next - 1);
    FUZZ_EXPECT(intake_take(&in, both, &len) == first->len + sizeof next - 1);
    FUZZ_EXPECT(in.state == INTAKE_AT_HEAD && in.heads == first->heads + 1);
    free(both);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len < 4)
        return 0;
    struct client whole = {.bytes = bytes + 4, .len = len - 4, .at_once = len}, cut = whole;
    cut.at_once = 1 + bytes[0] * (size_t)bytes[0] / 4;
    cut.late_after = bytes[2] < 128 ? 0 : (size_t)bytes[2] - 127;
    const size_t ask = 1 + bytes[1] * (size_t)40 + bytes[3];
    struct outcome a = converse(whole, len + FILLER_MAX), b = converse(cut, ask);
    check_again(&a);
    if (b.fault.code != ERROR_NONE && !b.gone)
        check_end(&b);
    if (!b.late) {
        FUZZ_EXPECT(a.len == b.len && memcmp(a.out, b.out, a.len) == 0);
        FUZZ_EXPECT(a.heads == b.heads && a.fault.code == b.fault.code);
    }
    free(a.out);
    free(b.out);
    return 0;
}
