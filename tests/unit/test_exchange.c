/* What an exchange costs. */
#include "server/http/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "server/notes.h"

/* glibc's malloc keeps blocks of up to 1032 bytes for each thread; larger ones cost each request a
 * lock and a search. */
static void test_size(void **state)
{
    (void)state;
    assert_in_range(sizeof(struct http_exchange) + sizeof(struct notes), 1, 1032);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
