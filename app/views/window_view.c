#include "app/views/window_view.h"

#include "app/views/export.h"
#include "app/views/inspector.h"
#include "app/views/lesson.h"
#include "app/views/map.h"
#include "app/views/prompt.h"
#include "app/views/stage.h"
#include "app/views/timeline.h"
#include "app/views/words.h"

#include <string.h>

enum {
    SMALL = 800,
    LOW = 520,  /* one line of chips */
    TALL = 700, /* three, where there are two texts */
    NARROW = 1100,
    WIDE = 1600,
    LESSON_NARROW = 264,
    LESSON_WIDTH = 336,
    LESSON_BESIDE = 360,
    SIDE = 40,
    HELP_LINE = 28,
    HELP_WIDTH = 560,
    HELP_KEYS = 240,
    PAD = 24
};

/* ---- Keys ------------------------------------------------------------------------------------ */

typedef struct {
    int key;
    unsigned mods;
    IntentKind intent;
    long value;
} Shortcut;

static const Shortcut SHORTCUT[] = {
    {' ', 0, INTENT_PLAY, 0},
    {UI_KEY_LEFT, 0, INTENT_STEP, -1},
    {UI_KEY_RIGHT, 0, INTENT_STEP, 1},
    {UI_KEY_LEFT, UI_SHIFT, INTENT_STAGE, -1},
    {UI_KEY_RIGHT, UI_SHIFT, INTENT_STAGE, 1},
    {UI_KEY_LEFT, UI_CTRL, INTENT_LAYER, -1},
    {UI_KEY_RIGHT, UI_CTRL, INTENT_LAYER, 1},
    {UI_KEY_LEFT, UI_ALT, INTENT_BACK, 0},
    {UI_KEY_RIGHT, UI_ALT, INTENT_FORWARD, 0},
    {UI_KEY_HOME, 0, INTENT_FIRST, 0},
    {UI_KEY_END, 0, INTENT_LAST, 0},
    {'w', 0, INTENT_MOVE, 0},
    {'a', 0, INTENT_MOVE, 1},
    {'s', 0, INTENT_MOVE, 2},
    {'d', 0, INTENT_MOVE, 3},
    {'t', 0, INTENT_THEME, 0},
    {UI_KEY_ESCAPE, 0, INTENT_UNPIN, 0},
    {UI_KEY_F1, 0, INTENT_HELP, 0},
    {'?', 0, INTENT_HELP, 0},
};

/* The query head, or the choice, as far as the stage shown has it. */
static long head_in_view(const ViewInput *in) {
    const Node *node = in->trace ? &in->trace->graph.node[in->state->now.node] : NULL;
    if (!node)
        return 0;
    size_t heads = node_heads(node, in->walk);
    size_t chosen = node_has_choices(node) ? in->state->now.choice : in->state->now.head;
    return (long)(heads > 0 && chosen >= heads ? heads - 1 : chosen);
}

/* Keys that depend on where the reader is. */
static void relative_keys(const ViewInput *in) {
    long head = head_in_view(in), speed = in->state->speed;
    if (ui_key(in->ui, 'l', 0))
        intent_value(in->out, INTENT_LANG, (words_language() + 1) % LANG_COUNT);
    if (ui_key(in->ui, '[', 0))
        intent_value(in->out, INTENT_HEAD, head - 1);
    if (ui_key(in->ui, ']', 0))
        intent_value(in->out, INTENT_HEAD, head + 1);
    if (in->trace && !in->no_flash && ui_key(in->ui, 'f', 0))
        intent_value(in->out, INTENT_FLASH, strcmp(in->trace->attention, "flash") != 0);
    if (in->trace && !in->no_cache && ui_key(in->ui, 'k', 0))
        intent_value(in->out, INTENT_CACHE, in->cached == NULL);
    bool choices = in->trace && node_has_choices(&in->trace->graph.node[in->state->now.node]);
    for (int digit = 0; digit <= 9; digit++)
        if (ui_key(in->ui, '0' + digit, 0))
            intent_value(in->out, INTENT_HEAD, digit - choices); /* choices count from 1 */
    if (ui_key(in->ui, '-', 0))
        intent_value(in->out, INTENT_SPEED, speed - 1);
    if (ui_key(in->ui, '+', 0) || ui_key(in->ui, '=', 0))
        intent_value(in->out, INTENT_SPEED, speed + 1);
}

