/* steps_table: what each step of a generation has taken, and what it would have with the cache
 * switched the other way, as a table and as JSON. */
#ifndef CLI_STEPS_TABLE_H
#define CLI_STEPS_TABLE_H

#include "app/cli/json_out.h"
#include "engine/run/generate.h"

typedef struct {
    Buf steps;            /* a row each */
    const char *kv_cache; /* "on", "off"; NULL: there was no step */
    bool serves;          /* known rows were not computed again */
} StepsTable;

void steps_table_add(StepsTable *table, const GenerateStep *step);
void steps_table_print(const StepsTable *table);
/* "kv_cache", "steps" and "total" of the object that is open. */
void steps_table_json(const StepsTable *table, JsonOut *out);
void steps_table_free(StepsTable *table);

#endif
