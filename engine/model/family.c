#include "engine/model/family.h"

#include <fnmatch.h>
#include <string.h>

#define FAMILY_ROW(name) &family_##name,
static const Family *const FAMILIES[] = {FAMILY_TABLE(FAMILY_ROW)};
#undef FAMILY_ROW

const Family *family_find(const char *model_type) {
    for (int i = 0; i < FAMILY_COUNT(FAMILIES); i++)
        if (strcmp(FAMILIES[i]->model_type, model_type) == 0)
            return FAMILIES[i];
    return NULL;
}

const char *family_names(Arena *arena) {
    const char *names = FAMILIES[0]->model_type;
    for (int i = 1; i < FAMILY_COUNT(FAMILIES); i++)
        names = arena_printf(arena, "%s, %s", names, FAMILIES[i]->model_type);
    return names;
}

static const char *put_number(const char *pattern, const char *mark, size_t number, Arena *arena) {
    const char *place = strstr(pattern, mark);
    if (!place)
        return pattern;
    return arena_printf(arena, "%.*s%zu%s", (int)(place - pattern), pattern, number,
                        place + strlen(mark));
}

const char *family_weight_name(const char *names, size_t layer, size_t expert, Arena *arena) {
    const char *name = arena_printf(arena, "%.*s", (int)strcspn(names, "|"), names);
    name = put_number(name, "{l}", layer, arena);
    return put_number(name, "{e}", expert, arena);
}

bool family_ignores(const Family *family, const ModelConfig *config, const char *name) {
    for (int i = 0; family->ignored[i]; i++)
        if (fnmatch(family->ignored[i], name, 0) == 0)
            return true;
    for (int i = 0; config->tied && i < family->weight_count; i++)
        if (family->weight[i].role == ROLE_UNEMBED && strcmp(family->weight[i].name, name) == 0)
            return true;
    return false;
}
