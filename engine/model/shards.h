/* shards: weights that are spread over several files, as Hugging Face writes large models:
 * model.safetensors.index.json holds {"weight_map": {tensor: file}}, the files lie beside it.
 *
 * The shards are opened, checked and put together as one list of tensors. */
#ifndef MODEL_SHARDS_H
#define MODEL_SHARDS_H

#include "engine/base/arena.h"
#include "engine/base/err.h"
#include "engine/tensor/safetensors.h"

typedef struct {
    StFile all;    /* every tensor of every shard; its path is the index's, and it maps nothing */
    StFile *shard; /* what holds the data, until shards_close */
    int count;
} Shards;

/* Errors name the index or the shard: no weight_map, a name that is no plain file name, a shard that
 * is missing or broken, a tensor that is not where the index says, or stands in two shards. */
bool shards_open(const char *folder, const char *index, Arena *arena, Shards *shards, Err *err);
void shards_close(Shards *shards); /* a zeroed one is allowed */

#endif
