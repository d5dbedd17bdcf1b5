/*
 * Looking now and then costs the request's way nothing: a connection is told from what it was the
 * last time by what it waits for and for which request.
 *
 * libmicrohttpd calls for what there is to read only when the system says that there is something.
 * To make it call, the receiving side is shut down, which the system reports.
 */
#include "server/http/deadlines.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>

#include "server/http/exchange.h"
#include "server/http/loop.h"
#include "server/http/peer.h"

static const int64_t ns_per_second = 1000000000;

static void poke(const struct peer *p)
{
    (void)shutdown(p->fd, SHUT_RD);
}

static void cut_off(const struct peer *p)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    (void)shutdown(p->fd, SHUT_RDWR);
}

static void refuse(struct peer *p, const char *text)
{
    if (intake_end(&p->intake, ERROR_TIMEOUT, text))
        poke(p);
    else
        cut_off(p);
}

/* Whether the system still holds something that the client has not taken. */
static bool has_unsent(struct peer *p)
{
    int bytes = 0;
    if (!p->replied)
        return false;
    p->replied = ioctl(p->fd, SIOCOUTQ, &bytes) == 0 && bytes > 0;
    return p->replied;
}

static enum peer_wait wait_of(struct peer *p)
{
    if (p->exchange == NULL) {
        const bool begins = p->hold_len > 0 || (p->encrypted && p->received == 0);
        return begins ? PEER_HEAD : has_unsent(p) ? PEER_SEND : PEER_IDLE;
    }
    switch (p->exchange->state) {
    case EXCHANGE_READING:
    case EXCHANGE_REFUSED:
        return PEER_BODY;
    case EXCHANGE_REPLIED:
        return PEER_SEND;
    default:
        return PEER_WORK;
    }
}

/* Bytes that the client has taken. The structure of Linux 4.1, or a shorter one: then none. */
static uint64_t acknowledged(const struct peer *p)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    return getsockopt(p->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 ? info.tcpi_bytes_acked : 0;
}

static uint64_t moved(const struct peer *p, enum peer_wait wait)
{
    return wait == PEER_SEND ? acknowledged(p) : p->received;
}

static void watch(struct peer *p, enum peer_wait wait, int64_t now)
{
    p->watch = (struct peer_watch){.wait = wait,
                                   .heads = p->intake.heads,
                                   .since_ns = now,
                                   .mark_ns = now,
                                   .mark = moved(p, wait)};
}

/* libmicrohttpd hears of each event once. Where the end came together with something to read, it
 * would wait for more until the connection has been idle for too long. */
static void look_for_end(struct peer *p)
{
    char byte;
    if (p->probed == p->received || p->watch.wait == PEER_WORK)
        return;
    p->probed = p->received;
    if (recvfrom(p->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT, NULL, NULL) == 0)
        poke(p);
}

static bool is_too_slow(struct peer *p, const struct http_options *o, int64_t now)
{
    struct peer_watch *w = &p->watch;
    if (now - w->mark_ns < DEADLINES_RATE_SECONDS * ns_per_second)
        return false;
    const uint64_t at = moved(p, w->wait);
    const bool slow = at - w->mark < (uint64_t)o->rate_min * DEADLINES_RATE_SECONDS;
    w->mark_ns = now;
    w->mark = at;
    return slow;
}

static bool has_lasted(const struct peer *p, const struct http_options *o, int64_t now)
{
    return p->exchange != NULL && now - p->exchange->began_ns > o->request_seconds * ns_per_second;
}

static void check(struct peer *p, const struct http_options *o, int64_t now)
{
    const enum peer_wait wait = wait_of(p);
    look_for_end(p);
    const bool silent = wait == PEER_IDLE && p->received == 0;
    if (wait != p->watch.wait || p->intake.heads != p->watch.heads || p->watch.since_ns == 0) {
        watch(p, wait, now);
    } else if (silent) {
        if (now - p->watch.since_ns > o->header_seconds * ns_per_second)
            poke(p); /* which ends it: there is nothing to answer */
    } else if (wait == PEER_HEAD) {
        if (now - p->watch.since_ns > o->header_seconds * ns_per_second)
            refuse(p, "the head of the request took too long");
    } else if (wait == PEER_BODY) {
        if (is_too_slow(p, o, now) || has_lasted(p, o, now))
            refuse(p, "the body of the request took too long");
    } else if (wait == PEER_SEND) {
        if (is_too_slow(p, o, now) || has_lasted(p, o, now))
            cut_off(p);
    }
}

void deadlines_check(struct loop *loop, int64_t now_ns)
{
    for (struct peer *p = loop->peers.first; p != NULL; p = p->next)
        check(p, loop->options, now_ns);
}
