#include "tests/screen.h"

#include "app/ui/theme.h"

Screen screen_begin(Model *model, Trace *trace, int w, int h) {
    Screen screen = {.model = model, .trace = trace, .w = w, .h = h};
    walk_make(screen.trace, &screen.arena, &screen.walk);
    screen.ui = ui_new(&TEXT_FIXED, &THEME_DARK, (UiClipboard){0});
    screen.input.mouse_x = screen.input.mouse_y = -1;
    return screen;
}

void screen_free(Screen *screen) {
    ui_free(screen->ui);
    ui_textbox_free(&screen->widgets.prompt);
    found_forget(&screen->widgets.found);
    arena_free(&screen->arena);
    trace_free(screen->trace);
    model_close(screen->model);
}

ViewInput screen_input(Screen *screen) {
    return (ViewInput){.ui = screen->ui,
                       .theme = &THEME_DARK,
                       .trace = screen->trace,
                       .model = screen->model,
                       .walk = &screen->walk,
                       .state = &screen->state,
                       .widgets = &screen->widgets,
                       .out = &screen->out};
}
