/*
 * What other threads want of the keeper, until it has time for it.
 */
#ifndef DIGIT_ORDERS_H
#define DIGIT_ORDERS_H

#include <stdint.h>

#include "model/error.h"

/* The end of an order that someone waits for: `err` is NULL when it was carried out. */
typedef void order_done(void *context, const struct error *err);

enum order_kind { ORDER_LOAD, ORDER_UNLOAD };

struct order {
    enum order_kind kind;
    order_done *done;
    void *context;
    struct order *next;
};

struct orders;

bool orders_open(struct orders **out, struct error *err) MUST_CHECK;

/* Asks for a look. Any thread. */
void orders_ask_look(struct orders *o);

/* Asks for what is waited for. On failure, also once orders_stop was called, `done` is not called.
 * Any thread. */
bool orders_give(struct orders *o, enum order_kind kind, order_done *done, void *context,
                 struct error *err) MUST_CHECK;

/* Ends all waiting. Any thread. */
void orders_stop(struct orders *o);
bool orders_stopped(const struct orders *o);

/* Returns at `due_ms` of the monotonic clock (INT64_MAX: never), or when there is something before.
 * Fills *look, and *first with the orders that were given, in order; orders_end takes them. One
 * thread. */
void orders_wait(struct orders *o, int64_t due_ms, bool *look, struct order **first);

/* Tells the one who waits and takes the order; returns the next. */
struct order *orders_end(struct order *order, const struct error *err);

/* Tells all of them that the server is stopping, and takes them. */
void orders_refuse(struct order *first);

/* There may be no orders left. Accepts NULL. */
void orders_close(struct orders *o);

int64_t orders_now_ms(void);

#endif
