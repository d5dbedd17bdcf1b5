/*
 * A model's answers. One thread; does not know which model it is.
 */
#include "train/lab/answers.h"

#include <stdlib.h>
#include <string.h>

bool answers_ask(struct answers *out, const struct evaluation_source *source,
                 const struct mnist *set, size_t count, FILE *progress, struct error *err)
{
    *out = (struct answers){.count = count, .labels = set->labels};
    out->probabilities = malloc(count * DIGIT_CLASSES * sizeof *out->probabilities);
    if (out->probabilities == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for %zu answers", count);
    if (!evaluation_keep(&out->evaluation, out->probabilities, source, set, count, progress, err)) {
        answers_free(out);
        return false;
    }
    calibration_add(&out->calibration, out->probabilities, out->labels, count);
    return true;
}

double answers_probability(const struct answers *a, size_t index, size_t digit)
{
    return (double)a->probabilities[index * DIGIT_CLASSES + digit];
}

size_t answers_prediction(const struct answers *a, size_t index)
{
    return evaluation_argmax(a->probabilities + index * DIGIT_CLASSES);
}

bool answers_right(const struct answers *a, size_t index)
{
    return answers_prediction(a, index) == a->labels[index];
}

/* Keeps the `count` best so far in order, by insertion: few are kept of few mistakes. */
size_t answers_worst(uint32_t *indices, size_t max, const struct answers *a)
{
    size_t count = 0;
    for (size_t i = 0; i < a->count; i++) {
        if (answers_right(a, i))
            continue;
        double p = answers_probability(a, i, a->labels[i]);
        size_t at = count;
        while (at > 0 && p < answers_probability(a, indices[at - 1], a->labels[indices[at - 1]]))
            at--;
        if (at == max)
            continue;
        count += count < max;
        memmove(indices + at + 1, indices + at, (count - at - 1) * sizeof *indices);
        indices[at] = (uint32_t)i;
    }
    return count;
}

void answers_free(struct answers *a)
{
    free(a->probabilities);
    *a = (struct answers){0};
}
