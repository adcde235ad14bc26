/* screen: what the tests of the views share: a trace, its walk, a state and an interface of fixed-width
 * text, without a window. */
#ifndef TESTS_SCREEN_H
#define TESTS_SCREEN_H

#include "app/views/view.h"
#include "tests/fixture.h"

typedef struct {
    Model *model; /* NULL: the trace was made by hand */
    Trace *trace;
    Arena arena;
    Walk walk;
    ViewState state;
    ViewWidgets widgets;
    Intents out;
    UiInput input;
    Ui *ui;
    int w, h; /* of the view */
} Screen;

/* Takes both over. The pointer is outside. */
Screen screen_begin(Model *model, Trace *trace, int w, int h);
void screen_free(Screen *screen);

/* What a view is given. */
ViewInput screen_input(Screen *screen);

#endif
