/* What is handed on of a request's bytes, and what is said where something is wrong with them. */
#include "server/http/intake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOST "Host: a\r\n"
#define POST "POST / HTTP/1.1\r\n" HOST
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

enum { ROOM = 16 * 1024 };

static void test_what_is_handed_on(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        const char *out;
        uint64_t heads;
    } rows[] = {
        {"", "", 0},
        {"GET / HTTP/1.1\r\n" HOST "\r\n", "GET / HTTP/1.1\r\n" HOST "\r\n", 1},
        {"\r\n\r\nGET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\n\r\n", 1},
        {"GET / HTTP/1.0\r\nA:b \t \r\n\r\n", "GET / HTTP/1.0\r\nA:   b\r\n\r\n", 1},
        {"GET http://a:80/b?c HTTP/1.0\r\n\r\n", "GET /b?c HTTP/1.0\r\n\r\n", 1},
        {"GET HTTPS://[::1] HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\n\r\n", 1},
        {"GET http://a?b HTTP/1.0\r\n\r\n", "GET /?b HTTP/1.0\r\n\r\n", 1},
        {"GET /%0a%10 HTTP/1.0\r\n\r\n", "GET /%0a%10 HTTP/1.0\r\n\r\n", 1},
        {"GET / HTTP/1.0\r\nExpect: more\r\n\r\n", "GET / HTTP/1.0\r\nExpect: more\r\n\r\n", 1},
        {"OPTIONS * HTTP/1.0\r\n\r\n", "OPTIONS * HTTP/1.0\r\n\r\n", 1},
        {POST "Content-Length: 3\r\n\r\nabcGET / HTTP/1.0\r\n\r\nG",
         POST "Content-Length: 3\r\n\r\nabcGET / HTTP/1.0\r\n\r\n", 2},
        {POST "Content-Length: 0\r\n\r\nGE", POST "Content-Length: 0\r\n\r\n", 1},
        {CHUNKED "2\r\nab\r\n00\r\n\r\n", CHUNKED "2\r\nab\r\n00\r\n\r\n", 1},
        {CHUNKED "a;b=\"c\"\r\n0123456789\r\n0 ;d\r\nA: b\r\n\r\nGET / HTTP/1.0\r\n\r\n",
         CHUNKED "a\r\n0123456789\r\n0\r\n\r\nGET / HTTP/1.0\r\n\r\n", 2},
        {CHUNKED "1;\ta\r\nb\r\n0\r\n\r\n", CHUNKED "1\r\nb\r\n0\r\n\r\n", 1},
        {CHUNKED "2\r\nab\r", CHUNKED "2\r\nab", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct intake in = {0};
        char bytes[ROOM];
        size_t len = strlen(rows[i].in);
        memcpy(bytes, rows[i].in, len);
        const size_t taken = intake_take(&in, bytes, &len);
        assert_int_equal(in.fault.code, ERROR_NONE);
        assert_int_equal(taken, strlen(rows[i].out));
        assert_memory_equal(bytes, rows[i].out, taken);
        assert_int_equal(in.heads, rows[i].heads);
    }
}

/* The end of what is handed on, after so many bytes were. */
static void check_words(struct intake *in, const char *words)
{
    char said[ROOM];
    const size_t len = intake_last_words(in, said, sizeof said);
    assert_int_equal(len, strlen(words));
    assert_memory_equal(said, words, len);
    assert_int_equal(intake_last_words(in, said, sizeof said), 0);
}

#define MADE_UP "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

