/*
 * Pickles that are no state dict, or a broken one: each is refused by name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/checkpoint/pickle.h"
#include "tests/unit/pickled.h"

static void expect_refused(const char *pickle, size_t len, const char *words)
{
    struct error err = {0};
    struct checkpoint *c;
    assert_false(parse_with(&c, pickle, len, six, sizeof six, &err));
    assert_words(&err, words);
}

static const struct refused_case foreign_dicts[] = {
    CASE(DICT(""), "no tensors"),
    CASE("\x80\x04" A ".", "single tensor"),
    CASE("\x80\x04].", "it is a list"),
    CASE("\x80\x04N.", "it is a None"),
    CASE(DICT(NAME_A "}"), "'a' is of type dict"),
    CASE(DICT(NAME_A "G\0\0\0\0\0\0\0\0"), "'a' is of type float"),
    CASE(DICT("K\1" A), "name"),
    CASE(DICT("\x8c\0" A), "name"),
    CASE(DICT("\x8c\3a b" A), "name"),
    CASE(DICT("\x8c\3a\0b" A), "name"),
    CASE(DICT("\x8c\2\xc3\xa9" A), "name"),
    CASE(DICT(NAME_A A NAME_A A), "two of that name"),
    CASE(DICT(NAME_A TENSOR(STORAGE("LongStorage", "0", "K\6"), "K\0", "K\1\x85", "K\1\x85")),
         "torch.LongStorage"),
    CASE(DICT(NAME_A TENSOR(STORAGE("FloatStorage", "1", "K\6"), "K\0", "K\1\x85", "K\1\x85")),
         "no record data/1"),
    CASE(DICT(NAME_A TENSOR(STORAGE("FloatStorage", "0", "K\7"), "K\0", "K\1\x85", "K\1\x85")),
         "has 24 bytes; 'a' needs 7 elements"),
    CASE(DICT(NAME_A TENSOR(STORAGE("HalfStorage", "0", "K\6"), "K\0", "K\1\x85", "K\1\x85")),
         "6 elements of 2 bytes"),
    CASE(
        DICT(NAME_A TENSOR(STORAGE("FloatStorage", "0", HUGE_NUMBER), "K\0", "K\1\x85", "K\1\x85")),
        "has 24 bytes"),
};

static const struct refused_case foreign_windows[] = {
    CASE(DICT(NAME_A TENSOR(FLOATS, "K\1", "K\6\x85", "K\1\x85")), "beyond"),
    CASE(DICT(NAME_A TENSOR(FLOATS, "K\6", ")", ")")), "beyond"),
    CASE(DICT(NAME_A TENSOR(FLOATS, "K\0", "K\2\x85", "K\6\x85")), "beyond"),
    CASE(DICT(NAME_A TENSOR(FLOATS, "K\0", "K\2K\2\x86", "K\4K\2\x86")), "beyond"),
    CASE(DICT(NAME_A TENSOR(FLOATS, HUGE_NUMBER, "K\2\x85", "K\1\x85")), "beyond"),
    CASE(DICT(NAME_A TENSOR(FLOATS, "K\0", "K\4\x85", HUGE_NUMBER "\x85")), "too large"),
    CASE(DICT(NAME_A TENSOR(FLOATS, "K\0", HUGE_NUMBER "K\4\x86", "K\0K\0\x86")), "too large"),
    CASE(DICT(NAME_A TENSOR(FLOATS, HUGE_NUMBER, "K\3\x85", HUGE_NUMBER "\x85")), "too large"),
    CASE(DICT(NAME_A TENSOR(FLOATS, "K\0", "J\0\0\0\x40\x85", "K\0\x85")), "more elements"),
    CASE(DICT(NAME_A TENSOR(FLOATS, "K\0", "K\0\x85", "K\1\x85")), "empty"),
    CASE(DICT(NAME_A TENSOR(FLOATS, "K\0", "K\2K\0\x86", "K\0K\0\x86")), "empty"),
    CASE(DICT(NAME_A TENSOR(FLOATS, "J\xff\xff\xff\xff", "K\1\x85", "K\1\x85")), "not stored as"),
    CASE(DICT(NAME_A TENSOR(FLOATS, "K\0", "K\1\x85", "\x8a\1\xff\x85")), "not stored as"),
    CASE(DICT(NAME_A TENSOR(FLOATS, "K\0", "K\1\x85", "K\1K\1\x86")), "not stored as"),
    CASE(DICT(NAME_A TENSOR(FLOATS, "K\0", "N\x85", "K\1\x85")), "not stored as"),
    CASE(DICT(NAME_A TENSOR(FLOATS, "K\0", "(K\1K\1K\1K\1K\1t", "(K\1K\1K\1K\1K\1t")),
         "5 dimensions"),
    CASE(DICT(NAME_A TENSOR(FLOATS, "", "K\1\x85", "K\1\x85")), "not stored as"),
    CASE(DICT(NAME_A TENSOR("NQ", "K\0", "K\1\x85", "K\1\x85")), "not stored as"),
    CASE(DICT(NAME_A TENSOR("N", "K\0", "K\1\x85", "K\1\x85")), "not stored as"),
    CASE(DICT(NAME_A TENSOR(STORAGE("FloatStorage", "/", "N"), "K\0", "K\1\x85", "K\1\x85")),
         "not stored as"),
    CASE(DICT(NAME_A "ctorch._utils\n_rebuild_parameter\n)R"), "not stored as"),
};

static const struct refused_case foreign_pickles[] = {
    CASE("", "0 bytes"),
    CASE("\x80", "too early"),
    CASE("\x80\x04", "too early"),
    CASE("\x80\x01}.", "protocol"),
    CASE("\x80\x06}.", "protocol"),
    CASE("}.", "protocol"),
    CASE("\x80\x04.", "nothing is on the stack"),
    CASE("\x80\x04}..", "left over"),
    CASE("\x80\x04}}.", "left over"),
    CASE("\x80\x04(.", "nothing is on the stack"),
    CASE("\x80\x04t.", "mark"),
    CASE("\x80\x04u.", "mark"),
    CASE("\x80\x04(u.", "another type"),
    CASE("\x80\x04(NNu.", "another type"),
    CASE("\x80\x04}(Nu.", "without a value"),
    CASE("\x80\x04NNs.", "another type"),
    CASE("\x80\x04NNNs.", "another type"),
    CASE("\x80\x04\x85.", "nothing is on the stack"),
    CASE("\x80\x04N\x87.", "nothing is on the stack"),
    CASE("\x80\x04h\0.", "memo"),
    CASE("\x80\x04q\0.", "memo"),
    CASE("\x80\x04(q\0.", "memo"),
    CASE("\x80\x04(\x94.", "memo"),
    CASE("\x80\x04}r\xff\xff\xff\xff.", "memo"),
    CASE("\x80\x04}j\xff\xff\xff\xff.", "memo"),
    CASE("\x80\x04K", "too early"),
    CASE("\x80\x04J\0\0\0", "too early"),
    CASE("\x80\x04X\xff\xff\xff\xff"
         "a",
         "too early"),
    CASE("\x80\x04\x8c\x02"
         "a",
         "too early"),
    CASE("\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xff}.", "too early"),
    CASE("\x80\x04\x8a\x09"
         "123456789.",
         "too large"),
    CASE("\x80\x04"
         "cos",
         "too early"),
    CASE("\x80\x04"
         "cos\nsystem",
         "too early"),
    CASE("\x80\x04"
         "cos\nsystem\n\x8c\x02ls\x85R.",
         "'os.system'"),
    CASE("\x80\x04\x8c\x08"
         "builtins\x8c\x04"
         "eval\x93.",
         "'builtins.eval'"),
    CASE("\x80\x04"
         "ccollections.OrderedDict\n\n.",
         "holds a Python object"),
    CASE("\x80\x04NN\x93.", "another type"),
    CASE("\x80\x04"
         "ctorch\nFloatStorage\n)R.",
         "another kind"),
    CASE("\x80\x04"
         "ccollections\nOrderedDict\nN\x85R.",
         "another kind"),
    CASE("\x80\x04})R.", "another type"),
    CASE("\x80\x04NNb.", "another type"),
    CASE("\x80\x04Na.", "another type"),
    CASE("\x80\x04"
         "a.",
         "nothing is on the stack"),
    CASE("\x80\x04\x95\1", "too early"),
    CASE("\x80\x04(Ne.", "another type"),
    CASE("\x80\x04Q.", "nothing is on the stack"),
    CASE("\x80\x04i.", "opcode 0x69"),
    CASE("\x80\x04\xff.", "opcode 0xff"),
};

static void refuse_all(const struct refused_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect_refused(cases[i].bytes, cases[i].len, cases[i].words);
}

static void foreign_pickles_are_refused(void **state)
{
    (void)state;
    refuse_all(foreign_dicts, sizeof foreign_dicts / sizeof *foreign_dicts);
    refuse_all(foreign_windows, sizeof foreign_windows / sizeof *foreign_windows);
    refuse_all(foreign_pickles, sizeof foreign_pickles / sizeof *foreign_pickles);
}

static void pickles_that_hold_too_much_are_refused(void **state)
{
    (void)state;
    static char pickle[PICKLE_LEN_MAX + 1];
    static const char tensor[] = TENSOR(FLOATS, "K\0", "K\1\x85", "K\1\x85");
    expect_refused(pickle, sizeof pickle, "1 to 1048576 are taken");
    size_t len = 0;
    memcpy(pickle, "\x80\x04}(", len = 4);
    for (unsigned i = 0; i <= CHECKPOINT_TENSORS_MAX; i++) {
        len += (size_t)sprintf(pickle + len, "\x8c\x03%03u", i);
        memcpy(pickle + len, tensor, sizeof tensor - 1);
        len += sizeof tensor - 1;
    }
    memcpy(pickle + len, "u.", 2);
    expect_refused(pickle, len + 2, "more than 256 tensors");
}

static void values_that_hold_themselves_are_refused(void **state)
{
    (void)state;
    /* A dict that is its own value, and a tuple of itself by way of a dict. */
    static const char in_itself[] = "\x80\x04}\x94(" NAME_A "h\0u.";
    static const char by_a_detour[] = "\x80\x04}\x94(" NAME_A "h\0\x85u.";
    expect_refused(in_itself, sizeof in_itself - 1, "type dict");
    expect_refused(by_a_detour, sizeof by_a_detour - 1, "type tuple");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(foreign_pickles_are_refused),
        cmocka_unit_test(pickles_that_hold_too_much_are_refused),
        cmocka_unit_test(values_that_hold_themselves_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
