/*
 * The state of a training run in a file: what is written is what is read, and nothing else is taken
 * for it. The trainer here has one number for its state.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "train/learning/resume.h"

static const size_t one = 1;

static bool save_number(void *state, struct checkpoint *to, struct error *err)
{
    return checkpoint_add(to, "trainer.number", &one, 1, state, err);
}

static bool restore_number(void *state, const struct checkpoint *from, struct error *err)
{
    const struct tensor *t = checkpoint_find(from, "trainer.number");
    if (t == NULL)
        return error_set(err, ERROR_BAD_MODEL, "no number");
    *(float *)state = t->data[0];
    return true;
}

static const struct trainer_type type = {.save = save_number, .restore = restore_number};

static const struct resume_point point = {
    .epoch = 3,
    .seen = 1280,
    .correct = 1279,
    .loss_sum = 0.1 + 0.2,
    .step = SIZE_MAX,
    .seconds = 1e300,
    .log_len = UINT64_MAX,
    .best_epoch = 2,
    .best_loss = 4.9e-324,
    .best_accuracy = 0.991,
};

static const char settings[] = "--epochs=9 --limit=2000";
static char path[64];

static int choose_path(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/digit-resume-%ld.pth", (long)getpid());
    return 0;
}

static int remove_file(void **state)
{
    (void)state;
    (void)unlink(path);
    return 0;
}

static void write_state(const struct checkpoint *best)
{
    struct error err = {0};
    float number = 0.3f;
    if (!resume_save(path, settings, &point, best, &type, &number, &err))
        fail_msg("%s", err.text);
}

static void test_what_is_written_is_read(void **state)
{
    (void)state;
    struct error err = {0};
    struct resume_point got = {0};
    struct checkpoint *best, *got_best;
    const float weights[] = {1, -0.0f, 1e-40f};
    const size_t shape = 3;
    float number = 0;
    assert_true(checkpoint_new(&best, &err));
    assert_true(checkpoint_add(best, "conv1.weight", &shape, 1, weights, &err));
    write_state(best);
    if (!resume_load(path, settings, &got, &got_best, &type, &number, &err))
        fail_msg("%s", err.text);
    assert_memory_equal(&got, &point, sizeof point);
    assert_true(number == 0.3f);
    assert_int_equal(checkpoint_count(got_best), 1);
    assert_string_equal(checkpoint_at(got_best, 0)->name, "conv1.weight");
    assert_memory_equal(checkpoint_at(got_best, 0)->data, weights, sizeof weights);
    checkpoint_close(best);
    checkpoint_close(got_best);
}

static void test_no_best_is_none(void **state)
{
    (void)state;
    struct error err = {0};
    struct resume_point got;
    struct checkpoint *best;
    float number;
    write_state(NULL);
    assert_true(resume_load(path, settings, &got, &best, &type, &number, &err));
    assert_null(best);
}

static void assert_refused(const char *with, enum error_code code, const char *text)
{
    struct error err = {0};
    struct resume_point got;
    struct checkpoint *best;
    float number;
    assert_false(resume_load(path, with, &got, &best, &type, &number, &err));
    assert_null(best);
    assert_int_equal(err.code, code);
    if (strstr(err.text, text) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, text);
}

static void test_other_settings(void **state)
{
    (void)state;
    write_state(NULL);
    assert_refused("--epochs=9", ERROR_BAD_ARGUMENT,
                   "is of another run; say its settings again: --epochs=9 --limit=2000");
}

/* A file whose text is this, byte by byte. */
static void write_text(const float *bytes, size_t len)
{
    struct error err = {0};
    struct checkpoint *c;
    assert_true(checkpoint_new(&c, &err));
    assert_true(checkpoint_add(c, "run", &len, 1, bytes, &err));
    assert_true(checkpoint_add(c, "trainer.number", &one, 1, bytes, &err));
    assert_true(checkpoint_write(c, path, &err));
    checkpoint_close(c);
}

static void write_words(const char *text)
{
    float bytes[512];
    for (size_t i = 0; i < strlen(text); i++)
        bytes[i] = (float)text[i];
    write_text(bytes, strlen(text));
}

static void test_texts_that_are_no_state(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *says;
    } wrong[] = {
        {"s", "does not say 'epoch'"},
        {"s\n", "does not say 'epoch'"},
        {"s\nepoch 1", "does not say 'seen'"},
        {"s\nepoch 1x\nseen 1\n", "does not say 'epoch'"},
        {"s\nepoch \nseen 1\n", "does not say 'epoch'"},
        {"s\nepochs 1\n", "does not say 'epoch'"},
        {"s\nepoch 99999999999999999999\n", "does not say 'epoch'"},
        {"s\nepoch 1\nseen 1\ncorrect 1\nloss_sum x\n", "does not say 'loss_sum'"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        write_words(wrong[i].text);
        assert_refused("s", ERROR_BAD_MODEL, wrong[i].says);
    }
    static const float no_bytes[][1] = {{0}, {-1}, {128}, {1e30f}};
    for (size_t i = 0; i < sizeof no_bytes / sizeof *no_bytes; i++) {
        write_text(no_bytes[i], 1);
        assert_refused("s", ERROR_BAD_MODEL, "is not the state of a training run");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_no_best_is_none),
        cmocka_unit_test(test_other_settings),
        cmocka_unit_test(test_texts_that_are_no_state),
    };
    return cmocka_run_group_tests(tests, choose_path, remove_file);
}
