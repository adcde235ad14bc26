/* isa: which instruction set the kernels use. The best that the machine has, unless the environment
 * says ATTNSCOPE_ISA=portable, neon, avx2 or avx512. Results of two instruction sets differ in their
 * last bits, as the order of addition does; those of one are the same always. */
#ifndef TENSOR_ISA_H
#define TENSOR_ISA_H

#include "engine/base/err.h"

enum { ISA_COUNT = 4 };

/* Chooses by name for the whole program, NULL or "" the best. Can fail: a name that nobody knows,
 * or one that this machine lacks. Not while a kernel runs. */
bool isa_choose(const char *name, Err *err);

/* What ATTNSCOPE_ISA asks for: a program calls this as it starts, to say what is wrong with it. Where
 * nothing has been chosen, the first kernel does the same, and falls back to the best. */
bool isa_choose_from_environment(Err *err);

const char *isa_name(void);

/* The names of those that this machine has, slowest first; returns how many. */
int isa_supported(const char *name[ISA_COUNT]);

#endif