/* One that takes the whole keyboard. */
static bool has_popup(const Ui *ui) {
    return ui_popup_is_open(ui, "help/list") || export_is_open(ui);
}

/* Taken before lists see them: a presenter's remote control sends these, wherever the pointer is.
 * */
static void page_keys(const ViewInput *in) {
    if (ui_typing(in->ui) || has_popup(in->ui))
        return;
    while (ui_key(in->ui, UI_KEY_PAGE_UP, 0))
        intent_value(in->out, INTENT_STAGE, -1);
    while (ui_key(in->ui, UI_KEY_PAGE_DOWN, 0))
        intent_value(in->out, INTENT_STAGE, 1);
}

static void shortcuts(const ViewInput *in) {
    if (ui_key(in->ui, 'l', UI_CTRL) || (!ui_typing(in->ui) && ui_key(in->ui, '/', 0)))
        ui_focus(in->ui, "prompt");
    if (ui_key(in->ui, 'e', UI_CTRL))
        intent_emit(in->out, INTENT_EXPORT);
    if (ui_typing(in->ui) || has_popup(in->ui))
        return;
    if (in->lesson) /* its digits come before those of the heads */
        lesson_keys(in);
    for (size_t i = 0; i < sizeof SHORTCUT / sizeof *SHORTCUT; i++)
        while (ui_key(in->ui, SHORTCUT[i].key, SHORTCUT[i].mods))
            intent_value(in->out, SHORTCUT[i].intent, SHORTCUT[i].value);
    relative_keys(in);
}

/* ---- Help ------------------------------------------------------------------------------------ */

static const struct {
    WordId keys, does;
} HELP[] = {
    {WORD_KEY_SPACE, WORD_HELP_PLAY},      {WORD_KEY_STEP, WORD_HELP_STEP},
    {WORD_KEY_STAGE, WORD_HELP_STAGE},     {WORD_KEY_LAYER, WORD_HELP_LAYER},
    {WORD_KEY_ENDS, WORD_HELP_ENDS},       {WORD_KEY_HEAD, WORD_HELP_HEAD},
    {WORD_KEY_SPEED, WORD_HELP_SPEED},     {WORD_KEY_HISTORY, WORD_HELP_HISTORY},
    {WORD_KEY_MOVE, WORD_HELP_MOVE},       {WORD_KEY_UNPIN, WORD_HELP_UNPIN},
    {WORD_KEY_PROMPT, WORD_HELP_PROMPT},   {WORD_KEY_FLASH, WORD_HELP_FLASH},
    {WORD_KEY_CACHE, WORD_HELP_CACHE},     {WORD_KEY_THEME, WORD_HELP_THEME},
    {WORD_KEY_LANG, WORD_HELP_LANG},       {WORD_KEY_LESSONS, WORD_HELP_LESSONS},
    {WORD_KEY_SCENE, WORD_HELP_SCENE},     {WORD_KEY_ANSWER, WORD_HELP_ANSWER},
    {WORD_KEY_OPTION, WORD_HELP_OPTION},   {WORD_KEY_HINT, WORD_HELP_HINT},
    {WORD_KEY_PICTURE, WORD_HELP_PICTURE}, {WORD_KEY_SIDE, WORD_HELP_SIDE},
    {WORD_KEY_SIZE, WORD_HELP_SIZE},       {WORD_KEY_EXPORT, WORD_HELP_EXPORT},
    {WORD_KEY_TAB, WORD_HELP_TAB},         {WORD_KEY_THIS, WORD_HELP_THIS},
};
enum { HELP_LINES = sizeof HELP / sizeof *HELP };

