/*
 * A ring of batches between two threads: one fills, one learns. `filled` and `taken` count batches
 * since the start; the mutex guards them, and a slot belongs to the filler while it is not between
 * them. Knows nothing of networks.
 */
#include "train/learning/batches.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "train/drawing/sketch.h"
#include "train/learning/amount.h"
#include "train/learning/order.h"
#include "train/learning/trainer.h"

/* One is learned from, one lies ready, one is being made. */
enum { SLOTS = 3 };

struct slot {
    float *pixels;
    uint8_t *labels;
    struct batch batch;
};

struct batches {
    struct batches_plan plan;
    bool changes;
    struct order_random random; /* of the shuffles; the thread's own */
    uint32_t *order;            /* owned; the thread's own */
    float *pixels;              /* owned: of all slots */
    uint8_t *labels;
    struct slot slots[SLOTS];
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t filled, taken; /* `taken` includes the one that is lent */
    bool ended;           /* nothing more will be filled */
    bool stopping;
};

/* A picture of the set, or one that is made up in its place. */
static uint8_t fill_changed(float *out, const struct batches_plan *plan, size_t index,
                            struct order_random *random)
{
    uint8_t sketch[DIGIT_PIXELS], label = plan->set->labels[index];
    const uint8_t *picture = sketch;
    double which = amount_chance(random);
    if (which < plan->plain) {
        mnist_floats(out, plan->set, index);
        return label;
    }
    which -= plan->plain;
    if (which < plan->drawn) {
        label = sketch_digit(sketch, random);
    } else if (which < plan->drawn + plan->others) {
        label = TRAINER_NO_DIGIT;
        sketch_other(sketch, plan->set, random);
    } else {
        picture = plan->set->pixels + index * DIGIT_PIXELS;
    }
    augment_picture(out, picture, &plan->augment, random);
    return label;
}

static void fill(const struct batches *b, struct slot *slot, size_t epoch, size_t place)
{
    const struct mnist *set = b->plan.set;
    size_t left = set->count - place;
    size_t count = left < b->plan.batch ? left : b->plan.batch;
    for (size_t i = 0; i < count; i++) {
        size_t index = b->order[place + i];
        float *out = slot->pixels + i * DIGIT_PIXELS;
        if (b->changes) {
            struct order_random random;
            order_seed_for(&random, b->plan.seed, epoch, place + i);
            slot->labels[i] = fill_changed(out, &b->plan, index, &random);
        } else {
            slot->labels[i] = set->labels[index];
            mnist_floats(out, set, index);
        }
    }
    slot->batch = (struct batch){slot->pixels, slot->labels, count, epoch, place};
}

/* Waits for a slot that nobody reads; NULL when there is no more to do. */
static struct slot *free_slot(struct batches *b)
{
    struct slot *slot = NULL;
    pthread_mutex_lock(&b->mutex);
    /* The slot before `taken` is lent still. */
    while (!b->stopping && b->filled + 1 - b->taken >= SLOTS)
        pthread_cond_wait(&b->changed, &b->mutex);
    if (!b->stopping)
        slot = &b->slots[b->filled % SLOTS];
    pthread_mutex_unlock(&b->mutex);
    return slot;
}

static void hand_over(struct batches *b, bool ended)
{
    pthread_mutex_lock(&b->mutex);
    b->filled += !ended;
    b->ended = ended;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->mutex);
}

static void *fill_all(void *arg)
{
    struct batches *b = arg;
    const struct batches_plan *plan = &b->plan;
    for (size_t epoch = 0; epoch < plan->epochs; epoch++) {
        order_shuffle(&b->random, b->order, plan->set->count);
        size_t place = epoch < plan->epoch    ? plan->set->count
                       : epoch == plan->epoch ? plan->place
                                              : 0;
        for (; place < plan->set->count; place += plan->batch) {
            struct slot *slot = free_slot(b);
            if (slot == NULL)
                return NULL;
            fill(b, slot, epoch, place);
            hand_over(b, false);
        }
    }
    hand_over(b, true);
    return NULL;
}

/* Signals go to the thread that learns. */
static bool start_thread(struct batches *b)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    bool ok = pthread_create(&b->thread, NULL, fill_all, b) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ok;
}

static void free_all(struct batches *b)
{
    free(b->order);
    free(b->pixels);
    free(b->labels);
    free(b);
}

bool batches_start(struct batches **out, const struct batches_plan *plan, struct error *err)
{
    static const struct augment nothing;
    struct batches *b = calloc(1, sizeof *b);
    if (b == NULL)
        goto out_no_memory;
    b->plan = *plan;
    if (b->plan.batch > plan->set->count)
        b->plan.batch = plan->set->count;
    /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c): all zero? */
    b->changes = memcmp(&plan->augment, &nothing, sizeof nothing) != 0 || plan->drawn > 0 ||
                 plan->others > 0;
    b->order = malloc(plan->set->count * sizeof *b->order);
    b->pixels = malloc(SLOTS * b->plan.batch * DIGIT_PIXELS * sizeof *b->pixels);
    b->labels = malloc(SLOTS * b->plan.batch);
    if (b->order == NULL || b->pixels == NULL || b->labels == NULL)
        goto out_no_memory;
    for (size_t i = 0; i < SLOTS; i++) {
        b->slots[i].pixels = b->pixels + i * b->plan.batch * DIGIT_PIXELS;
        b->slots[i].labels = b->labels + i * b->plan.batch;
    }
    for (size_t i = 0; i < plan->set->count; i++)
        b->order[i] = (uint32_t)i;
    order_seed(&b->random, plan->seed);
    (void)pthread_mutex_init(&b->mutex, NULL);
    (void)pthread_cond_init(&b->changed, NULL);
    if (!start_thread(b)) {
        free_all(b);
        return error_set(err, ERROR_INTERNAL, "no thread can be started to prepare batches");
    }
    *out = b;
    return true;

out_no_memory:
    if (b != NULL)
        free_all(b);
    return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for batches of %zu",
                     plan->batch);
}

bool batches_next(struct batches *b, struct batch *out)
{
    pthread_mutex_lock(&b->mutex);
    while (b->filled == b->taken && !b->ended)
        pthread_cond_wait(&b->changed, &b->mutex);
    bool is_there = b->filled > b->taken;
    if (is_there) {
        *out = b->slots[b->taken % SLOTS].batch;
        b->taken++;
        pthread_cond_broadcast(&b->changed);
    }
    pthread_mutex_unlock(&b->mutex);
    return is_there;
}

void batches_stop(struct batches *b)
{
    if (b == NULL)
        return;
    pthread_mutex_lock(&b->mutex);
    b->stopping = true;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->mutex);
    (void)pthread_join(b->thread, NULL);
    (void)pthread_mutex_destroy(&b->mutex);
    (void)pthread_cond_destroy(&b->changed);
    free_all(b);
}
