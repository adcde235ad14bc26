/* The bar: name, model, text box, buttons. */
#include "app/views/prompt_part.h"
#include "app/views/words.h"

#include <math.h>
#include <string.h>

enum {
    BAR_WIDE = 560, /* what is left beside name and model */
    TEXT_WIDE = 320 /* room for the text beside its “computing” */
};

/* "scale=off, mask full"; NULL: none is turned, or the list of models names them. */
static const char *knobs_text(const ViewInput *in) {
    const char *set = in->set ? in->set : "", *mask = in->mask ? in->mask : "";
    if (!*set && !*mask)
        return NULL;
    const char *knobs = arena_printf(ui_arena(in->ui), "%s%s%s%s", set, *set && *mask ? ", " : "",
                                     *mask ? "mask " : "", mask);
    return in->models && strstr(in->models[in->model_chosen], knobs) ? NULL : knobs;
}

static void draw_model(const ViewInput *in, Rect *bar) {
    if (in->model_count == 0)
        return;
    int most = bar->w < 600 ? bar->w / 4 : bar->w * 2 / 5, chosen = in->model_chosen;
    if (knobs_text(in)) /* the text needs the room */
        most = bar->w / 5;
    int width = ui_dropdown_width(in->ui, in->models, in->model_count);
    Rect rect = rect_cut_left(bar, width < most ? width : most);
    if (ui_dropdown(in->ui, "model", rect, in->models, in->model_problems, in->model_count,
                    &chosen))
        intent_value(in->out, INTENT_MODEL, chosen);
    ui_tip(in->ui, word(WORD_TIP_MODEL));
    rect_cut_left(bar, PROMPT_GAP);
}

/* That the model is not as it was made. */
static void draw_knobs(const ViewInput *in, Rect *bar) {
    const char *knobs = knobs_text(in);
    if (!knobs)
        return;
    const TextMeasure *measure = ui_measure(in->ui);
    int most = bar->w / (bar->w < 500 ? 6 : 4);
    const char *text = text_elide(ui_arena(in->ui), measure, FONT_MONO, THEME_SIZE_LABEL, knobs,
                                  (float)most, TEXT_ELIDE_END);
    int width = (int)ceilf(text_width(measure, FONT_MONO, THEME_SIZE_LABEL, text)) + 2 * PROMPT_GAP;
    Rect rect = rect_cut_left(bar, width);
    ui_region(in->ui, "knobs", rect, UI_NO_HAND);
    ui_tip(in->ui, WORD_WITH(ui_arena(in->ui), WORD_TIP_KNOBS, knobs));
    draw_frame(ui_list(in->ui), rect, THEME_RADIUS, 1, DRAW_DASHED, in->theme->hand);
    ui_label(in->ui, rect, UI_ALIGN_CENTER, FONT_MONO, THEME_SIZE_LABEL, in->theme->hand, text);
    rect_cut_left(bar, PROMPT_GAP);
}

/* Both languages side by side; in a narrow window only the other one. */
static void draw_language(const ViewInput *in, Rect *bar, bool wide) {
    const char *parts[LANG_COUNT] = {word(WORD_LANG_EN), word(WORD_LANG_KO)};
    int chosen = (int)words_language(), other = !chosen;
    Rect rect = rect_cut_right(bar, wide ? ui_segments_width(in->ui, parts, LANG_COUNT) : 36);
    if (wide && ui_segments(in->ui, "language", rect, parts, LANG_COUNT, &chosen))
        intent_value(in->out, INTENT_LANG, chosen);
    if (!wide && ui_button(in->ui, "language/other", rect, parts[other], 0))
        intent_value(in->out, INTENT_LANG, other);
    ui_tip(in->ui, word(WORD_TIP_LANG));
    rect_cut_right(bar, PROMPT_GAP);
}

