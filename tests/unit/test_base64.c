/* The strict check of base64, and that what passes it is decoded to what was encoded. */
#include "model/base64.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Decodes a text that stands alone in memory, so that a sanitizer sees any byte too far. */
static bool decode(uint8_t **out, size_t *len, const char *text, size_t text_len, struct error *err)
{
    char *copy = malloc(text_len + 1);
    assert_non_null(copy);
    memcpy(copy, text, text_len);
    char *exact = realloc(copy, text_len > 0 ? text_len : 1);
    assert_non_null(exact);
    *out = malloc(base64_room(text_len));
    assert_non_null(*out);
    bool ok = base64_decode(*out, len, exact, text_len, err);
    free(exact);
    return ok;
}

static void expect(const char *text, const char *bytes)
{
    struct error err = {0};
    uint8_t *out;
    size_t len;
    assert_true(decode(&out, &len, text, strlen(text), &err));
    assert_int_equal(len, strlen(bytes));
    assert_memory_equal(out, bytes, len);
    free(out);
}

static void refuse_len(const char *text, size_t text_len, const char *says)
{
    struct error err = {0};
    uint8_t *out;
    size_t len;
    assert_false(decode(&out, &len, text, text_len, &err));
    assert_int_equal(err.code, ERROR_NOT_BASE64);
    if (strstr(err.text, says) == NULL)
        fail_msg("'%s' gives '%s', not '%s'", text, err.text, says);
    free(out);
}

static void refuse(const char *text, const char *says)
{
    refuse_len(text, strlen(text), says);
}

/* RFC 4648, section 10. */
static void test_vectors(void **state)
{
    (void)state;
    expect("", "");
    expect("Zg==", "f");
    expect("Zm8=", "fo");
    expect("Zm9v", "foo");
    expect("Zm9vYg==", "foob");
    expect("Zm9vYmE=", "fooba");
    expect("Zm9vYmFy", "foobar");
}

static void test_characters(void **state)
{
    (void)state;
    refuse("!AAA", "character 1 ('!')");
    refuse("AAAA!AAA", "character 5 ('!')");
    refuse("AAA!", "character 4 ('!')");
    refuse("AA-A", "character 3 ('-') is not base64; the URL-safe alphabet");
    refuse("AA_A", "URL-safe");
    refuse("AAAA\nAAA", "character 5 (byte 0x0A) is not base64; line breaks");
    refuse("AAAA AAA", "line breaks and spaces");
    refuse("AA\xc3\xa9", "character 3 (byte 0xC3)");
    refuse_len("A\0AA", 4, "character 2 (byte 0x00)");
    refuse("AA%2", "character 3 ('%')");
}

static void test_padding(void **state)
{
    (void)state;
    refuse("A", "ends after character 1");
    refuse("AA", "ends after character 2");
    refuse("AAA", "ends after character 3");
    refuse("AA=", "ends after character 3");
    refuse("AAAA=", "ends after character 5");
    refuse("AAAA==", "ends after character 6");
    refuse("=", "ends after character 1");
    refuse("==", "ends after character 2");
    refuse("A===", "character 2 ('=') is not base64; padding stands at the end");
    refuse("====", "character 1 ('=')");
    refuse("AA==AAAA", "character 3 ('=')");
    refuse("AA=A", "character 3 ('=')");
}

static void test_stray_bits(void **state)
{
    (void)state;
    expect("AQ==", "\1");
    refuse("AB==", "character 2 ('B') has bits that belong to no byte");
    refuse("AAB=", "character 3 ('B') has bits");
    refuse("AAAAA/==", "character 6 ('/') has bits");
    for (size_t value = 0; value < 64; value++) {
        const char two[] = {'A', alphabet[value], '=', '='},
                   one[] = {'A', 'A', alphabet[value], '='};
        struct error err = {0};
        uint8_t out[16];
        size_t len;
        assert_int_equal(base64_decode(out, &len, two, 4, &err), value % 16 == 0);
        assert_int_equal(base64_decode(out, &len, one, 4, &err), value % 4 == 0);
    }
}

/* Every byte in every place of a group: taken exactly when the alphabet has it. */
static void test_length(void **state)
{
    (void)state;
    struct error err = {0};
    uint8_t out;
    size_t out_len;
    /* Of such a text nothing is read. */
    assert_false(base64_decode(&out, &out_len, "", (size_t)INT_MAX + 1, &err));
    assert_int_equal(err.code, ERROR_NOT_BASE64);
    assert_string_equal(err.text, "the text has more than 2147483647 characters");
}

static void test_every_byte(void **state)
{
    (void)state;
    for (size_t at = 0; at < 8; at++)
        for (int c = 0; c < 256; c++) {
            char text[8];
            memset(text, 'A', sizeof text);
            text[at] = (char)c;
            struct error err = {0};
            uint8_t out[16];
            size_t len;
            bool known = c != 0 && strchr(alphabet, c) != NULL;
            bool pads = at == 7 && c == '=';
            assert_int_equal(base64_decode(out, &len, text, 8, &err), known || pads);
        }
}

static size_t encode(char *out, const uint8_t *bytes, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i += 3) {
        uint32_t group = (uint32_t)bytes[i] << 16;
        if (i + 1 < len)
            group |= (uint32_t)bytes[i + 1] << 8;
        if (i + 2 < len)
            group |= bytes[i + 2];
        for (size_t k = 0; k < 4; k++)
            out[n++] = i + k <= len ? alphabet[group >> (18 - 6 * k) & 63] : '=';
    }
    return n;
}

static void test_round_trip(void **state)
{
    (void)state;
    uint8_t bytes[300] = {0};
    char text[400];
    srand(7);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        for (size_t i = 0; i < len; i++)
            bytes[i] = (uint8_t)rand();
        size_t text_len = encode(text, bytes, len);
        char again[sizeof text];
        assert_int_equal(base64_text_len(len), text_len);
        base64_encode(again, bytes, len);
        assert_memory_equal(again, text, text_len);
        struct error err = {0};
        uint8_t *out;
        size_t out_len;
        assert_true(decode(&out, &out_len, text, text_len, &err));
        assert_int_equal(out_len, len);
        assert_memory_equal(out, bytes, len);
        free(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),    cmocka_unit_test(test_characters),
        cmocka_unit_test(test_padding),    cmocka_unit_test(test_stray_bits),
        cmocka_unit_test(test_every_byte), cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
