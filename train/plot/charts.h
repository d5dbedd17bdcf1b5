/*
 * The figures that there are, each from the numbers that it shows. All go to a folder as
 * train/plot/figure.h says; a model is called by its name.
 */
#ifndef DIGIT_CHARTS_H
#define DIGIT_CHARTS_H

#include <stddef.h>
#include <stdint.h>

#include "model/error.h"
#include "train/dataset/mnist.h"
#include "train/lab/answers.h"
#include "train/lab/census.h"
#include "train/lab/metrics.h"

/* curves.svg: loss and accuracy over the epochs. */
bool charts_curves(const char *folder, const char *model, const struct metrics *m,
                   struct error *err) MUST_CHECK;

/* confusion.svg, reliability.svg */
bool charts_confusion(const char *folder, const char *model, const struct evaluation *e,
                      struct error *err) MUST_CHECK;
bool charts_reliability(const char *folder, const char *model, const struct calibration *c,
                        struct error *err) MUST_CHECK;

/* mistakes.svg: the worst ones; predictions.svg: `count` pictures, right or wrong, from a seed. */
bool charts_mistakes(const char *folder, const char *model, const struct answers *a,
                     const struct mnist *set, struct error *err) MUST_CHECK;
bool charts_predictions(const char *folder, const char *model, const struct answers *a,
                        const struct mnist *set, struct error *err) MUST_CHECK;

/* differences.svg: pictures about which two models do not agree; `count` of them. */
bool charts_differences(const char *folder, const char *const models[2],
                        const struct answers answers[2], const struct mnist *set,
                        const uint32_t *indices, size_t count, struct error *err) MUST_CHECK;

/* samples.svg: the pictures with these indices; means.svg: the mean of each class. */
bool charts_samples(const char *folder, const struct mnist *set, const uint32_t *indices,
                    size_t count, struct error *err) MUST_CHECK;
bool charts_means(const char *folder, const struct census *c, struct error *err) MUST_CHECK;

#endif
