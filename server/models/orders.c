/*
 * The keeper's letter box. The mutex guards all of it but `stopping`, which a download asks for
 * many times a second.
 */
#include "server/models/orders.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

struct orders {
    atomic_bool stopping;
    pthread_mutex_t mutex;
    pthread_cond_t told;
    bool look;
    struct order *first;
    struct order **last; /* where the next one goes */
};

int64_t orders_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits on the monotonic clock, which setting the time does not move. */
static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

bool orders_open(struct orders **out, struct error *err)
{
    struct orders *o = calloc(1, sizeof *o);
    if (o == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for orders");
    pthread_mutex_init(&o->mutex, NULL);
    init_condition(&o->told);
    o->last = &o->first;
    *out = o;
    return true;
}

void orders_ask_look(struct orders *o)
{
    pthread_mutex_lock(&o->mutex);
    o->look = true;
    pthread_cond_signal(&o->told);
    pthread_mutex_unlock(&o->mutex);
}

bool orders_give(struct orders *o, enum order_kind kind, order_done *done, void *context,
                 struct error *err)
{
    struct order *order = malloc(sizeof *order);
    if (order == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for an order");
    *order = (struct order){kind, done, context, NULL};
    pthread_mutex_lock(&o->mutex);
    const bool taken = !orders_stopped(o);
    if (taken) {
        *o->last = order;
        o->last = &order->next;
        pthread_cond_signal(&o->told);
    }
    pthread_mutex_unlock(&o->mutex);
    if (taken)
        /* cppcheck-suppress memleak; the list has it */
        return true;
    free(order);
    return error_set(err, ERROR_NOT_READY, "the server is stopping");
}

void orders_stop(struct orders *o)
{
    pthread_mutex_lock(&o->mutex);
    atomic_store(&o->stopping, true);
    pthread_cond_signal(&o->told);
    pthread_mutex_unlock(&o->mutex);
}

bool orders_stopped(const struct orders *o)
{
    return atomic_load(&o->stopping);
}

void orders_wait(struct orders *o, int64_t due_ms, bool *look, struct order **first)
{
    const struct timespec until = {.tv_sec = due_ms / 1000, .tv_nsec = due_ms % 1000 * 1000000};
    pthread_mutex_lock(&o->mutex);
    while (!orders_stopped(o) && !o->look && o->first == NULL && orders_now_ms() < due_ms)
        if (due_ms == INT64_MAX)
            pthread_cond_wait(&o->told, &o->mutex);
        else
            pthread_cond_timedwait(&o->told, &o->mutex, &until);
    *look = o->look;
    *first = o->first;
    o->look = false;
    o->first = NULL;
    o->last = &o->first;
    pthread_mutex_unlock(&o->mutex);
}

struct order *orders_end(struct order *order, const struct error *err)
{
    struct order *next = order->next;
    order->done(order->context, err);
    free(order);
    return next;
}

void orders_refuse(struct order *first)
{
    struct error stopping = {0};
    error_set(&stopping, ERROR_NOT_READY, "the server is stopping");
    while (first != NULL)
        first = orders_end(first, &stopping);
}

void orders_close(struct orders *o)
{
    if (o == NULL)
        return;
    pthread_cond_destroy(&o->told);
    pthread_mutex_destroy(&o->mutex);
    free(o);
}
