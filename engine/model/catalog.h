/* catalog: which models are installed, and which one a name means.
 *
 * Installed models are the folders of `assets`/models that hold a config.json. Everything lives in
 * the caller's arena. */
#ifndef MODEL_CATALOG_H
#define MODEL_CATALOG_H

#include "engine/base/arena.h"
#include "engine/base/err.h"
#include "engine/model/config.h"

typedef struct {
    const char *name; /* of the folder */
    const char *folder;
    const char *problem; /* why it can't be opened, as an Err says it; NULL: nothing was found */
    ModelConfig config;  /* zeroed where there is a problem */
    size_t
        parameters; /* numbers in the weights, those of tied matrices once; buffers don't count */
    size_t bytes;   /* of model.safetensors */
} CatalogEntry;

typedef struct {
    CatalogEntry *entry; /* in the order of their names */
    size_t count;
} Catalog;

/* Reads config.json and the header of the weights of each, not the weights. No folder, no models.
 * */
void catalog_list(const char *assets, Arena *arena, Catalog *catalog);

/* A folder that holds a config.json is itself, whatever else has its name; then a name under
 * `assets`/models; then any other folder, so that opening it can say what it lacks. Otherwise an
 * error that lists the installed names. */
bool catalog_resolve(const char *assets, const char *name, Arena *arena, const char **folder,
                     Err *err);

#endif