void window_toggle_help(Ui *ui) {
    if (ui_popup_is_open(ui, "help/list"))
        ui_popup_close(ui);
    else
        ui_popup_open(ui, "help/list");
}

static void draw_help(const ViewInput *in, int w, int h) {
    const Theme *t = in->theme;
    const int words = 8 + 80, content = HELP_LINES * HELP_LINE + words;
    int height = 2 * PAD + THEME_BUTTON + 8 + content;
    Rect rect = rect_center((Rect){0, 0, w, h}, HELP_WIDTH, height < h ? height : h);
    if (!ui_popup_begin(in->ui, "help/list", rect))
        return;
    DrawList *list = ui_list(in->ui);
    draw_round_rect(list, rect, 2 * THEME_RADIUS, t->panel);
    draw_frame(list, rect, 2 * THEME_RADIUS, 1, DRAW_SOLID, t->line);
    Rect inner = rect_inset(rect, PAD, PAD), head = rect_cut_top(&inner, THEME_BUTTON);
    if (ui_icon_button(in->ui, "help/close", rect_cut_right(&head, THEME_BUTTON), ICON_CLOSE,
                       UI_QUIET))
        ui_popup_close(in->ui);
    ui_label(in->ui, head, UI_ALIGN_LEFT, FONT_UI_BOLD, THEME_SIZE_TITLE, t->text,
             word(WORD_HELP_TITLE));
    rect_cut_top(&inner, 8);
    Rect seen = {inner.x, inner.y, inner.w + PAD - 4, inner.h};
    UiScroll *scroll = &in->widgets->help;
    inner.y = ui_scroll_begin(in->ui, "help/scroll", seen, scroll, content);
    inner.h = content;
    for (size_t i = 0; i < HELP_LINES; i++) {
        Rect line = rect_cut_top(&inner, HELP_LINE);
        ui_label(in->ui, rect_cut_left(&line, HELP_KEYS), UI_ALIGN_LEFT, FONT_MONO, THEME_SIZE_TEXT,
                 t->text, word(HELP[i].keys));
        ui_label(in->ui, line, UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_TEXT, t->secondary,
                 word(HELP[i].does));
    }
    rect_cut_top(&inner, 8);
    ui_paragraph(in->ui, inner, FONT_UI, THEME_SIZE_TEXT, t->text, word(WORD_HELP_POINTER));
    ui_scroll_end(in->ui, "help/scroll", seen, scroll, content);
    ui_popup_end(in->ui);
}

/* ---- Layout ---------------------------------------------------------------------------------- */

static int inspector_width(int w, bool lesson) {
    if (w < NARROW)
        return lesson ? LESSON_NARROW : 240;
    return w >= WIDE ? (lesson ? 336 : 368) : lesson ? LESSON_WIDTH : 304;
}

/* The lesson takes the inspector's place, or leaves it there; a switch above chooses. */
static void share_place(const ViewInput *in, WindowLayout *layout) {
    bool open = in->lesson->play && !in->lesson->panel->contents;
    if (open)
        layout->side = rect_cut_top(&layout->inspector, SIDE);
    if (open && in->lesson->panel->cell)
        return;
    layout->lesson = layout->inspector;
    layout->inspector.w = 0;
}

WindowLayout window_layout(const ViewInput *in, int w, int h) {
    Rect all = {0, 0, w, h};
    WindowLayout layout;
    bool two_texts = in->trace && in->trace->source.length > 0;
    int lines = h < LOW ? 1 : two_texts && h >= TALL ? 3 : 2;
    layout.prompt = rect_cut_top(&all, prompt_height(in, w, lines));
    layout.timeline = rect_cut_bottom(&all, timeline_height(w, h));
    layout.map = rect_cut_left(&all, w < SMALL ? 0 : w < NARROW ? 212 : 216);
    bool lesson = lesson_shown(in);
    layout.inspector = rect_cut_right(&all, inspector_width(w, lesson));
    layout.lesson = layout.side = (Rect){0, 0, 0, 0};
    if (lesson && w >= WIDE)
        layout.lesson = rect_cut_right(&all, LESSON_BESIDE);
    else if (lesson)
        share_place(in, &layout);
    layout.stage = all;
    return layout;
}