/* In a narrow window Ctrl+E alone. */
static void draw_export(const ViewInput *in, Rect *bar, bool wide) {
    if (!wide || !in->trace)
        return;
    const char *label = word(WORD_EXPORT);
    if (ui_button(in->ui, "export", rect_cut_right(bar, ui_button_width(in->ui, label)), label, 0))
        intent_emit(in->out, INTENT_EXPORT);
    ui_tip(in->ui, word(WORD_TIP_EXPORT));
    rect_cut_right(bar, PROMPT_GAP);
}

static void draw_lessons(const ViewInput *in, Rect *bar) {
    if (!in->lesson)
        return;
    const char *label = word(WORD_LESSONS);
    if (ui_button(in->ui, "lessons", rect_cut_right(bar, ui_button_width(in->ui, label)), label, 0))
        intent_emit(in->out, INTENT_CONTENTS);
    ui_tip(in->ui, word(WORD_TIP_LESSONS));
    rect_cut_right(bar, PROMPT_GAP);
}

static void draw_buttons(const ViewInput *in, Rect *bar) {
    bool wide = bar->w >= BAR_WIDE;
    if (ui_button(in->ui, "help", rect_cut_right(bar, THEME_BUTTON), "?", 0))
        intent_emit(in->out, INTENT_HELP);
    ui_tip(in->ui, word(WORD_TIP_HELP));
    rect_cut_right(bar, PROMPT_GAP);
    const char *label = word(in->state->light ? WORD_DARK : WORD_LIGHT);
    if (ui_button(in->ui, "theme", rect_cut_right(bar, 56), label, 0))
        intent_emit(in->out, INTENT_THEME);
    ui_tip(in->ui, word(WORD_TIP_THEME));
    rect_cut_right(bar, PROMPT_GAP);
    draw_language(in, bar, wide);
    draw_export(in, bar, wide);
    draw_lessons(in, bar);
}

/* Room is kept for it, so that the text doesn't jump; where that is scarce, only while it is needed. */
static void draw_computing(const ViewInput *in, Rect *bar) {
    if (bar->w < TEXT_WIDE && !in->computing)
        return;
    const char *text = word(in->model ? WORD_COMPUTING : WORD_LOADING);
    int width = (int)ceilf(text_width(ui_measure(in->ui), FONT_UI, THEME_SIZE_LABEL, text));
    Rect rect = rect_cut_right(bar, width + PROMPT_GAP);
    if (in->computing)
        ui_label(in->ui, rect, UI_ALIGN_RIGHT, FONT_UI, THEME_SIZE_LABEL, in->theme->secondary,
                 text);
    rect_cut_right(bar, PROMPT_GAP);
}

static const char *prompt_hint(const ViewInput *in) {
    if (in->model && in->model->config.two_stacks)
        return word(WORD_PROMPT_HINT_SOURCE);
    bool fills = view_task(in) == TASK_FILL;
    return word(fills ? WORD_PROMPT_HINT_MASK : WORD_PROMPT_HINT);
}

void prompt_bar(const ViewInput *in, Rect bar) {
    bar = rect_inset(bar, PROMPT_PAD, (PROMPT_BAR - THEME_BUTTON) / 2);
    const char *name = word(WORD_PRODUCT);
    float width = text_width(ui_measure(in->ui), FONT_UI_BOLD, THEME_SIZE_TITLE, name);
    ui_label(in->ui, rect_cut_left(&bar, (int)ceilf(width) + PROMPT_PAD), UI_ALIGN_LEFT,
             FONT_UI_BOLD, THEME_SIZE_TITLE, in->theme->text, name);
    draw_model(in, &bar);
    draw_knobs(in, &bar);
    draw_buttons(in, &bar);
    draw_computing(in, &bar);
    UiTextEvent event = ui_textbox(in->ui, "prompt", bar, &in->widgets->prompt, prompt_hint(in),
                                   FONT_UI, THEME_SIZE_LEAD);
    if (event.changed)
        intent_emit(in->out, INTENT_PROMPT);
    if (event.submitted)
        intent_emit(in->out, INTENT_SUBMIT);
}
