/*
 * Answers of V1 and V2. Any thread; no state.
 */
#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "model/digit.h"
#include "server/openinference.h"
#include "server/openinference/outputs.h"
#include "server/text.h"

static void write_probabilities(struct text *t, const float *probabilities, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        text_append(t, i == 0 ? "[" : ",", 1);
        text_number(t, probabilities[i]);
    }
    text_append(t, "]", 1);
}

/* ---- V2 ---- */

/* How an output is written. */
struct writer {
    const char *type;  /* its members between name and data */
    const char *sizes; /* those behind N */
    size_t item_len;   /* bytes of an image's part, where it is binary */
    void (*json)(struct text *t, const struct openinference_answer *answer);
    void (*binary)(struct text *t, const struct openinference_answer *answer);
};

static void all_probabilities(struct text *t, const struct openinference_answer *answer)
{
    write_probabilities(t, answer->probabilities, answer->count * DIGIT_CLASSES);
}

static void all_predictions(struct text *t, const struct openinference_answer *answer)
{
    for (size_t i = 0; i < answer->count; i++) {
        text_append(t, i == 0 ? "[" : ",", 1);
        text_integer(t, api_best(answer->probabilities + i * DIGIT_CLASSES));
    }
    text_append(t, "]", 1);
}

static void binary_probabilities(struct text *t, const struct openinference_answer *answer)
{
    for (size_t i = 0; i < answer->count * DIGIT_CLASSES; i++) {
        uint32_t bits;
        memcpy(&bits, &answer->probabilities[i], sizeof bits);
        bits = htole32(bits);
        text_append(t, (const char *)&bits, sizeof bits);
    }
}

static void binary_predictions(struct text *t, const struct openinference_answer *answer)
{
    for (size_t i = 0; i < answer->count; i++) {
        const uint64_t digit = htole64(api_best(answer->probabilities + i * DIGIT_CLASSES));
        text_append(t, (const char *)&digit, sizeof digit);
    }
}

static const struct writer writers[OPENINFERENCE_OUTPUTS] = {
    [OPENINFERENCE_PROBABILITIES] = {"FP32", ",10", DIGIT_CLASSES * sizeof(float),
                                     all_probabilities, binary_probabilities},
    [OPENINFERENCE_PREDICTION] = {"INT64", "", sizeof(int64_t), all_predictions,
                                  binary_predictions},
};

static void write_output(struct text *t, const struct openinference_answer *answer, size_t which,
                         bool is_binary)
{
    const struct writer *w = &writers[which];
    text_string(t, "{\"name\":");
    text_quoted(t, outputs_name(which));
    text_string(t, ",\"datatype\":");
    text_quoted(t, w->type);
    text_string(t, ",\"shape\":[");
    text_integer(t, answer->count);
    text_string(t, w->sizes);
    if (is_binary) {
        text_string(t, "],\"parameters\":{\"binary_data_size\":");
        text_integer(t, answer->count * w->item_len);
        text_string(t, "}");
    } else {
        text_string(t, "],\"data\":");
        w->json(t, answer);
    }
    text_string(t, "}");
}

bool openinference_write_v2(char **out, size_t *len, size_t *json_len,
                            const struct openinference_answer *answer,
                            const struct openinference_form *form, struct error *err)
{
    struct text t = {0};
    if (!api_check(answer->probabilities, answer->count, err))
        return false;
    text_string(&t, "{\"model_name\":");
    text_quoted(&t, answer->model->name);
    text_string(&t, ",\"model_version\":");
    text_quoted(&t, answer->model->version);
    if (form->id != NULL) {
        text_string(&t, ",\"id\":");
        text_quoted(&t, form->id);
    }
    for (size_t i = 0; i < form->output_count; i++) {
        text_string(&t, i == 0 ? ",\"outputs\":[" : ",");
        write_output(&t, answer, form->outputs[i].output, form->outputs[i].is_binary);
    }
    text_string(&t, "]}\n");
    *json_len = t.len;
    for (size_t i = 0; i < form->output_count; i++)
        if (form->outputs[i].is_binary)
            writers[form->outputs[i].output].binary(&t, answer);
    return text_take(&t, out, len, err);
}

/* ---- V1 ---- */

bool openinference_write_v1(char **out, size_t *len, const struct openinference_answer *answer,
                            const struct openinference_form *form, struct error *err)
{
    struct text t = {0};
    if (!api_check(answer->probabilities, answer->count, err))
        return false;
    text_string(&t, form->by_columns ? "{\"outputs\":[" : "{\"predictions\":[");
    for (size_t i = 0; i < answer->count; i++) {
        if (i > 0)
            text_append(&t, ",", 1);
        write_probabilities(&t, answer->probabilities + i * DIGIT_CLASSES, DIGIT_CLASSES);
    }
    text_string(&t, "]}\n");
    return text_take(&t, out, len, err);
}
