#include "engine/model/shards.h"

#include "engine/base/file.h"
#include "engine/base/json.h"

#include <string.h>

#define INDEX_MOST ((size_t)64 << 20) /* bytes */

/* "model-00001-of-00002.safetensors": a file beside the index, nothing that leads elsewhere. */
static bool check_name(const cJSON *entry, const char *path, Err *err) {
    char room[80];
    const char *name = cJSON_IsString(entry) ? entry->valuestring : "";
    if (*name && !strchr(name, '/') && !strchr(name, '\\') && name[0] != '.')
        return true;
    return err_set(err, "%s: weight_map: %.80s is in %s, expected the name of a file beside it",
                   path, entry->string, json_show(entry, room, sizeof room));
}

static StFile *find_shard(const Shards *shards, const char *file) {
    for (int i = 0; i < shards->count; i++)
        if (strcmp(strrchr(shards->shard[i].path, '/') + 1, file) == 0)
            return &shards->shard[i];
    return NULL;
}

static bool open_each(const cJSON *map, const char *folder, const char *path, Arena *arena,
                      Shards *shards, Err *err) {
    shards->shard = ARENA_NEW_N(arena, StFile, (size_t)cJSON_GetArraySize(map));
    for (const cJSON *entry = map->child; entry; entry = entry->next) {
        if (!check_name(entry, path, err))
            return false;
        StFile *shard = find_shard(shards, entry->valuestring);
        if (!shard) {
            shard = &shards->shard[shards->count];
            const char *file = arena_printf(arena, "%s/%s", folder, entry->valuestring);
            if (!st_open(file, arena, shard, err))
                return false;
            shards->count++;
        }
        if (!st_find(shard, entry->string))
            return err_set(err, "%s: weight_map: %.80s is to be in %s, which does not have it",
                           path, entry->string, shard->path);
    }
    return true;
}

static bool put_together(Arena *arena, Shards *shards, Err *err) {
    size_t count = 0;
    for (int i = 0; i < shards->count; i++)
        count += shards->shard[i].count;
    shards->all.tensor = ARENA_NEW_N(arena, StTensor, count);
    for (int i = 0; i < shards->count; i++) {
        const StFile *shard = &shards->shard[i];
        for (size_t t = 0; t < shard->count; t++) {
            for (int other = 0; other < i; other++)
                if (st_find(&shards->shard[other], shard->tensor[t].name))
                    return err_set(err, "%s: \"%.80s\" stands in %s too", shard->path,
                                   shard->tensor[t].name, shards->shard[other].path);
            shards->all.tensor[shards->all.count++] = shard->tensor[t];
        }
    }
    return true;
}

bool shards_open(const char *folder, const char *index, Arena *arena, Shards *shards, Err *err) {
    char *text;
    size_t size;
    *shards = (Shards){.all = {.path = file_join(arena, folder, index)}};
    const char *path = shards->all.path;
    if (!file_read_text(path, INDEX_MOST, arena, &text, &size, err))
        return false;
    cJSON *root = json_parse(text, size, path, err);
    if (!root)
        return false;
    const cJSON *map = cJSON_GetObjectItemCaseSensitive(root, "weight_map");
    bool ok = cJSON_IsObject(map) && map->child
                  ? open_each(map, folder, path, arena, shards, err) &&
                        put_together(arena, shards, err)
                  : err_set(err, "%s: there is no weight_map, expected tensors and their files",
                            path);
    cJSON_Delete(root);
    if (!ok)
        shards_close(shards);
    return ok;
}

void shards_close(Shards *shards) {
    for (int i = 0; i < shards->count; i++)
        st_close(&shards->shard[i]);
    *shards = (Shards){0};
}
