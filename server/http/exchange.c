/*
 * Exchanges: a request is gathered, checked and handed over; its reply is queued.
 *
 * Runs on the exchange's loop. A body that arrives in one piece, which nearly all do, is handed
 * over where libmicrohttpd has read it; only one in several pieces is gathered in memory of its
 * own, and one that must wait for a turn with time left. Those that wait stand in a list of ours:
 * libmicrohttpd's order favours connections that it has just served. An exchange that has no reply
 * is simply asked for again on the loop's next turn; http_defer suspends the connection instead,
 * for replies that take longer than that. Knows nothing of routes, JSON or digits.
 */
#include "server/http/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "server/http/limits.h"
#include "server/http/loop.h"
#include "server/http/peer.h"

enum {
    /* A refused body up to this size is read and dropped, so that the client gets to see the
     * answer; past it the connection is closed under the client's hands. */
    DISCARD_MAX = 16 * 1024 * 1024,
    /* A body that is longer may come in pieces, which take memory. */
    PIECE = 8 * 1024,
};

static const int64_t ns_per_ms = 1000000;

static bool check_length(const struct http_exchange *ex, size_t len, struct error *err)
{
    size_t max = ex->loop->options->body_max;
    if (len <= max)
        return true;
    return error_set(err, ERROR_BODY_TOO_LARGE, "the body is larger than %zu bytes", max);
}

static void refuse(struct http_exchange *ex)
{
    const struct http_callbacks *c = &ex->loop->options->callbacks;
    ex->state = EXCHANGE_HANDLING;
    c->refuse(ex, c->context, &ex->refusal);
}

/* Whether the request is well formed, as far as it has come. */
static bool check_fault(const struct http_exchange *ex, struct error *err)
{
    const struct fault *fault = peer_fault(ex->peer);
    if (ex->peer->requests > ex->peer->intake.heads)
        return error_set(err, ERROR_INTERNAL, "the request came past the one who reads it first");
    return fault == NULL || error_set(err, fault->code, "%s", fault->text);
}