static const struct {
    const char *in;
    enum error_code code;
    const char *words;
} faults[] = {
    {"GET / HTTP/1.1\n" HOST "\r\n", ERROR_BAD_REQUEST, MADE_UP},
    {"\x16\x03", ERROR_BAD_REQUEST, MADE_UP},
    {"SSH-2.0\r\n", ERROR_BAD_REQUEST, MADE_UP},
    {"GET / HTTP/1.1\r\n\r\n", ERROR_BAD_REQUEST, MADE_UP},
    {"HEAD / HTTP/1.1\r\n\r\n", ERROR_BAD_REQUEST, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"GET / HTTP/2.0\r\n", ERROR_VERSION_NOT_SUPPORTED, MADE_UP},
    {"CONNECT a:80 HTTP/1.1\r\n", ERROR_NOT_IMPLEMENTED, MADE_UP},
    {"GET / HTTP/1.1\r\n" HOST "Expect: more\r\n\r\n", ERROR_EXPECTATION_FAILED, MADE_UP},
    {POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", ERROR_BAD_REQUEST, MADE_UP},
    {POST "Content-Length: 9999999999999999999\r\n\r\n", ERROR_BODY_TOO_LARGE, MADE_UP},
    {POST "Transfer-Encoding: gzip\r\n\r\n", ERROR_NOT_IMPLEMENTED, MADE_UP},
    {POST "Transfer-Encoding: \x0b"
          "chunked\r\n\r\n",
     ERROR_BAD_REQUEST, MADE_UP},
    {POST "Transfer-Encoding: gzip, chunked\r\n\r\n", ERROR_NOT_IMPLEMENTED, MADE_UP},
    {POST "Content-Length: 00000000000000000000000000001\r\n\r\n", ERROR_BODY_TOO_LARGE, MADE_UP},
    {POST "Content-Length:\r\n\r\n", ERROR_BAD_REQUEST, MADE_UP},
    {"GET / HTTP/1.1\r\nHost: [1:2:3:4:5:6:7:8:1:2:3:4:5:6:7:8:1:2:3:4:5:6:7:8]\r\n\r\n",
     ERROR_BAD_REQUEST, MADE_UP},
    {"GET /%4 HTTP/1.1\r\n" HOST "\r\n", ERROR_BAD_REQUEST, MADE_UP},
    {"GET /%x0 HTTP/1.1\r\n" HOST "\r\n", ERROR_BAD_REQUEST, MADE_UP},
    {"GET /%0x HTTP/1.1\r\n" HOST "\r\n", ERROR_BAD_REQUEST, MADE_UP},
    {"GET /%00 HTTP/1.1\r\n" HOST "\r\n", ERROR_BAD_REQUEST, MADE_UP},
    {"GET  HTTP/1.1\r\n" HOST "\r\n", ERROR_BAD_REQUEST, MADE_UP},
    {"GET / HTTP/1,1\r\n" HOST "\r\n", ERROR_BAD_REQUEST, MADE_UP},
    {"GET / HTTP/x.1\r\n" HOST "\r\n", ERROR_BAD_REQUEST, MADE_UP},
    {"GET / HTTP/1.x\r\n" HOST "\r\n", ERROR_BAD_REQUEST, MADE_UP},
    {"GET / HTTP/0.9\r\n\r\n", ERROR_VERSION_NOT_SUPPORTED, MADE_UP},
    {CHUNKED "x\r\n", ERROR_BAD_REQUEST, "0\r\n\r\n"},
    {CHUNKED "1 \r\n", ERROR_BAD_REQUEST, "0\r\n\r\n"},
    {CHUNKED "1;\x7f\r\n", ERROR_BAD_REQUEST, "0\r\n\r\n"},
    {CHUNKED "1;\x01\r\n", ERROR_BAD_REQUEST, "0\r\n\r\n"},
    {CHUNKED "1000000000000000\r\n", ERROR_BODY_TOO_LARGE, "0\r\n\r\n"},
    {CHUNKED "1\r\nab\r\n", ERROR_BAD_REQUEST, "\r\n0\r\n\r\n"},
    {CHUNKED "0\r\nHost: a\r\n\r\n", ERROR_BAD_REQUEST, "\r\n"},
    {CHUNKED "0\r\nContent-Length: 1\r\n\r\n", ERROR_BAD_REQUEST, "\r\n"},
    {CHUNKED "0\r\nTransfer-Encoding: chunked\r\n\r\n", ERROR_BAD_REQUEST, "\r\n"},
    {CHUNKED "0\r\n\n", ERROR_BAD_REQUEST, "\r\n"},
};

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct intake in = {0};
        char bytes[ROOM];
        size_t len = strlen(faults[i].in);
        memcpy(bytes, faults[i].in, len);
        intake_take(&in, bytes, &len);
        assert_int_equal(in.fault.code, faults[i].code);
        assert_int_equal(in.state, INTAKE_OVER);
        assert_int_equal(in.heads, 1);
        assert_int_equal(in.headless, strstr(faults[i].words, "HTTP") != NULL);
        check_words(&in, faults[i].words);
    }
}

static void test_too_large(void **state)
{
    (void)state;
    static const struct {
        const char *beginning;
        char filling;
        enum error_code code;
    } rows[] = {
        {"", 'a', ERROR_TARGET_TOO_LONG},
        {"GET / HTTP/1.0\r\nA: ", 'a', ERROR_HEAD_TOO_LARGE},
        {CHUNKED "0\r\nA: ", 'a', ERROR_HEAD_TOO_LARGE},
        {CHUNKED, '0', ERROR_BAD_REQUEST},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct intake in = {0};
        char bytes[ROOM];
        size_t len = sizeof bytes;
        memset(bytes, rows[i].filling, sizeof bytes);
        memcpy(bytes, rows[i].beginning, strlen(rows[i].beginning));
        intake_take(&in, bytes, &len);
        assert_int_equal(in.fault.code, rows[i].code);
    }
}

/* A client that is late or gone, wherever it stands. */
static void test_ends(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        const char *words; /* NULL: there is no way */
    } rows[] = {
        {"GET / HT", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {POST "Content-Length: 5\r\n\r\nab", "   "},
        {POST "Content-Length: 70000\r\n\r\nab", NULL},
        {CHUNKED "5\r\nab", "   \r\n0\r\n\r\n"},
        {CHUNKED "5", "0\r\n\r\n"},
        {CHUNKED "1\r\na\r", "\r\n0\r\n\r\n"},
        {CHUNKED "0\r\nA", "\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct intake in = {0};
        char bytes[ROOM];
        size_t len = strlen(rows[i].in);
        memcpy(bytes, rows[i].in, len);
        intake_take(&in, bytes, &len);
        assert_int_equal(intake_end(&in, ERROR_TIMEOUT, "late"), rows[i].words != NULL);
        assert_int_equal(in.fault.code, ERROR_TIMEOUT);
        if (rows[i].words != NULL)
            check_words(&in, rows[i].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_handed_on),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
