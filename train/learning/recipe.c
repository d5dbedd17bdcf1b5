/*
 * Constants. Which options there are is said in train/commands/train.c.
 */
#include "train/learning/recipe.h"

#include <stddef.h>

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

const struct option_preset recipes[RECIPES] = {
    {"reference", "the plainest one; on one thread, so that its weights do not follow the cores",
     WORDS("--network=cnn", "--optimizer=adam", "--learning-rate=0.001", "--batch=64", "--epochs=5",
           "--threads=1")},
    {"quick", "99% in the least time",
     WORDS("--network=cnn", "--epochs=2", "--batch=256", "--schedule=one-cycle",
           "--learning-rate=0.006", "--warm-up=0.3")},
    {"best", "the highest accuracy",
     WORDS("--network=cnn", "--epochs=26", "--batch=128", "--optimizer=adamw",
           "--learning-rate=0.003", "--weight-decay=0.03", "--schedule=cosine", "--warm-up=0.1",
           "--final-rate=0.1", "--average=0.9995", "--validation=5000", "--rotation=15",
           "--scale=0.12", "--shear=0.2", "--shift=1", "--elastic=0.7", "--thickness=0.7",
           "--gaps=0.1", "--resample=0.3", "--blur=0.6", "--contrast=0.3", "--noise=0.04",
           "--jpeg=0.15", "--plain=0.3", "--drawn=0.06", "--others=0.02", "--threads=1")},
    {"lenet", "the classic of 1998",
     WORDS("--network=lenet", "--epochs=12", "--batch=64", "--schedule=one-cycle",
           "--learning-rate=0.003", "--warm-up=0.3")},
    {"mlp", "one hidden layer, no convolutions",
     WORDS("--network=mlp", "--epochs=10", "--batch=128", "--schedule=one-cycle",
           "--learning-rate=0.003", "--warm-up=0.3")},
    {"full-batch", "every step sees 45,000 images, 15,000 validate",
     WORDS("--network=cnn", "--epochs=400", "--batch=45000", "--validation=15000",
           "--learning-rate=0.001", "--report-every=20")},
};
