/* attention: the stages of one attention, standard or flash. Private to engine/model. */
#ifndef MODEL_ATTENTION_H
#define MODEL_ATTENTION_H

#include "engine/model/build.h"

/* Which attention: self or cross. */
typedef struct {
    const char *name;   /* "attn", "cross_attn" */
    const char *out;    /* "hook_attn_out" */
    WeightRole weights; /* the first of its eight */
    int memory;         /* what keys and values are made of; −1: the queries' own rows */
    size_t keys;        /* how many */
    MaskParams mask;
} Attention;

/* Queries, keys and values of the rows `x`, attention, and the way back into the stream. Returns the
 * last stage. */
int attention_build(Build *b, const Attention *a, int x);

#endif
