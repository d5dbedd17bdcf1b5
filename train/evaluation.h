/*
 * How good a model is on labelled pictures: loss, accuracy, confusion matrix, and what follows from
 * it for each class (precision, recall and F1 as in van Rijsbergen, "Information Retrieval", 1979).
 */
#ifndef DIGIT_EVALUATION_H
#define DIGIT_EVALUATION_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "model/digit.h"
#include "model/error.h"
#include "train/dataset/mnist.h"

struct evaluation {
    size_t count;
    size_t correct;
    double loss_sum;                                /* of -ln(probability of the label) */
    size_t confusion[DIGIT_CLASSES][DIGIT_CLASSES]; /* [label][prediction] */
};

struct evaluation_class {
    size_t count;
    double precision; /* each 0 where nothing can be divided */
    double recall;
    double f1;
};

/* What gives probabilities: engine_predict or a trainer's predict. */
struct evaluation_source {
    bool (*predict)(void *state, const float *pixels, size_t count, float *probabilities,
                    struct error *err);
    void *state;
};

/* Fills *out from the first `count` pictures of the set. Progress goes to `progress`, which may be
 * NULL. */
bool evaluation_run(struct evaluation *out, const struct evaluation_source *source,
                    const struct mnist *set, size_t count, FILE *progress,
                    struct error *err) MUST_CHECK;

/* The same, and fills count x 10 `probabilities`, which may be NULL. */
bool evaluation_keep(struct evaluation *out, float *probabilities,
                     const struct evaluation_source *source, const struct mnist *set, size_t count,
                     FILE *progress, struct error *err) MUST_CHECK;

/* Adds count x 10 probabilities and their labels. */
void evaluation_add(struct evaluation *e, const float *probabilities, const uint8_t *labels,
                    size_t count);

double evaluation_accuracy(const struct evaluation *e);
double evaluation_loss(const struct evaluation *e);
struct evaluation_class evaluation_class_at(const struct evaluation *e, size_t digit);

/* The class with the highest probability; the lowest such class on a tie. */
size_t evaluation_argmax(const float probabilities[DIGIT_CLASSES]);

#endif
