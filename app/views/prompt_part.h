/* prompt_part: what the files of the prompt share. Private to the view. */
#ifndef VIEWS_PROMPT_PART_H
#define VIEWS_PROMPT_PART_H

#include "app/views/prompt.h"

enum { PROMPT_BAR = 52, PROMPT_PAD = 16, PROMPT_GAP = 8 };

void prompt_bar(const ViewInput *in, Rect bar);

#endif
