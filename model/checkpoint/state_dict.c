/*
 * What a pickled state dict says of its tensors. Any thread; no state. It sees values, not opcodes,
 * and no record's bytes.
 */
#include "model/checkpoint/state_dict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/checkpoint/pickle.h"

/* torch._utils, _rebuild_tensor_v2: what its arguments are. */
enum { TENSOR_STORAGE, TENSOR_OFFSET, TENSOR_SHAPE, TENSOR_STRIDES, TENSOR_GRAD, TENSOR_HOOKS };
static const enum pickle_kind tensor_kinds[] = {
    [TENSOR_STORAGE] = PICKLE_PERSISTENT, [TENSOR_OFFSET] = PICKLE_INT,
    [TENSOR_SHAPE] = PICKLE_TUPLE,        [TENSOR_STRIDES] = PICKLE_TUPLE,
    [TENSOR_GRAD] = PICKLE_BOOL,          [TENSOR_HOOKS] = PICKLE_DICT,
};

/* torch.serialization, persistent_id: "storage", its type, its key, a device, elements. */
enum { STORAGE_WORD, STORAGE_TYPE, STORAGE_KEY, STORAGE_DEVICE, STORAGE_COUNT };
static const enum pickle_kind storage_kinds[] = {
    [STORAGE_WORD] = PICKLE_TEXT,   [STORAGE_TYPE] = PICKLE_GLOBAL, [STORAGE_KEY] = PICKLE_TEXT,
    [STORAGE_DEVICE] = PICKLE_TEXT, [STORAGE_COUNT] = PICKLE_INT,
};

static const enum pickle_kind parameter_kinds[] = {PICKLE_CALL, PICKLE_BOOL, PICKLE_DICT};

static const struct storage_type {
    enum pickle_global type;
    enum stored_element element;
} storage_types[] = {
    {PICKLE_FLOAT_STORAGE, STORED_FLOAT32},
    {PICKLE_HALF_STORAGE, STORED_FLOAT16},
    {PICKLE_BFLOAT16_STORAGE, STORED_BFLOAT16},
    {PICKLE_DOUBLE_STORAGE, STORED_FLOAT64},
};

enum { STORAGE_TYPES = sizeof storage_types / sizeof *storage_types };

/* Lends the items of a tuple that is made up as the kinds say. */
static bool unpack(const struct pickle_value *const **items, const struct pickle_value *tuple,
                   const enum pickle_kind *kinds, size_t count)
{
    if (tuple->kind != PICKLE_TUPLE || tuple->tuple.count != count)
        return false;
    *items = tuple->tuple.items;
    for (size_t i = 0; i < count; i++)
        if ((*items)[i]->kind != kinds[i])
            return false;
    return true;
}

static bool odd_tensor(const struct stored *s, struct error *err)
{
    return error_set(err, ERROR_BAD_MODEL,
                     "its tensor '%s' is not stored as torch.save stores a plain one", s->name);
}

static bool size_of(size_t *out, const struct pickle_value *v)
{
    *out = (size_t)v->number;
    return v->kind == PICKLE_INT && v->number >= 0;
}

static bool text_is(const struct pickle_value *v, const char *text)
{
    return v->text.len == strlen(text) && memcmp(v->text.bytes, text, v->text.len) == 0;
}

static bool copy_text(char *out, size_t size, const struct pickle_value *v)
{
    if (v->text.len == 0 || v->text.len >= size)
        return false;
    for (size_t i = 0; i < v->text.len; i++)
        if (v->text.bytes[i] <= ' ' || v->text.bytes[i] > '~')
            return false;
    memcpy(out, v->text.bytes, v->text.len);
    out[v->text.len] = '\0';
    return true;
}

static bool parse_storage(struct stored *out, const struct pickle_value *v, struct error *err)
{
    const struct pickle_value *const *items;
    char key[STORED_RECORD_SIZE - sizeof "data/"];
    if (!unpack(&items, v->identifier, storage_kinds, STORAGE_COUNT + 1) ||
        !text_is(items[STORAGE_WORD], "storage") ||
        !copy_text(key, sizeof key, items[STORAGE_KEY]) ||
        !size_of(&out->record_count, items[STORAGE_COUNT]))
        return odd_tensor(out, err);
    (void)snprintf(out->record, sizeof out->record, "data/%s", key);
    for (size_t i = 0; i < STORAGE_TYPES; i++) {
        if (storage_types[i].type != items[STORAGE_TYPE]->global)
            continue;
        out->element = storage_types[i].element;
        return true;
    }
    return error_set(
        err, ERROR_BAD_MODEL,
        "its tensor '%s' is a %s; only float32, float16, bfloat16 and float64 are read", out->name,
        pickle_global_name(items[STORAGE_TYPE]->global));
}

