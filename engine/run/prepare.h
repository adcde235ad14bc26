/* prepare: what a run and a generation begin with: the input checked, an empty trace with its tokens,
 * and the graph. Private to engine/run. */
#ifndef RUN_PREPARE_H
#define RUN_PREPARE_H

#include "engine/run/run.h"

bool prepare_check(const Model *model, const RunText *text, Err *err);
Trace *prepare_trace(const Model *model, const RunText *text);
/* The forward over `length` positions of the model's own text, and the choice's stages. */
bool prepare_graph(Trace *trace, const Model *model, const RunText *text, size_t length,
                   const RunOptions *options, Err *err);

/* Ids that were given, into the record that holds them; NULL: zeros. */
void prepare_given(Trace *trace, const char *name, const int32_t *ids, size_t first, size_t count);
/* The record of the model's own tokens. */
const char *prepare_own(const Model *model);
/* All that the text gives. */
void prepare_text(Trace *trace, const Model *model, const RunText *text);

#endif
