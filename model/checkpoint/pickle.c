/*
 * What each opcode of a pickle does: a table, and one small function for each row. Any thread. It
 * knows nothing of zip archives, tensors or files.
 */
#include "model/checkpoint/pickle.h"

#include <stdlib.h>
#include <string.h>

#include "model/checkpoint/machine.h"

struct pickle {
    struct machine machine; /* stopped: its values are the pickle's */
};

static const char *const global_names[PICKLE_GLOBALS] = {
#define X(member, module, name) module "." name,
    PICKLE_GLOBAL_TABLE(X)
#undef X
};

static const char *const kind_names[PICKLE_KINDS] = {
    [PICKLE_NONE] = "None",
    [PICKLE_BOOL] = "bool",
    [PICKLE_FLOAT] = "float",
    [PICKLE_LIST] = "list",
    [PICKLE_INT] = "int",
    [PICKLE_TEXT] = "str",
    [PICKLE_TUPLE] = "tuple",
    [PICKLE_DICT] = "dict",
    [PICKLE_GLOBAL] = "global",
    [PICKLE_CALL] = "call",
    [PICKLE_PERSISTENT] = "storage",
};

static bool push_global(struct machine *m, const char *module, size_t module_len, const char *name,
                        size_t name_len)
{
    for (enum pickle_global g = 0; g < PICKLE_GLOBALS; g++) {
        const char *known = global_names[g];
        if (strlen(known) != module_len + 1 + name_len || memcmp(known, module, module_len) != 0 ||
            known[module_len] != '.' || memcmp(known + module_len + 1, name, name_len) != 0)
            continue;
        machine_push(m, PICKLE_GLOBAL)->global = g;
        return true;
    }
    char shown[2][PICKLE_SHOWN_SIZE];
    pickle_show(shown[0], module, module_len);
    pickle_show(shown[1], name, name_len);
    return error_set(m->err, ERROR_BAD_MODEL,
                     "it holds a Python object of '%s.%s' and not only tensors; save "
                     "model.state_dict() with torch.save",
                     shown[0], shown[1]);
}

static bool do_frame(struct machine *m, size_t width)
{
    uint64_t len;
    return machine_take_number(m, &len, width) &&
           (len <= m->len - m->at || machine_broken(m, "it ends too early"));
}

static bool do_stop(struct machine *m, size_t unused)
{
    (void)unused;
    struct pickle_value *top;
    if (!machine_pop(m, &top))
        return false;
    if (m->depth != 0 || m->at != m->len)
        return machine_broken(m, "something is left over");
    m->top = top;
    m->stopped = true;
    return true;
}

static bool do_mark(struct machine *m, size_t unused)
{
    (void)unused;
    machine_push_mark(m);
    return true;
}

/* None, a bool, an empty list or an empty dict. */
static bool do_constant(struct machine *m, size_t kind)
{
    machine_push(m, (enum pickle_kind)kind);
    return true;
}

static bool do_float(struct machine *m, size_t width)
{
    const uint8_t *number;
    machine_push(m, PICKLE_FLOAT);
    return machine_take(m, &number, width);
}

static bool do_unsigned(struct machine *m, size_t width)
{
    uint64_t number;
    if (!machine_take_number(m, &number, width))
        return false;
    machine_push(m, PICKLE_INT)->number = (int64_t)number;
    return true;
}

static bool do_signed(struct machine *m, size_t width)
{
    uint64_t number;
    if (!machine_take_number(m, &number, width))
        return false;
    if (width > 0 && width < 8 && (number >> (8 * width - 1)) != 0)
        number |= UINT64_MAX << (8 * width);
    machine_push(m, PICKLE_INT)->number = (int64_t)number;
    return true;
}

static bool do_long(struct machine *m, size_t width)
{
    uint64_t len;
    if (!machine_take_number(m, &len, width))
        return false;
    return len <= 8 ? do_signed(m, (size_t)len) : machine_broken(m, "a number is too large");
}

