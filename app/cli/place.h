/* place: which cell of a record is meant, for a reader. */
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

#include "engine/base/buf.h"
#include "engine/trace/trace.h"

/* "head 0, query 3 (·the), key 1 (·cat)" */
void place_words(const Trace *trace, int node, const size_t *index, Buf *text);
/* "12×64"; "1" where there is no axis. */
void place_shape(int rank, const size_t *dim, Buf *text);

#endif
