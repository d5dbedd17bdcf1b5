/*
 * Our side of test_checkpoint.py: `state_dict_dump FILE` prints a line for each tensor (name,
 * shape, float32 bytes in hexadecimal); `state_dict_dump FILE COPY` reads one file and writes the
 * other.
 */
#include <stdio.h>
#include <stdlib.h>

#include "model/checkpoint.h"

static void print_tensor(const struct tensor *t)
{
    const unsigned char *bytes = (const unsigned char *)t->data;
    printf("%s ", t->name);
    for (size_t d = 0; d < t->rank; d++)
        printf("%s%zu", d ? "x" : "", t->shape[d]);
    printf(" ");
    for (size_t i = 0; i < t->count * sizeof *t->data; i++)
        printf("%02x", bytes[i]);
    printf("\n");
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: state_dict_dump FILE [COPY]\n");
        return 2;
    }
    struct error err = {0};
    struct checkpoint *c = NULL;
    bool ok = checkpoint_read(&c, argv[1], &err);
    if (ok && argc == 3)
        ok = checkpoint_write(c, argv[2], &err);
    else if (ok)
        for (size_t i = 0; i < checkpoint_count(c); i++)
            print_tensor(checkpoint_at(c, i));
    checkpoint_close(c);
    if (!ok)
        fprintf(stderr, "%s\n", err.text);
    return ok ? 0 : 1;
}
