/*
 * One function over the caller's memory.
 */
#include "model/confidence.h"

#include <math.h>
#include <stddef.h>

float confidence_of(const struct confidence *c, const float probabilities[DIGIT_CLASSES])
{
    const float power = (float)(1 / c->temperature);
    float most = 0.0f, sum = 0.0f;
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        most = probabilities[i] > most ? probabilities[i] : most;
    if (power == 1.0f)
        return most;
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        sum += powf(probabilities[i] / most, power);
    return 1.0f / sum;
}
