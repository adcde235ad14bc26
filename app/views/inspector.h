/* inspector: the panel at the right. With a cell in hand: the formula, whose cell it is, its value,
 * the operands' numbers put into the formula, every term with links to the cells that it came from,
 * what they add up to, where the value goes, and the same in words. With none: what the stage is
 * for, its shape, its limits and what it costs.
 *
 * A number of a record leads to its own cell. One of a weight is named in its place, and framed in the
 * stage's picture. A list of more than 32 terms begins with the largest; `terms_turned` turns that
 * round.
 *
 * Ids: "inspector/back", "inspector/forward", "inspector/crumb/0", "inspector/order",
 * "inspector/term/3/0" (term 3, operand 0), "inspector/next/0". */
#ifndef VIEWS_INSPECTOR_H
#define VIEWS_INSPECTOR_H

#include "app/views/view.h"

void inspector_view(const ViewInput *in, Rect area);

#endif
