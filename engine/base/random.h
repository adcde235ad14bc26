/* random: numbers that only look random: the same state gives the same ones on every machine. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

/* How far one draw moves the state: the n-th draw of a seed begins at seed + n × this. */
#define RANDOM_STEP UINT64_C(0x9E3779B97F4A7C15)

/* 64 bits, and the state one on: splitmix64 (Steele et al. 2014). */
uint64_t random_bits(uint64_t *state);

#endif
