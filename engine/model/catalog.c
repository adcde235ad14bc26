#include "engine/model/catalog.h"

#include "engine/base/buf.h"
#include "engine/base/file.h"
#include "engine/model/family.h"
#include "engine/tensor/safetensors.h"

#include <string.h>

static bool holds_config(const char *folder, Arena *arena) {
    return file_exists(file_join(arena, folder, "config.json"));
}

/* The folders of the installed models, sorted by name. */
static size_t installed(const char *assets, Arena *arena, const char ***folders) {
    const char *models = file_join(arena, assets, "models"), **names;
    size_t count = file_list(models, arena, &names), kept = 0;
    *folders = ARENA_NEW_N(arena, const char *, count);
    for (size_t i = 0; i < count; i++) {
        const char *folder = file_join(arena, models, names[i]);
        if (holds_config(folder, arena))
            (*folders)[kept++] = folder;
    }
    return kept;
}

static const char *name_of(const char *folder) {
    return strrchr(folder, '/') + 1;
}

static size_t count_parameters(const StFile *file, const Family *family,
                               const ModelConfig *config) {
    size_t count = 0;
    for (size_t i = 0; i < file->count; i++) {
        const StTensor *tensor = &file->tensor[i];
        size_t numbers = 1;
        for (int axis = 0; axis < tensor->rank; axis++)
            numbers *= tensor->dim[axis];
        if (!family_ignores(family, config, tensor->name))
            count += numbers;
    }
    return count;
}

static bool look_into(CatalogEntry *entry, Arena *arena, Err *err) {
    const Family *family;
    StFile file;
    if (!config_load(file_join(arena, entry->folder, "config.json"), arena, &entry->config, &family,
                     err) ||
        !st_open(file_join(arena, entry->folder, "model.safetensors"), arena, &file, err))
        return false;
    entry->parameters = count_parameters(&file, family, &entry->config);
    entry->bytes = file.map.size;
    st_close(&file);
    return true;
}

void catalog_list(const char *assets, Arena *arena, Catalog *catalog) {
    const char **folders;
    catalog->count = installed(assets, arena, &folders);
    catalog->entry = ARENA_NEW_N(arena, CatalogEntry, catalog->count);
    for (size_t i = 0; i < catalog->count; i++) {
        CatalogEntry *entry = &catalog->entry[i];
        *entry = (CatalogEntry){.name = name_of(folders[i]), .folder = folders[i]};
        Err err;
        if (!look_into(entry, arena, &err)) {
            entry->problem = arena_copy_text(arena, err.text);
            entry->config = (ModelConfig){0};
        }
    }
}

static bool not_found(const char *assets, const char *name, Arena *arena, Err *err) {
    const char **folders;
    size_t count = installed(assets, arena, &folders);
    Buf names = {0};
    for (size_t i = 0; i < count; i++)
        buf_printf(&names, i ? ", %s" : "%s", name_of(folders[i]));
    if (strchr(name, '/'))
        err_set(err, "%s: there is no such folder", name);
    else
        err_set(err, "%s: neither a folder nor one of the installed models (%s)", name,
                count ? names.bytes : "there are none");
    buf_free(&names);
    return false;
}

bool catalog_resolve(const char *assets, const char *name, Arena *arena, const char **folder,
                     Err *err) {
    const char *under = file_join(arena, file_join(arena, assets, "models"), name);
    if (*name && holds_config(name, arena))
        *folder = name;
    else if (*name && !strchr(name, '/') && holds_config(under, arena))
        *folder = under;
    else if (file_is_folder(name))
        *folder = name;
    else
        return not_found(assets, name, arena, err);
    return true;
}
