/*
 * URLs of HDFS: how they are read, what requests are made of them, and where NameNodes may send us.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/store/url.h"

enum { HTTP_PORT = 9870 };

static const struct {
    const char *url;
    const char *request; /* to the last NameNode */
    size_t count;
} good[] = {
    {"webhdfs://h/a/b.pth", "http://h:9870/webhdfs/v1/a/b.pth?op=X", 1},
    {"webhdfs://h:80/a", "http://h:80/webhdfs/v1/a?op=X", 1},
    {"swebhdfs://h/a", "https://h:9871/webhdfs/v1/a?op=X", 1},
    {"hdfs://h/a", "http://h:9870/webhdfs/v1/a?op=X", 1},
    {"hdfs://h:8020/a", "http://h:9870/webhdfs/v1/a?op=X", 1},
    {"webhdfs://a:1,b.c-d_e:65535/x", "http://b.c-d_e:65535/webhdfs/v1/x?op=X", 2},
    {"webhdfs://[::1]:80/a", "http://[::1]:80/webhdfs/v1/a?op=X", 1},
    {"webhdfs://h//a///b/", "http://h:9870/webhdfs/v1/a/b?op=X", 1},
    {"webhdfs://h/", "http://h:9870/webhdfs/v1/?op=X", 1},
    {"webhdfs://h/a b%20?c#d&\xc3\xbc", "http://h:9870/webhdfs/v1/a%20b%2520%3Fc%23d%26%C3%BC?op=X",
     1},
    {"webhdfs://h/a@b:c", "http://h:9870/webhdfs/v1/a%40b%3Ac?op=X", 1},
};

static void urls_become_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct error err = {0};
        struct hdfs_url url;
        char *request;
        if (!url_parse(&url, good[i].url, HTTP_PORT, &err))
            fail_msg("%s: %s", good[i].url, err.text);
        assert_int_equal(url.count, good[i].count);
        assert_true(
            url_request(&request, &url, &url.nodes[url.count - 1], url.path, "op=", "X", &err));
        assert_string_equal(request, good[i].request);
        free(request);
    }
}

static const char *const bad[] = {
    "webhdfs://",          "webhdfs://h",       "webhdfs:///a",
    "webhdfs://h:/a",      "webhdfs://h:0/a",   "webhdfs://h:65536/a",
    "webhdfs://h:1x/a",    "webhdfs://h,/a",    "webhdfs://,h/a",
    "webhdfs://u@h/a",     "webhdfs://u:p@h/a", "webhdfs://h/a/../b",
    "webhdfs://h/./b",     "webhdfs://h/a\nb",  "webhdfs://h/a\x7f",
    "webhdfs://h x/a",     "webhdfs://h?x/a",   "webhdfs://[::1/a",
    "webhdfs://[::1]80/a", "webhdfs://[x]/a",   "webhdfs://h\\x/a",
    "WEBHDFS://h/a",       "http://h/a",        "webhdfs://a,b,c,d,e,f,g,h,i/a",
};

static void other_urls_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error err = {0};
        struct hdfs_url url;
        if (url_parse(&url, bad[i], HTTP_PORT, &err))
            fail_msg("%s is taken", bad[i]);
        assert_int_equal(err.code, ERROR_BAD_ARGUMENT);
    }
}

static void paths_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    struct error err = {0};
    struct hdfs_url url;
    char text[STORE_URL_SIZE + 64] = "webhdfs://h";
    const size_t start = strlen(text);
    text[start] = '/';
    memset(text + start + 1, 'a', sizeof url.path - 2);
    assert_true(url_parse(&url, text, HTTP_PORT, &err));
    assert_int_equal(strlen(url.path), sizeof url.path - 1);
    text[start + sizeof url.path - 1] = 'a';
    assert_false(url_parse(&url, text, HTTP_PORT, &err));
    assert_int_equal(err.code, ERROR_BAD_ARGUMENT);
}

