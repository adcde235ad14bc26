/* switched: what a switch of attention has changed: hook_z of the trace before against that of the new
 * one, cell by cell. */
#ifndef APP_SWITCHED_H
#define APP_SWITCHED_H

#include "app/views/view.h"

/* Compares each hook_z that both traces have kept. `switched->known` is false where there is nothing to
 * compare: another text, the same attention, no such record. The list lies in `arena`. */
void switched_measure(const Trace *before, const Trace *now, Arena *arena, Switched *switched);

#endif