static void draw_panels(const ViewInput *in, const WindowLayout *layout, int w, int h) {
    DrawList *list = ui_list(in->ui);
    const Theme *t = in->theme;
    draw_rect(list, (Rect){0, 0, w, h}, t->panel);
    draw_rect(list, layout->stage, t->background);
    const Rect *top = &layout->prompt, *map = &layout->map;
    const Rect *sides[] = {&layout->inspector, &layout->lesson, &layout->side};
    draw_rect(list, (Rect){0, top->h - 1, w, 1}, t->line);
    draw_rect(list, (Rect){0, layout->timeline.y, w, 1}, t->line);
    if (map->w > 0)
        draw_rect(list, (Rect){map->w - 1, map->y, 1, map->h}, t->line);
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
        if (sides[i]->w > 0)
            draw_rect(list, (Rect){sides[i]->x, sides[i]->y, 1, sides[i]->h}, t->line);
}

/* "Lesson | Cell" */
static void draw_side(const ViewInput *in, Rect side) {
    const char *parts[] = {word(WORD_SIDE_LESSON), word(WORD_SIDE_CELL)};
    int chosen = in->lesson->panel->cell;
    Rect line = rect_inset(side, side.w < 280 ? 12 : THEME_PANEL_PAD, (SIDE - THEME_BUTTON) / 2);
    line.w = ui_segments_width(in->ui, parts, 2);
    if (ui_segments(in->ui, "lesson/side", line, parts, 2, &chosen))
        intent_value(in->out, INTENT_SIDE, !chosen);
    ui_tip(in->ui, word(WORD_TIP_SIDE));
}

/* Inside the panel's lines. */
static Rect map_inside(const Rect *map) {
    return (Rect){map->x, map->y, map->w - 1, map->h};
}

static void draw_sides(const ViewInput *in, const WindowLayout *layout) {
    if (layout->side.h > 0)
        draw_side(in, layout->side);
    if (layout->lesson.w > 0)
        lesson_view(in, layout->lesson);
    if (layout->inspector.w > 0 && in->trace)
        inspector_view(in, layout->inspector);
}

/* A pointer that only rests says nothing: while one steps it lies somewhere (state.h). */
static void watch_pointer(const ViewInput *in) {
    const UiInput *input = ui_input(in->ui);
    ViewWidgets *widgets = in->widgets;
    if (input->mouse_x != widgets->mouse_x || input->mouse_y != widgets->mouse_y)
        intent_emit(in->out, INTENT_POINTER);
    widgets->mouse_x = input->mouse_x;
    widgets->mouse_y = input->mouse_y;
}

/* Without a trace: what to do about it. */
static void draw_blank(const ViewInput *in, Rect stage) {
    if (!in->computing && in->problem)
        ui_paragraph(in->ui, rect_inset(stage, PAD, PAD), FONT_UI, THEME_SIZE_LEAD,
                     in->theme->secondary, word(WORD_BLANK));
}

void window_view(const ViewInput *in, int w, int h) {
    WindowLayout layout = window_layout(in, w, h);
    draw_panels(in, &layout, w, h);
    watch_pointer(in);
    page_keys(in);
    prompt_view(in, layout.prompt);
    if (layout.map.w > 0) /* no room for it in a small window: the timeline goes everywhere too */
        map_view(in, map_inside(&layout.map));
    if (in->trace) {
        stage_view(in, layout.stage);
    } else {
        draw_blank(in, layout.stage);
    }
    draw_sides(in, &layout);
    timeline_view(in, layout.timeline);
    draw_help(in, w, h);
    export_view(in, w, h);
    shortcuts(in);
}
