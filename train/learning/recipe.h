/*
 * Training runs that have a name: each is a list of options of `digit train`.
 */
#ifndef DIGIT_RECIPE_H
#define DIGIT_RECIPE_H

#include "train/options.h"

enum { RECIPES = 6 };

extern const struct option_preset recipes[RECIPES];

#endif
