/* place: which record is meant, and which of its cells, for a reader. */
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/trace/trace.h"

/* The record that is called so. False tells the names near it; `option` is where it was given. */
bool place_record(const Graph *graph, const char *option, const char *name, int *node, Err *err);

/* "head 0, query 3 (·the), key 1 (·cat)" */
void place_words(const Trace *trace, int node, const size_t *index, Buf *text);
/* "12×64"; "1" where there is no axis. */
void place_shape(int rank, const size_t *dim, Buf *text);

#endif