static bool parse_sizes(size_t out[CHECKPOINT_RANK_MAX], const struct pickle_value *tuple,
                        const struct stored *s, struct error *err)
{
    for (size_t d = 0; d < tuple->tuple.count; d++)
        if (!size_of(&out[d], tuple->tuple.items[d]))
            return odd_tensor(s, err);
    return true;
}

static bool parse_tensor(struct stored *out, const struct pickle_value *v, struct error *err)
{
    const struct pickle_value *const *items;
    if (v->global == PICKLE_REBUILD_PARAMETER) {
        if (!unpack(&items, v->arguments, parameter_kinds, 3))
            return odd_tensor(out, err);
        v = items[0];
    }
    if (v->global != PICKLE_REBUILD_TENSOR ||
        !unpack(&items, v->arguments, tensor_kinds, TENSOR_HOOKS + 1) ||
        !size_of(&out->offset, items[TENSOR_OFFSET]))
        return odd_tensor(out, err);
    out->rank = items[TENSOR_SHAPE]->tuple.count;
    if (out->rank > CHECKPOINT_RANK_MAX)
        return error_set(err, ERROR_BAD_MODEL, "its tensor '%s' has %zu dimensions; %d are taken",
                         out->name, out->rank, CHECKPOINT_RANK_MAX);
    if (out->rank != items[TENSOR_STRIDES]->tuple.count)
        return odd_tensor(out, err);
    return parse_storage(out, items[TENSOR_STORAGE], err) &&
           parse_sizes(out->shape, items[TENSOR_SHAPE], out, err) &&
           parse_sizes(out->strides, items[TENSOR_STRIDES], out, err) && stored_check(out, err);
}

static bool parse_pair(struct stored *out, const struct pickle_pair *pair, struct error *err)
{
    char shown[PICKLE_SHOWN_SIZE] = "";
    if (pair->key->kind == PICKLE_TEXT)
        pickle_show(shown, pair->key->text.bytes, pair->key->text.len);
    if (pair->value->kind != PICKLE_CALL)
        return error_set(err, ERROR_BAD_MODEL,
                         "it is not a plain state dict: its '%s' is of type %s, not a tensor; save "
                         "model.state_dict() by itself",
                         shown, pickle_kind_name(pair->value->kind));
    if (pair->key->kind != PICKLE_TEXT || !copy_text(out->name, sizeof out->name, pair->key))
        return error_set(err, ERROR_BAD_MODEL,
                         "its tensor '%s' needs a name of 1 to %d letters, digits and signs", shown,
                         CHECKPOINT_NAME_SIZE - 1);
    return parse_tensor(out, pair->value, err);
}

static bool parse_top(struct state_dict *out, const struct pickle_value *top, struct error *err)
{
    if (top->kind == PICKLE_CALL)
        return error_set(err, ERROR_BAD_MODEL,
                         "it is a single tensor and not a state dict; save model.state_dict()");
    if (top->kind != PICKLE_DICT)
        return error_set(err, ERROR_BAD_MODEL,
                         "it is a %s and not a state dict; save model.state_dict()",
                         pickle_kind_name(top->kind));
    for (const struct pickle_pair *p = top->dict.first; p != NULL; p = p->next) {
        if (out->count == CHECKPOINT_TENSORS_MAX)
            return error_set(err, ERROR_BAD_MODEL, "it has more than %d tensors",
                             CHECKPOINT_TENSORS_MAX);
        if (!parse_pair(&out->tensors[out->count], p, err))
            return false;
        out->count++;
    }
    return out->count > 0 || error_set(err, ERROR_BAD_MODEL, "it holds no tensors");
}

bool state_dict_parse(struct state_dict *out, const uint8_t *bytes, size_t len, struct error *err)
{
    struct pickle *pickle;
    *out = (struct state_dict){0};
    if (!pickle_parse(&pickle, bytes, len, err))
        return false;
    out->tensors = calloc(CHECKPOINT_TENSORS_MAX, sizeof *out->tensors);
    bool ok = out->tensors != NULL
                  ? parse_top(out, pickle_top(pickle), err)
                  : error_set(err, ERROR_OUT_OF_MEMORY, "no memory for its tensors' names");
    pickle_close(pickle);
    if (!ok)
        state_dict_free(out);
    return ok;
}

void state_dict_free(struct state_dict *s)
{
    free(s->tensors);
    *s = (struct state_dict){0};
}
