/* common_veil: what an open question hides. The views are given a trace in which every number that
 * would give the answer away is NaN (whole numbers: 0), so that none of them can show one, by whatever
 * way; and they ask here, through Progress, what is hidden, to draw it as if the computation had not
 * got there yet.
 *
 * A veil knows no lesson: whoever makes it says what is hidden. */
#ifndef VIEWS_COMMON_VEIL_H
#define VIEWS_COMMON_VEIL_H

#include "engine/trace/trace.h"

typedef enum { VEIL_NOTHING, VEIL_CELLS, VEIL_RECORD } VeilKind;

/* What is to be hidden: asked once for each record, and where some cells of it are, for each of these. */
typedef struct {
    VeilKind (*record)(void *user, int node);
    bool (*cell)(void *user, int node, const size_t *index);
    void *user;
} VeilSource;

typedef struct {
    Trace trace;   /* what the views see: borrows all but the hidden numbers */
    uint8_t *kind; /* [graph.count] VeilKind, of an alias that of its owner */
    bool **hidden; /* [graph.count] VEIL_CELLS: of each cell in row order */
    Arena arena;   /* of all this */
} Veil;

/* NULL where nothing is hidden. The trace must live longer; free with veil_free. */
Veil *veil_new(const Trace *trace, const VeilSource *source);
void veil_free(Veil *veil); /* NULL is allowed */

/* `veil` may be NULL. */
VeilKind veil_kind(const Veil *veil, int node);
bool veil_hides(const Veil *veil, int node, const size_t *index);
/* Whether any cell of the region (of the node's shape) is hidden. */
bool veil_hides_any(const Veil *veil, int node, const OpRegion *region);

#endif