/* The intake has seen to it that it is said once, and well. */
static size_t declared_len(const struct http_exchange *ex)
{
    if (http_header(ex, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL)
        return SIZE_MAX;
    const char *length = http_header(ex, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return length != NULL ? (size_t)strtoull(length, NULL, 10) : 0;
}

static bool check_room(const struct http_exchange *ex, struct error *err)
{
    return ex->declared_len <= PIECE || limits_have_room(ex->loop->limits) ||
           error_set(err, ERROR_OVERLOADED,
                     "the bodies under way take all memory there is for them");
}

/* Whether its turn, behind all that wait now, is likely to come in time. */
static bool check_wait(const struct http_exchange *ex, struct error *err)
{
    const struct loop *loop = ex->loop;
    const int64_t wait_ns = (int64_t)loop->waiting.count * loop->pace.cost_ns;
    const int64_t left_ns = ex->patience_ns - loop->pace.turn_ns;
    return ex->patience_ns == 0 || wait_ns <= left_ns ||
           error_set(err, ERROR_OVERLOADED,
                     "it would wait for about %lld ms, and may for %lld; try again in a moment",
                     (long long)(wait_ns / ns_per_ms), (long long)(left_ns / ns_per_ms));
}

/* Decides on the headers alone. What is refused here is answered at once when no body follows, or
 * when the client waits for our word before it sends one, or would send more than we drop. */
static void admit(struct http_exchange *ex)
{
    const struct http_callbacks *c = &ex->loop->options->callbacks;
    if (!check_fault(ex, &ex->refusal)) {
        if (ex->peer->intake.headless)
            ex->method = ex->path = "?";
        ex->close = true;
        refuse(ex);
        return;
    }
    ex->declared_len = declared_len(ex);
    const size_t len = ex->declared_len == SIZE_MAX ? 0 : ex->declared_len;
    ex->handler = c->admit(ex, c->context, &ex->refusal);
    if (ex->handler != NULL && check_length(ex, len, &ex->refusal) &&
        check_room(ex, &ex->refusal) && check_wait(ex, &ex->refusal))
        return;
    ex->state = EXCHANGE_REFUSED;
    if (len > DISCARD_MAX || http_header(ex, MHD_HTTP_HEADER_EXPECT) != NULL) {
        ex->close = true;
        refuse(ex);
    }
}

/* Whether a request that is whole is handled at once: no other waits, and there is time left. */
static bool is_taken(struct http_exchange *ex)
{
    struct loop *loop = ex->loop;
    return ex->patience_ns == 0 ||
           (loop->waiting.count == 0 && pace_takes(&loop->pace, loop_now_ns()));
}

static void handle(struct http_exchange *ex, const char *body, size_t len)
{
    ex->state = EXCHANGE_HANDLING;
    ex->body = body;
    ex->body_len = len;
    ex->handler(ex, ex->loop->options->callbacks.context);
}

static bool make_room(struct http_exchange *ex, size_t len)
{
    size_t room = 2 * ex->body_room + len;
    if (room > ex->declared_len)
        room = ex->declared_len;
    if (!limits_take(ex->loop->limits, room - ex->body_room))
        return error_set(&ex->refusal, ERROR_OVERLOADED,
                         "the bodies under way take all memory there is for them");
    char *bigger = realloc(ex->gathered, room);
    if (bigger == NULL) {
        limits_give(ex->loop->limits, room - ex->body_room);
        return error_set(&ex->refusal, ERROR_OUT_OF_MEMORY, "no memory for the body");
    }
    ex->gathered = bigger;
    ex->body_room = room;
    return true;
}

static bool gather(struct http_exchange *ex, const char *piece, size_t len)
{
    if (len > ex->body_room - ex->body_len && !make_room(ex, len))
        return false;
    memcpy(ex->gathered + ex->body_len, piece, len);
    ex->body_len += len;
    return true;
}

static void drop_gathered(struct http_exchange *ex)
{
    limits_give(ex->loop->limits, ex->body_room);
    free(ex->gathered);
    ex->gathered = NULL;
    ex->body_room = 0;
}

static void receive(struct http_exchange *ex, const char *piece, size_t len)
{
    if (len == ex->declared_len && ex->state == EXCHANGE_READING && is_taken(ex)) {
        handle(ex, piece, len);
    } else if (ex->state == EXCHANGE_REFUSED) {
        ex->body_len += len;
    } else if (!check_fault(ex, &ex->refusal) ||
               !check_length(ex, ex->body_len + len, &ex->refusal) || !gather(ex, piece, len)) {
        ex->state = EXCHANGE_REFUSED;
        drop_gathered(ex);
    }
}

/* 0: none. While a request waits for its turn, the client has nothing to say. */
static void set_idle_seconds(const struct http_exchange *ex, unsigned seconds)
{
    (void)MHD_set_connection_option(ex->connection, MHD_CONNECTION_OPTION_TIMEOUT, seconds);
}

static void wait_for_turn(struct http_exchange *ex)
{
    struct waiting *waiting = &ex->loop->waiting;
    if (!check_wait(ex, &ex->refusal)) {
        refuse(ex);
        return;
    }
    ex->state = EXCHANGE_WAITING;
    ex->whole_ns = ex->loop->pace.turn_ns;
    ex->previous = waiting->last;
    *(waiting->last != NULL ? &waiting->last->next : &waiting->first) = ex;
    waiting->last = ex;
    waiting->count++;
    set_idle_seconds(ex, 0);
}

static void end_wait(struct http_exchange *ex)
{
    struct waiting *waiting = &ex->loop->waiting;
    *(ex->previous != NULL ? &ex->previous->next : &waiting->first) = ex->next;
    *(ex->next != NULL ? &ex->next->previous : &waiting->last) = ex->previous;
    ex->next = ex->previous = NULL;
    waiting->count--;
}

static void refuse_late(struct http_exchange *ex)
{
    error_set(&ex->refusal, ERROR_OVERLOADED, "the request has waited too long; try again");
    refuse(ex);
}

void exchange_handle_waiting(struct loop *loop)
{
    struct pace *pace = &loop->pace;
    struct http_exchange *ex;
    if (loop->waiting.count == 0 || pace->taken > 0)
        return;
    pace->since_ns = loop_now_ns();
    while ((ex = loop->waiting.first) != NULL) {
        const bool is_late = pace->turn_ns > ex->patience_ns;
        if (!is_late && !pace_takes(pace, loop_now_ns()))
            break;
        end_wait(ex);
        set_idle_seconds(ex, loop->options->idle_seconds);
        ex->waited_ns = pace->turn_ns - ex->whole_ns;
        if (is_late)
            refuse_late(ex);
        else
            handle(ex, ex->gathered, ex->body_len);
    }
}

/* The body is there. Answers when the answer is known. False: close. */
static bool conclude(struct http_exchange *ex)
{
    const bool open = ex->state == EXCHANGE_READING || ex->state == EXCHANGE_REFUSED;
    if (open && peer_fault(ex->peer) != NULL) {
        ex->close = true;
        ex->refusal = (struct error){0};
        ex->state = check_fault(ex, &ex->refusal) ? ex->state : EXCHANGE_REFUSED;
    }
    if (ex->state == EXCHANGE_READING && !is_taken(ex))
        wait_for_turn(ex);
    else if (ex->state == EXCHANGE_READING)
        handle(ex, ex->gathered, ex->body_len);
    else if (ex->state == EXCHANGE_REFUSED)
        refuse(ex);
    if (ex->state != EXCHANGE_REPLIED)
        return true;
    if (ex->response == NULL)
        return false;
    enum MHD_Result queued = MHD_queue_response(ex->connection, (unsigned)ex->status, ex->response);
    MHD_destroy_response(ex->response);
    ex->response = NULL;
    return queued == MHD_YES;
}

/* One thread writes it, so there is no need for an atomic addition. */
static void count_exchange(struct loop *loop, bool begins)
{
    size_t count = atomic_load_explicit(&loop->exchanges, memory_order_relaxed);
    atomic_store_explicit(&loop->exchanges, begins ? count + 1 : count - 1, memory_order_relaxed);
}

static struct peer *peer_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info->socket_context;
}

static struct http_exchange *begin(struct loop *loop, struct MHD_Connection *connection,
                                   const char *path, const char *method)
{
    struct http_exchange *ex = calloc(1, sizeof *ex + loop->options->notes_len);
    if (ex == NULL)
        return NULL;
    ex->loop = loop;
    ex->peer = peer_of(connection);
    ex->began_ns = loop->pace.turn_ns;
    ex->connection = connection;
    ex->path = path;
    ex->method = method;
    ex->close = ++ex->peer->requests == loop->options->requests_max;
    ex->peer->exchange = ex;
    count_exchange(loop, true);
    admit(ex);
    return ex;
}

/* libmicrohttpd's one callback: once for the headers, once for each piece of the body, and with no
 * piece once the body is there, again each turn until a response is queued. */
enum MHD_Result exchange_on_request(void *context, struct MHD_Connection *connection,
                                    const char *path, const char *method, const char *version,
                                    const char *piece, size_t *piece_len, void **slot)
{
    struct loop *loop = context;
    struct http_exchange *ex = *slot;
    (void)version;
    loop->moved = true;
    if (ex == NULL) {
        *slot = ex = begin(loop, connection, path, method);
        if (ex == NULL)
            return MHD_NO;
        return ex->state == EXCHANGE_REPLIED && !conclude(ex) ? MHD_NO : MHD_YES;
    }
    if (*piece_len == 0)
        return conclude(ex) ? MHD_YES : MHD_NO;
    receive(ex, piece, *piece_len);
    *piece_len = 0;
    return ex->state != EXCHANGE_REFUSED || ex->body_len <= DISCARD_MAX ? MHD_YES : MHD_NO;
}

static void report(struct http_exchange *ex, bool complete)
{
    const struct http_callbacks *c = &ex->loop->options->callbacks;
    const struct http_outcome outcome = {
        .status = complete ? ex->status : 0,
        .request_len = ex->body_len,
        .response_len = ex->reply_len,
        .duration_ns = loop_now_ns() - ex->began_ns,
    };
    c->ended(ex, c->context, &outcome);
}

void exchange_on_end(void *context, struct MHD_Connection *connection, void **slot,
                     enum MHD_RequestTerminationCode code)
{
    struct loop *loop = context;
    struct http_exchange *ex = *slot;
    (void)connection;
    if (ex == NULL)
        return;
    *slot = NULL;
    report(ex, code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    count_exchange(loop, false);
    if (ex->state == EXCHANGE_WAITING)
        end_wait(ex);
    ex->peer->exchange = NULL;
    ex->peer->replied = true;
    if (ex->response != NULL)
        MHD_destroy_response(ex->response);
    drop_gathered(ex);
    free(ex);
}