static const struct {
    const char *url; /* of the store */
    const char *location;
    const char *allowed;
    const char *to; /* NULL: refused */
} redirects[] = {
    {"webhdfs://n/a", "http://d:9864/webhdfs/v1/a?op=OPEN&x=1", NULL,
     "http://d:9864/webhdfs/v1/a?op=OPEN&x=1"},
    {"webhdfs://n/a", "http://d/webhdfs/v1/a?op=OPEN", NULL, "http://d:80/webhdfs/v1/a?op=OPEN"},
    {"swebhdfs://n/a", "https://d/webhdfs/v1/a?op=OPEN", NULL,
     "https://d:443/webhdfs/v1/a?op=OPEN"},
    /* Ours is the path, whatever the NameNode makes of it. */
    {"webhdfs://n/\xc3\xbc#", "http://d:1/webhdfs/v1/\xc3\xbc#?op=OPEN", NULL,
     "http://d:1/webhdfs/v1/%C3%BC%23?op=OPEN"},
    {"webhdfs://n/a", "http://d:1/webhdfs/v1/etc/passwd?op=OPEN", NULL,
     "http://d:1/webhdfs/v1/a?op=OPEN"},
    {"webhdfs://n/a", "http://d:1/webhdfs/v1/a?x", "e,d:1", "http://d:1/webhdfs/v1/a?x"},
    {"webhdfs://n/a", "http://D:7/webhdfs/v1/a?x", "e,d", "http://D:7/webhdfs/v1/a?x"},
    {"webhdfs://n/a", "http://d:2/webhdfs/v1/a?x", "e,d:1", NULL},
    {"webhdfs://n/a", "http://dd:1/webhdfs/v1/a?x", "d", NULL},
    {"webhdfs://n/a", "http://d:1/webhdfs/v1/a?x", "", NULL},
    {"webhdfs://n/a", "https://d:1/webhdfs/v1/a?x", NULL, NULL},
    {"swebhdfs://n/a", "http://d:1/webhdfs/v1/a?x", NULL, NULL},
    {"webhdfs://n/a", "file:///webhdfs/v1/a?x", NULL, NULL},
    {"webhdfs://n/a", "gopher://d:1/webhdfs/v1/a?x", NULL, NULL},
    {"webhdfs://n/a", "/webhdfs/v1/a?x", NULL, NULL},
    {"webhdfs://n/a", "", NULL, NULL},
    {"webhdfs://n/a", "http://u:p@d:1/webhdfs/v1/a?x", NULL, NULL},
    {"webhdfs://n/a", "http://u@d/webhdfs/v1/a?x", NULL, NULL},
    {"webhdfs://n/a", "http://d:1/webhdfs/v1/a?x\r\nHost: e", NULL, NULL},
    {"webhdfs://n/a", "http://d:1/webhdfs/v1/a?x y", NULL, NULL},
    {"webhdfs://n/a", "http://d:1/webhdfs/v1/a?x#y", NULL, NULL},
    {"webhdfs://n/a", "http://d\r\n:1/webhdfs/v1/a?x", NULL, NULL},
    {"webhdfs://n/a", "http://d:1\\e/webhdfs/v1/a?x", NULL, NULL},
    {"webhdfs://n/a", "http://d:99999/webhdfs/v1/a?x", NULL, NULL},
    {"webhdfs://n/a", "http://d:1/admin?x", NULL, NULL},
    {"webhdfs://n/a", "http://d:1/webhdfs/v1?x", NULL, NULL},
    {"webhdfs://n/a", "http://d:1?/webhdfs/v1/a", NULL, NULL},
    {"webhdfs://n/a", "http://d:1#/webhdfs/v1/a", NULL, NULL},
};

static void redirects_are_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof redirects / sizeof *redirects; i++) {
        struct error err = {0};
        struct hdfs_url url;
        struct url_node node;
        char *to = NULL;
        assert_true(url_parse(&url, redirects[i].url, HTTP_PORT, &err));
        bool ok = url_redirect(&to, &node, redirects[i].location, &url, url.path,
                               redirects[i].allowed, &err);
        if (ok != (redirects[i].to != NULL))
            fail_msg("%s: %s", redirects[i].location, ok ? to : err.text);
        if (ok)
            assert_string_equal(to, redirects[i].to);
        else
            assert_int_equal(err.code, ERROR_STORE);
        if (ok)
            free(to);
    }
}

static void a_token_in_a_redirect_is_not_told(void **state)
{
    (void)state;
    static const char *const locations[] = {
        "http://d:1/webhdfs/v1/a?delegation=secret y", "http://d:1/x?delegation=secret",
        "https://d:1/webhdfs/v1/a?delegation=secret", "http://e:1/webhdfs/v1/a?delegation=secret",
        "http://d@e:1/webhdfs/v1/a?delegation=secret"};
    for (size_t i = 0; i < sizeof locations / sizeof *locations; i++) {
        struct error err = {0};
        struct hdfs_url url;
        struct url_node node;
        char *to;
        assert_true(url_parse(&url, "webhdfs://n/a", HTTP_PORT, &err));
        assert_false(url_redirect(&to, &node, locations[i], &url, url.path, "d", &err));
        assert_null(strstr(err.text, "secret"));
    }
}

static void text_is_encoded_where_there_is_room(void **state)
{
    (void)state;
    char out[8] = "a";
    assert_true(url_encode(out, sizeof out, "/\xff", ""));
    assert_string_equal(out, "a%2F%FF");
    assert_false(url_encode(out, sizeof out, "b", ""));
    assert_string_equal(out, "a%2F%FF");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_become_requests),
        cmocka_unit_test(other_urls_are_refused),
        cmocka_unit_test(paths_that_do_not_fit_are_refused),
        cmocka_unit_test(redirects_are_checked),
        cmocka_unit_test(a_token_in_a_redirect_is_not_told),
        cmocka_unit_test(text_is_encoded_where_there_is_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
