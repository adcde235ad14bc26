/* prompt: the bar at the top: the program's name, the model, the text that is run, lessons, export,
 * language, theme and help; below it the tokens of the text as chips, and the predicted next one. Ids:
 * "model", "knobs", "prompt", "lessons", "export", "language", "theme", "help", "chip/0" …,
 * "chip/next". */
#ifndef VIEWS_PROMPT_H
#define VIEWS_PROMPT_H

#include "app/views/view.h"

/* How high the view wants to be at this width; of more lines of chips the rest is scrolled to. */
int prompt_height(const ViewInput *in, int width, int chip_lines);
void prompt_view(const ViewInput *in, Rect area);

#endif
