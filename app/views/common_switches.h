/* common_switches: what of the computation can be switched: attention, and the KV cache. Ids:
 * "attention/0" (standard), "attention/1" (flash), "cache/0" (off), "cache/1" (on). */
#ifndef VIEWS_COMMON_SWITCHES_H
#define VIEWS_COMMON_SWITCHES_H

#include "app/views/view.h"

/* In a line; with their names where that is wide. They end at the right of `line`. */
int switches_width(const ViewInput *in, bool wide);
void switches(const ViewInput *in, Rect line, bool wide);

#endif
