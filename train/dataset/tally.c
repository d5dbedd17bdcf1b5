/*
 * Exact sums over pictures. Any thread; no state. Knows nothing of where the pictures come from.
 */
#include "train/dataset/tally.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "train/dataset/record.h"

enum { NUMBERS = 4 + DIGIT_CLASSES + DIGIT_CLASSES * DIGIT_PIXELS };

static_assert(sizeof(struct tally) == NUMBERS * sizeof(uint64_t), "nothing but numbers");

static const char head[] = RECORD_STATISTICS "\t1\t";
enum { HEAD_LEN = sizeof head - 1 };

void tally_add(struct tally *t, int label, const uint8_t pixels[DIGIT_PIXELS])
{
    uint64_t *sums = t->sums[label];
    uint32_t sum = 0, squares = 0; /* at most 784 x 255 x 255 */
    for (size_t i = 0; i < DIGIT_PIXELS; i++) {
        const uint32_t pixel = pixels[i];
        sums[i] += pixel;
        sum += pixel;
        squares += pixel * pixel;
    }
    t->sum += sum;
    t->squares += squares;
    t->counts[label]++;
    t->blank += record_is_blank(pixels);
}

bool tally_merge(struct tally *t, const struct tally *other, struct error *err)
{
    uint64_t *to = (uint64_t *)t;
    const uint64_t *from = (const uint64_t *)other;
    for (size_t i = 0; i < NUMBERS; i++)
        if (__builtin_add_overflow(to[i], from[i], &to[i]))
            return error_set(err, ERROR_BAD_DATA, "a sum of the statistics exceeds 64 bits");
    return true;
}

uint64_t tally_count(const struct tally *t)
{
    uint64_t count = 0;
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        count += t->counts[i];
    return count;
}

double tally_mean(const struct tally *t)
{
    const uint64_t count = tally_count(t);
    return count == 0 ? 0 : (double)t->sum / ((double)count * DIGIT_PIXELS * 255);
}

/* sqrt(E[x^2] - E[x]^2), over one denominator in whole numbers, where nothing cancels. */
double tally_deviation(const struct tally *t)
{
    const unsigned __int128 count = (unsigned __int128)tally_count(t) * DIGIT_PIXELS;
    if (count == 0)
        return 0;
    const unsigned __int128 variance = count * t->squares - (unsigned __int128)t->sum * t->sum;
    return sqrt((double)variance) / ((double)count * 255);
}

double tally_class_mean(const struct tally *t, size_t label, size_t pixel)
{
    const uint64_t count = t->counts[label];
    return count == 0 ? 0 : (double)t->sums[label][pixel] / ((double)count * 255);
}

void tally_write(FILE *out, const struct tally *t)
{
    const uint64_t *numbers = (const uint64_t *)t;
    (void)fputs(head, out);
    for (size_t i = 0; i < NUMBERS; i++)
        (void)fprintf(out, "%s%" PRIu64, i == 0 ? "" : " ", numbers[i]);
    (void)fputc('\n', out);
}

/* Takes the digits at *at, which stand before `end`. */
static bool take_number(uint64_t *out, const char **at, const char *end)
{
    const char *const start = *at;
    uint64_t value = 0;
    for (; *at < end && **at >= '0' && **at <= '9'; (*at)++)
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(**at - '0'), &value))
            return false;
    *out = value;
    return *at > start;
}

/* Whether pictures can have these sums. */
static bool is_possible(const struct tally *t)
{
    uint64_t count = 0, sum = 0, most;
    for (size_t c = 0; c < DIGIT_CLASSES; c++) {
        if (__builtin_add_overflow(count, t->counts[c], &count) ||
            __builtin_mul_overflow(t->counts[c], 255, &most))
            return false;
        for (size_t i = 0; i < DIGIT_PIXELS; i++)
            if (t->sums[c][i] > most || __builtin_add_overflow(sum, t->sums[c][i], &sum))
                return false;
    }
    /* The mean square is no less than the mean's square, and no more than 255 times the mean. */
    return sum == t->sum && t->blank <= count && count <= UINT64_MAX / DIGIT_PIXELS &&
           t->squares <= (unsigned __int128)sum * 255 &&
           (unsigned __int128)sum * sum <= (unsigned __int128)count * DIGIT_PIXELS * t->squares;
}

bool tally_parse(struct tally *out, const char *line, size_t len, struct error *err)
{
    uint64_t *numbers = (uint64_t *)out;
    if (len < HEAD_LEN || memcmp(line, head, HEAD_LEN) != 0)
        return error_set(err, ERROR_BAD_DATA, "it holds no statistics that this version knows");
    const char *at = line + HEAD_LEN, *const end = line + len;
    for (size_t i = 0; i < NUMBERS; i++) {
        const bool follows = i == 0 || (at < end && *at++ == ' ');
        if (!follows || !take_number(&numbers[i], &at, end))
            return error_set(
                err, ERROR_BAD_DATA,
                "number %zu of its %d statistics cannot be read; it was cut or altered", i + 1,
                NUMBERS);
    }
    if (at != end)
        return error_set(err, ERROR_BAD_DATA, "something follows its statistics");
    return is_possible(out) ||
           error_set(err, ERROR_BAD_DATA, "its statistics contradict each other");
}
