/* window_view: the whole window: which view stands where, the keyboard's shortcuts, and the list of
 * them ("help"). */
#ifndef VIEWS_WINDOW_VIEW_H
#define VIEWS_WINDOW_VIEW_H

#include "app/views/view.h"

/* Where the views stand in a window of w × h points. */
typedef struct {
    Rect prompt, map, stage, inspector, timeline;
    Rect lesson; /* width 0: none is open */
    Rect side;   /* above the two where one takes the other's place; height 0: both have theirs */
} WindowLayout;
WindowLayout window_layout(const ViewInput *in, int w, int h);

/* Draws everything into the window and turns keys that no widget took into intents. */
void window_view(const ViewInput *in, int w, int h);
/* Opens or closes the list of keys. */
void window_toggle_help(Ui *ui);

#endif
