/*
 * Figures from probabilities and labels. One thread; does not know what made the probabilities.
 */
#include "train/evaluation.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "train/progress.h"

enum { PART = 250, NOTE_SIZE = 64 };

size_t evaluation_argmax(const float probabilities[DIGIT_CLASSES])
{
    size_t best = 0;
    for (size_t i = 1; i < DIGIT_CLASSES; i++)
        if (probabilities[i] > probabilities[best])
            best = i;
    return best;
}

void evaluation_add(struct evaluation *e, const float *probabilities, const uint8_t *labels,
                    size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const float *p = probabilities + i * DIGIT_CLASSES;
        size_t prediction = evaluation_argmax(p);
        e->confusion[labels[i]][prediction]++;
        e->correct += prediction == labels[i];
        /* A probability that float32 rounds to 0 would make the sum infinite. */
        e->loss_sum -= log(fmax((double)p[labels[i]], (double)FLT_MIN));
    }
    e->count += count;
}

double evaluation_accuracy(const struct evaluation *e)
{
    return e->count > 0 ? (double)e->correct / (double)e->count : 0;
}

double evaluation_loss(const struct evaluation *e)
{
    return e->count > 0 ? e->loss_sum / (double)e->count : 0;
}

static double ratio(size_t part, size_t whole)
{
    return whole > 0 ? (double)part / (double)whole : 0;
}

struct evaluation_class evaluation_class_at(const struct evaluation *e, size_t digit)
{
    size_t labelled = 0, predicted = 0, both = e->confusion[digit][digit];
    for (size_t i = 0; i < DIGIT_CLASSES; i++) {
        labelled += e->confusion[digit][i];
        predicted += e->confusion[i][digit];
    }
    return (struct evaluation_class){
        .count = labelled,
        .precision = ratio(both, predicted),
        .recall = ratio(both, labelled),
        .f1 = ratio(2 * both, labelled + predicted),
    };
}

bool evaluation_run(struct evaluation *out, const struct evaluation_source *source,
                    const struct mnist *set, size_t count, FILE *progress, struct error *err)
{
    return evaluation_keep(out, NULL, source, set, count, progress, err);
}

bool evaluation_keep(struct evaluation *out, float *probabilities,
                     const struct evaluation_source *source, const struct mnist *set, size_t count,
                     FILE *progress, struct error *err)
{
    *out = (struct evaluation){0};
    float *pixels = malloc(PART * (DIGIT_PIXELS + DIGIT_CLASSES) * sizeof *pixels);
    if (pixels == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory to evaluate with");
    struct progress bar;
    char note[NOTE_SIZE] = "";
    bool ok = true;
    progress_begin(&bar, progress, count);
    for (size_t done = 0; ok && done < count;) {
        size_t part = count - done < PART ? count - done : PART;
        float *here = probabilities != NULL ? probabilities + done * DIGIT_CLASSES
                                            : pixels + PART * DIGIT_PIXELS;
        for (size_t i = 0; i < part; i++)
            mnist_floats(pixels + i * DIGIT_PIXELS, set, done + i);
        ok = source->predict(source->state, pixels, part, here, err);
        if (ok)
            evaluation_add(out, here, set->labels + done, part);
        done += part;
        (void)snprintf(note, sizeof note, "evaluate  loss %.4f  accuracy %.2f%%",
                       evaluation_loss(out), evaluation_accuracy(out) * 100);
        progress_show(&bar, done, note);
    }
    if (ok)
        progress_end(&bar, count, note);
    free(pixels);
    return ok;
}
