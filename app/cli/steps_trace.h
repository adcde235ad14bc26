/* steps_trace: the choices of a whole generation as one trace. The records of step s are called
 * steps.{s}.NAME, and read each other under those names. Of two stacks there is also the row that
 * the step has added to each cross-attention: which tokens of the source it looked at. */
#ifndef CLI_STEPS_TRACE_H
#define CLI_STEPS_TRACE_H

#include "app/cli/input.h"
#include "engine/run/generate.h"

typedef struct StepsTrace StepsTrace;

/* What a run must keep for it (GenerateOptions.stages). */
#define STEPS_CROSS "decoder.*.cross_attn.hook_pattern"

StepsTrace *steps_trace_new(const CliInput *input);
/* Copies the records of the choice, and the newest rows of the run's cross-attention. */
void steps_trace_add(StepsTrace *steps, const GenerateStep *step);
/* There was no memory for a step; saving will say so. */
bool steps_trace_failed(const StepsTrace *steps);
/* The file's tokens are those of the prompt and the `count` new ones. */
bool steps_trace_save(StepsTrace *steps, const int32_t *ids, size_t count, const char *path,
                      Err *err);
void steps_trace_free(StepsTrace *steps); /* NULL is allowed */

#endif
