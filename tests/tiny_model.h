/* tiny_model: writes a small random GPT-2 folder, as Hugging Face would, for tests.
 *
 * The numbers are multiples of 1/256 with few enough digits that F32, F16 and BF16 hold them
 * exactly: the same options in another dtype give the same model. */
#ifndef TESTS_TINY_MODEL_H
#define TESTS_TINY_MODEL_H

#include "engine/tensor/tensor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A zeroed TinyModel is a good one: a field that is 0 or NULL has the default named beside it. */
typedef struct {
    size_t n_layers; /* 2 */
    size_t n_heads;  /* 2 */
    size_t d_model;  /* 8 */
    size_t d_ff;     /* 4 · d_model, and n_inner is left out */
    size_t n_vocab;  /* 11 */
    size_t n_ctx;    /* 16 */
    const char *act; /* "gelu_new" */
    DType type;      /* DTYPE_F32 (which is 0), DTYPE_F16, DTYPE_BF16; DTYPE_I32 for a wrong one */
    uint64_t seed;
    bool untied;    /* an lm_head.weight of its own */
    bool no_prefix; /* names without "transformer." */
    bool buffers;   /* attn.bias and attn.masked_bias in each layer, as old files have */
    bool unaligned; /* one byte before everything else, so that no number is aligned */
    bool tokenizer; /* a WordLevel tokenizer.json of the words w0, w1, … that fills n_vocab */
    /* What to break or to add, by the name of the tensor as it is written. */
    const char *drop;     /* is left out */
    const char *reshape;  /* has its first axis longer by one */
    const char *integers; /* is I32 */
    const char *extra;    /* is added: two numbers that no model reads */
    const char *config;   /* more of config.json: "\"n_ctx\": 16, " (with the comma) */
} TinyModel;

/* Makes the folder where needed. Fails the running test when the disk does. */
void tiny_model_write(const char *folder, const TinyModel *options);

/* A WordLevel tokenizer.json of the words w0, w1, … */
void tiny_tokenizer_write(const char *folder, size_t n_vocab);

/* A fresh folder of the test's own, removed with all that is in it by tiny_folder_remove. */
char *tiny_folder_new(void);
void tiny_folder_remove(char *folder);

/* folder/name, holding exactly these bytes. */
void tiny_file_write(const char *folder, const char *name, const void *bytes, size_t size);

#endif
