/* stage: the picture in the middle: the operands and the result of one stage as heatmaps, laid out
 * as the operation reads.
 *
 * Which layout an operation has is a table in stage.c; an operation that it doesn't name gets its
 * inputs at the left and its result at the right. Ids: "stage/result", "stage/in0" …; with places
 * of 3 points or more "stage/result[3,1]" (row and column as they are seen); "stage/head/1";
 * "stage/row/4" (a token whose row can be chosen); "stage/top/0" (a bar of a list).
 *
 * Hovering a cell of the result reads it, a click pins it; a click on an operand's cell goes to
 * that cell in its own record. */
#ifndef VIEWS_STAGE_H
#define VIEWS_STAGE_H

#include "app/views/view.h"

void stage_view(const ViewInput *in, Rect area);

#endif
