/* timeline: where the walk is: a caption in words for the small step or the cell in hand, buttons
 * to move and play, the speed, and a bar over the whole walk. Ids: "timeline/first", "/stage-back",
 * "/step-back", "/play", "/step", "/stage", "/last", "/speed", "/scrub". */
#ifndef VIEWS_TIMELINE_H
#define VIEWS_TIMELINE_H

#include "app/views/view.h"

/* The height in a window of w × h points. */
int timeline_height(int w, int h);
void timeline_view(const ViewInput *in, Rect area);

/* What the caption says: coloured words in the frame's arena. */
size_t timeline_caption(const ViewInput *in, UiSpan **spans);

#endif
