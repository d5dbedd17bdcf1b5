/*
 * Which instruction sets this program was built for, and which of them this processor runs.
 */
#include <stdio.h>
#include <string.h>

#include "model/native/kernels.h"

#if defined __x86_64__
static bool runs_avx512(void)
{
    return __builtin_cpu_supports("avx512f");
}

static bool runs_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif

static bool runs_always(void)
{
    return true;
}

/* The fastest first. */
static const struct {
    const struct kernels *kernels;
    bool (*runs)(void);
} table[] = {
#if defined __x86_64__
    {&kernels_avx512, runs_avx512},
    {&kernels_avx2, runs_avx2},
    {&kernels_sse2, runs_always},
#elif defined __aarch64__
    {&kernels_neon, runs_always},
#endif
};

const struct kernels *kernels_runnable(size_t index)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].runs() && index-- == 0)
            return table[i].kernels;
    return NULL;
}

bool kernels_choose(const struct kernels **out, const char *isa, struct error *err)
{
    char list[64] = "";
    for (size_t i = 0; (*out = kernels_runnable(i)) != NULL; i++) {
        if (isa == NULL || isa[0] == '\0' || strcmp((*out)->isa, isa) == 0)
            return true;
        size_t used = strlen(list);
        (void)snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ", (*out)->isa);
    }
    return error_set(err, ERROR_BAD_ARGUMENT,
                     "instruction set '%s' is not known or does not run here; there is: %s", isa,
                     list);
}