static bool do_text(struct machine *m, size_t width)
{
    const uint8_t *bytes;
    uint64_t len;
    if (!machine_take_number(m, &len, width) || !machine_take(m, &bytes, (size_t)len))
        return false;
    struct pickle_value *v = machine_push(m, PICKLE_TEXT);
    v->text.bytes = (const char *)bytes;
    v->text.len = (size_t)len;
    return true;
}

static bool do_tuple(struct machine *m, size_t unused)
{
    (void)unused;
    struct pickle_value **items;
    size_t count;
    if (!machine_pop_to_mark(m, &items, &count))
        return false;
    machine_push_tuple(m, items, count);
    return true;
}

static bool do_tuple_of(struct machine *m, size_t count)
{
    struct pickle_value *items[3];
    for (size_t i = count; i-- > 0;)
        if (!machine_pop(m, &items[i]))
            return false;
    machine_push_tuple(m, items, count);
    return true;
}

static bool do_append(struct machine *m, size_t unused)
{
    (void)unused;
    struct pickle_value *item, *list;
    return machine_pop(m, &item) && machine_peek(m, &list, PICKLE_LIST);
}

static bool do_appends(struct machine *m, size_t unused)
{
    (void)unused;
    struct pickle_value **items, *list;
    size_t count;
    return machine_pop_to_mark(m, &items, &count) && machine_peek(m, &list, PICKLE_LIST);
}

static bool do_setitem(struct machine *m, size_t unused)
{
    (void)unused;
    struct pickle_value *items[2];
    return machine_pop(m, &items[1]) && machine_pop(m, &items[0]) && machine_add_pairs(m, items, 2);
}

static bool do_setitems(struct machine *m, size_t unused)
{
    (void)unused;
    struct pickle_value **items;
    size_t count;
    return machine_pop_to_mark(m, &items, &count) && machine_add_pairs(m, items, count);
}

static bool do_global(struct machine *m, size_t unused)
{
    (void)unused;
    const char *module, *name;
    size_t module_len, name_len;
    return machine_take_line(m, &module, &module_len) && machine_take_line(m, &name, &name_len) &&
           push_global(m, module, module_len, name, name_len);
}

static bool do_stack_global(struct machine *m, size_t unused)
{
    (void)unused;
    struct pickle_value *module, *name;
    return machine_pop_kind(m, &name, PICKLE_TEXT) && machine_pop_kind(m, &module, PICKLE_TEXT) &&
           push_global(m, module->text.bytes, module->text.len, name->text.bytes, name->text.len);
}

static bool do_memoize(struct machine *m, size_t unused)
{
    (void)unused;
    return machine_put(m, m->memo_next);
}

static bool do_put(struct machine *m, size_t width)
{
    uint64_t index;
    return machine_take_number(m, &index, width) && machine_put(m, index);
}

static bool do_get(struct machine *m, size_t width)
{
    uint64_t index;
    return machine_take_number(m, &index, width) && machine_get(m, index);
}

static bool do_reduce(struct machine *m, size_t unused)
{
    (void)unused;
    struct pickle_value *arguments, *callable;
    if (!machine_pop_kind(m, &arguments, PICKLE_TUPLE) ||
        !machine_pop_kind(m, &callable, PICKLE_GLOBAL))
        return false;
    enum pickle_global g = callable->global;
    if (g == PICKLE_ORDERED_DICT && arguments->tuple.count == 0) {
        machine_push(m, PICKLE_DICT);
        return true;
    }
    if (g != PICKLE_REBUILD_TENSOR && g != PICKLE_REBUILD_PARAMETER)
        return machine_broken(m, "a call of another kind");
    struct pickle_value *call = machine_push(m, PICKLE_CALL);
    call->global = g;
    call->arguments = arguments;
    return true;
}

/* A state dict carries its modules' versions as an attribute, `_metadata`: nothing reads it. */
static bool do_build(struct machine *m, size_t unused)
{
    (void)unused;
    struct pickle_value *state, *dict;
    return machine_pop(m, &state) && machine_peek(m, &dict, PICKLE_DICT);
}

