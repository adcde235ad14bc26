#include "engine/tensor/isa.h"

#include "engine/tensor/kernel_set.h"

#if defined __x86_64__
#include <cpuid.h>
#endif
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_always(void) {
    return true;
}

#if defined __x86_64__
/* Not every compiler's __builtin_cpu_supports knows the name. */
static bool has_f16c(void) {
    unsigned a, b, c = 0, d;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C);
}

static bool has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && has_f16c();
}

static bool has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

/* Slowest first. Every name is known everywhere; a set that was not compiled is not here. */
static const struct {
    const char *name;
    const KernelSet *set;
    bool (*supported)(void);
} ISAS[ISA_COUNT] = {
    {"portable", &kernel_set_portable, has_always},
#if defined __aarch64__
    {"neon", &kernel_set_neon, has_always}, /* part of the architecture */
#else
    {"neon", NULL, NULL},
#endif
#if defined __x86_64__
    {"avx2", &kernel_set_avx2, has_avx2},
    {"avx512", &kernel_set_avx512, has_avx512},
#else
    {"avx2", NULL, NULL},
    {"avx512", NULL, NULL},
#endif
};

/* The one choice; the sets themselves are constant. */
static const KernelSet *_Atomic chosen;

static bool is_supported(int isa) {
    return ISAS[isa].set && ISAS[isa].supported();
}

int isa_supported(const char *name[ISA_COUNT]) {
    int count = 0;
    for (int isa = 0; isa < ISA_COUNT; isa++)
        if (is_supported(isa))
            name[count++] = ISAS[isa].name;
    return count;
}

static bool refuse(const char *name, Err *err) {
    const char *have[ISA_COUNT];
    char list[64];
    size_t used = 0;
    int count = isa_supported(have);
    for (int i = 0; i < count; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", have[i]);
    return err_set(err, "this machine has no instruction set '%.20s', expected one of: %s", name,
                   list);
}

bool isa_choose(const char *name, Err *err) {
    name = name ? name : "";
    for (int isa = ISA_COUNT - 1; isa >= 0; isa--)
        if (is_supported(isa) && (!*name || strcmp(name, ISAS[isa].name) == 0)) {
            atomic_store(&chosen, ISAS[isa].set);
            return true;
        }
    return refuse(name, err);
}

bool isa_choose_from_environment(Err *err) {
    return isa_choose(getenv("ATTNSCOPE_ISA"), err) || err_prefix(err, "ATTNSCOPE_ISA");
}

const KernelSet *kernel_set(void) {
    const KernelSet *set = atomic_load_explicit(&chosen, memory_order_acquire);
    if (set)
        return set;
    if (!isa_choose_from_environment(NULL))
        isa_choose(NULL, NULL);
    return atomic_load(&chosen);
}

const char *isa_name(void) {
    const KernelSet *set = kernel_set();
    for (int isa = 0; isa < ISA_COUNT; isa++)
        if (ISAS[isa].set == set)
            return ISAS[isa].name;
    return "";
}
