/* config_fields: the fields of a config.json, each checked by its kind and put where it goes. Private
 * to engine/model. */
#ifndef MODEL_CONFIG_FIELDS_H
#define MODEL_CONFIG_FIELDS_H

#include "engine/model/family.h"

#include <cjson/cJSON.h>

/* Reads every field that the family's table lists; `file` is for the messages. What is absent is left
 * as it stands in `config`. Texts are copied into the arena. */
bool config_read_fields(const cJSON *root, const char *file, const Family *family, Arena *arena,
                        ModelConfig *config, Err *err);

#endif