static bool do_persistent(struct machine *m, size_t unused)
{
    (void)unused;
    struct pickle_value *identifier;
    if (!machine_pop(m, &identifier))
        return false;
    machine_push(m, PICKLE_PERSISTENT)->identifier = identifier;
    return true;
}

/* By pickletools' names and numbers. The argument is a width in bytes, a count, or a kind. */
static const struct opcode {
    bool (*run)(struct machine *m, size_t argument);
    size_t argument;
} opcodes[256] = {
    ['('] = {do_mark, 0},
    [')'] = {do_tuple_of, 0},
    ['.'] = {do_stop, 0},
    ['G'] = {do_float, 8},
    ['J'] = {do_signed, 4},
    ['K'] = {do_unsigned, 1},
    ['M'] = {do_unsigned, 2},
    ['N'] = {do_constant, PICKLE_NONE},
    ['Q'] = {do_persistent, 0},
    ['R'] = {do_reduce, 0},
    ['X'] = {do_text, 4},
    [']'] = {do_constant, PICKLE_LIST},
    ['a'] = {do_append, 0},
    ['b'] = {do_build, 0},
    ['c'] = {do_global, 0},
    ['e'] = {do_appends, 0},
    ['h'] = {do_get, 1},
    ['j'] = {do_get, 4},
    ['q'] = {do_put, 1},
    ['r'] = {do_put, 4},
    ['s'] = {do_setitem, 0},
    ['t'] = {do_tuple, 0},
    ['u'] = {do_setitems, 0},
    ['}'] = {do_constant, PICKLE_DICT},
    [0x85] = {do_tuple_of, 1},
    [0x86] = {do_tuple_of, 2},
    [0x87] = {do_tuple_of, 3},
    [0x88] = {do_constant, PICKLE_BOOL},
    [0x89] = {do_constant, PICKLE_BOOL},
    [0x8a] = {do_long, 1},
    [0x8c] = {do_text, 1},
    [0x93] = {do_stack_global, 0},
    [0x94] = {do_memoize, 0},
    [0x95] = {do_frame, 8},
};

static bool run(struct machine *m)
{
    const uint8_t *proto;
    if (!machine_take(m, &proto, 2))
        return false;
    if (proto[0] != 0x80 || proto[1] < 2 || proto[1] > 5)
        return machine_broken(m, "it is not of protocol 2 to 5");
    while (!m->stopped) {
        const uint8_t *opcode;
        if (!machine_take(m, &opcode, 1))
            return false;
        const struct opcode *op = &opcodes[*opcode];
        if (op->run == NULL)
            return error_set(m->err, ERROR_BAD_MODEL,
                             "its data.pkl has the opcode 0x%02x at byte %zu, which no state dict "
                             "needs; save model.state_dict() with torch.save",
                             *opcode, m->at - 1);
        if (!op->run(m, op->argument))
            return false;
    }
    return true;
}

const char *pickle_kind_name(enum pickle_kind kind)
{
    return kind_names[kind];
}

const char *pickle_global_name(enum pickle_global global)
{
    return global_names[global];
}

void pickle_show(char out[PICKLE_SHOWN_SIZE], const char *text, size_t len)
{
    size_t used = len < PICKLE_SHOWN_SIZE - 1 ? len : PICKLE_SHOWN_SIZE - 1;
    for (size_t i = 0; i < used; i++)
        out[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    out[used] = '\0';
}

bool pickle_parse(struct pickle **out, const uint8_t *bytes, size_t len, struct error *err)
{
    struct pickle *p = calloc(1, sizeof *p);
    if (p == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for its data.pkl");
    if (!machine_open(&p->machine, bytes, len, err)) {
        free(p);
        return false;
    }
    if (!run(&p->machine)) {
        pickle_close(p);
        return false;
    }
    *out = p;
    return true;
}

const struct pickle_value *pickle_top(const struct pickle *p)
{
    return p->machine.top;
}

void pickle_close(struct pickle *p)
{
    if (p == NULL)
        return;
    machine_close(&p->machine);
    free(p);
}
