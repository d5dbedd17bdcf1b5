/*
 * digit-reduce: the reducer as a program for Hadoop Streaming, standard input to standard output.
 * Its exit status is 0, or 1 when it failed: Hadoop tries the task again then, and in the end the
 * job fails.
 */
#include <stdio.h>
#include <unistd.h>

#include "train/hadoop/reduce.h"

int main(void)
{
    struct error err = {0};
    if (!reduce_run(STDIN_FILENO, stdout, stderr, &err) || fflush(stdout) != 0) {
        (void)error_set(&err, ERROR_FILE, "the output cannot be written");
        (void)fprintf(stderr, "digit-reduce: %s\n", err.text);
        return 1;
    }
    return 0;
}
