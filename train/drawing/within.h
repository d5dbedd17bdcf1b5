/*
 * A number kept between two others.
 */
#ifndef DIGIT_WITHIN_H
#define DIGIT_WITHIN_H

static inline float within(float value, float least, float most)
{
    return value < least ? least : value > most ? most : value;
}

#endif
