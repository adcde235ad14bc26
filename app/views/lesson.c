#include "app/views/lesson_part.h"

#include <math.h>
#include <string.h>

enum {
    HEAD_LINE = 20,
    BAR = 4,
    FOOT = 52,
    CARD_PAD = 12,
    GAP = 12,
    COLUMN_GAP = 12,
    WIDE = 300, /* from here on the words are larger */
    SCROLL_BY = 40,
    LOW = 260 /* a lower panel has its buttons beside its title */
};

/* ---- the pen ---- */

void lesson_space(LessonPen *pen, int height) {
    pen->y += height;
}

void lesson_words(LessonPen *pen, FontRole font, int size, Color color, const char *text) {
    UiSpan span = {text, font, color};
    pen->y += ui_spans(pen->ui, (Rect){pen->x, pen->y, pen->w, 10000}, size, &span, 1, pen->draw);
}

void lesson_heading(LessonPen *pen, const char *text) {
    lesson_words(pen, FONT_UI_BOLD, THEME_SIZE_SMALL, pen->theme->faint, text);
    lesson_space(pen, 2);
}

void lesson_unkept(LessonPen *pen) {
    const char *unkept = pen->in->lesson->unkept;
    if (!unkept)
        return;
    lesson_words(pen, FONT_UI, THEME_SIZE_LABEL, pen->theme->secondary, unkept);
    lesson_space(pen, 8);
}

bool lesson_button(LessonPen *pen, const char *id, const char *label, unsigned flags) {
    int width = ui_button_width(pen->ui, label);
    Rect rect = {pen->x, pen->y, width < pen->w ? width : pen->w, THEME_BUTTON};
    lesson_space(pen, THEME_BUTTON);
    return pen->draw && ui_button(pen->ui, id, rect, label, flags);
}

void lesson_card(LessonPen *pen, LessonPart *part, size_t number, Color edge) {
    LessonPen inner = *pen;
    inner.x += CARD_PAD;
    inner.w -= 2 * CARD_PAD;
    inner.y += CARD_PAD;
    LessonPen measured = inner;
    measured.draw = false;
    part(&measured, number);
    Rect rect = {pen->x, pen->y, pen->w, measured.y + CARD_PAD - pen->y};
    if (pen->draw) {
        draw_round_rect(ui_list(pen->ui), rect, 2 * THEME_RADIUS, pen->theme->raised);
        draw_frame(ui_list(pen->ui), rect, 2 * THEME_RADIUS, 1, DRAW_SOLID, edge);
        part(&inner, number);
        pen->links = inner.links;
    }
    pen->y = rect.y + rect.h;
}

/* ---- tables ---- */

static int longest_word(const LessonPen *pen, FontRole font, int size, const char *text) {
    float longest = 0;
    for (size_t at = 0; text[at];) {
        size_t bytes = strcspn(text + at, " ");
        longest = fmaxf(longest, text_width_n(ui_measure(pen->ui), font, size, text + at, bytes));
        at += bytes + strspn(text + at + bytes, " ");
    }
    return (int)ceilf(longest);
}

static int column_width(const LessonPen *pen, const PlayTable *table, size_t column) {
    float width = (float)longest_word(pen, FONT_UI, THEME_SIZE_SMALL, table->heading[column]);
    for (size_t row = 0; row < table->rows; row++)
        width = fmaxf(width, text_width(ui_measure(pen->ui), FONT_MONO, THEME_SIZE_LABEL,
                                        table->cell[row * table->columns + column]));
    return (int)ceilf(width);
}

/* Too wide a table gives each column its share; what is spare goes to all. */
static int *column_widths(const LessonPen *pen, const PlayTable *table) {
    int *width = ARENA_NEW_N(pen->arena, int, table->columns), all = 0;
    int room = pen->w - (int)(table->columns - 1) * COLUMN_GAP;
    for (size_t i = 0; i < table->columns; i++)
        all += width[i] = column_width(pen, table, i);
    for (size_t i = 0; i < table->columns; i++)
        width[i] = all > room ? width[i] * room / all
                              : width[i] + (room - all) / (int)table->columns;
    return width;
}

static void table_heads(LessonPen *pen, const PlayTable *table, const int *width) {
    int high = 0;
    for (int draw = 0; draw <= (int)pen->draw; draw++) {
        int x = pen->x;
        for (size_t i = 0; i < table->columns; x += width[i++] + COLUMN_GAP) {
            UiSpan span = {table->heading[i], FONT_UI, pen->theme->secondary};
            int used = ui_spans(pen->ui, (Rect){x, pen->y, width[i], 1000}, THEME_SIZE_SMALL, &span,
                                1, draw != 0);
            high = used > high ? used : high;
        }
    }
    lesson_space(pen, high + 4);
    if (pen->draw)
        draw_rect(ui_list(pen->ui), (Rect){pen->x, pen->y - 2, pen->w, 1}, pen->theme->line);
}

void lesson_table(LessonPen *pen, const PlayTable *table) {
    enum { ROW = 20 };
    int *width = column_widths(pen, table);
    table_heads(pen, table, width);
    for (size_t row = 0; row < table->rows; row++, pen->y += ROW) {
        int x = pen->x;
        for (size_t i = 0; pen->draw && i < table->columns; x += width[i++] + COLUMN_GAP)
            ui_label(pen->ui, (Rect){x, pen->y, width[i], ROW}, UI_ALIGN_LEFT, FONT_MONO,
                     THEME_SIZE_LABEL, pen->theme->text, table->cell[row * table->columns + i]);
    }
    if (table->caption[0]) {
        lesson_space(pen, 4);
        lesson_words(pen, FONT_UI, THEME_SIZE_LABEL, pen->theme->secondary, table->caption);
    }
}

/* ---- the scene ---- */

/* Which of the scene's runs is shown: side by side, or one below the other where that is too wide. */
static void runs(LessonPen *pen) {
    size_t count = play_choices(pen->play), chosen = play_chosen(pen->play);
    if (count == 0)
        return;
    const char **label = ARENA_NEW_N(pen->arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        label[i] = play_choice_label(pen->play, i);
    int now = (int)chosen, width = ui_segments_width(pen->ui, label, (int)count);
    if (width <= pen->w) {
        Rect rect = {pen->x, pen->y, width, THEME_BUTTON};
        if (pen->draw && ui_segments(pen->ui, "lesson/run", rect, label, (int)count, &now))
            intent_value(pen->in->out, INTENT_SCENE_RUN, now);
        lesson_space(pen, THEME_BUTTON + GAP);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        Rect rect = {pen->x, pen->y, pen->w, THEME_BUTTON};
        if (pen->draw && ui_button(pen->ui, arena_printf(pen->arena, "lesson/run/%zu", i), rect,
                                   label[i], UI_LEFT | (i == chosen ? UI_SELECTED : 0U)))
            intent_value(pen->in->out, INTENT_SCENE_RUN, (long)i);
        lesson_space(pen, THEME_BUTTON + 4);
    }
    lesson_space(pen, GAP - 4);
}

static void tables(LessonPen *pen) {
    const PlayTable *table;
    size_t count = play_tables(pen->play, &table);
    for (size_t i = 0; i < count; i++) {
        lesson_table(pen, &table[i]);
        lesson_space(pen, GAP);
    }
}

static void scene(LessonPen *pen) {
    const LessonBody *body = play_body(pen->play);
    lesson_space(pen, 8);
    lesson_unkept(pen);
    lesson_words(pen, FONT_UI_BOLD, THEME_SIZE_TITLE, pen->theme->text, play_title(pen->play));
    lesson_space(pen, 8);
    if (pen->in->lesson->problem)
        lesson_words(pen, FONT_UI, pen->size, pen->theme->error, pen->in->lesson->problem);
    else if (!body)
        lesson_words(pen, FONT_UI, pen->size, pen->theme->secondary, word(WORD_COMPUTING));
    if (body) {
        lesson_body(pen, body, pen->size, pen->theme->text);
        lesson_space(pen, GAP);
    }
    runs(pen);
    if (body) {
        tables(pen);
        lesson_checks(pen);
    }
    if (play_scene_now(pen->play)->prompt_free) {
        lesson_words(pen, FONT_UI, THEME_SIZE_LABEL, pen->theme->secondary, word(WORD_LESSON_FREE));
        lesson_space(pen, GAP);
    }
}

/* ---- head and foot ---- */

static const char *lesson_title(const LessonPen *pen) {
    const Lesson *lesson = play_lesson(pen->play);
    const char *title = lesson_text(lesson, play_lang(pen->play), "#");
    if (lesson->number == 0)
        return title ? title : lesson->name;
    return WORD_WITH(pen->arena, WORD_LESSON_TITLE, text_count(pen->arena, lesson->number), title);
}

/* Back, contents and next as icons, where there is no room for the foot. */
static void head_buttons(const LessonPen *pen, Rect *line) {
    size_t at = play_scene(pen->play), all = play_lesson(pen->play)->scene_count;
    bool last = at + 1 >= all;
    if (ui_icon_button(pen->ui, "lesson/next", rect_cut_right(line, THEME_BUTTON), ICON_ARROW_RIGHT,
                       0))
        intent_value(pen->in->out, last ? INTENT_CONTENTS : INTENT_SCENE, (long)at + 1);
    ui_tip(pen->ui, word(WORD_TIP_LESSON_NEXT));
    rect_cut_right(line, 4);
    if (ui_icon_button(pen->ui, "lesson/back", rect_cut_right(line, THEME_BUTTON), ICON_ARROW_LEFT,
                       at == 0 ? UI_DISABLED : 0))
        intent_value(pen->in->out, INTENT_SCENE, (long)at - 1);
    ui_tip(pen->ui, word(WORD_TIP_LESSON_BACK));
    rect_cut_right(line, 8);
}

static void head(const LessonPen *pen, Rect area, bool low) {
    size_t at = play_scene(pen->play) + 1, all = play_lesson(pen->play)->scene_count;
    Rect line = rect_cut_top(&area, low ? THEME_BUTTON : HEAD_LINE);
    if (low)
        head_buttons(pen, &line);
    const char *place = WORD_WITH(pen->arena, WORD_PART_OF, text_count(pen->arena, (int64_t)at),
                                  text_count(pen->arena, (int64_t)all));
    float width = text_width(ui_measure(pen->ui), FONT_UI, THEME_SIZE_LABEL, place);
    ui_label(pen->ui, rect_cut_right(&line, (int)ceilf(width) + 2), UI_ALIGN_RIGHT, FONT_UI,
             THEME_SIZE_LABEL, pen->theme->secondary, place);
    rect_cut_right(&line, 8);
    ui_label(pen->ui, line, UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_LABEL, pen->theme->secondary,
             lesson_title(pen));
    rect_cut_top(&area, 4);
    Rect bar = rect_cut_top(&area, BAR);
    draw_round_rect(ui_list(pen->ui), bar, BAR / 2.0F, pen->theme->line);
    bar.w = (int)((size_t)bar.w * at / all);
    draw_round_rect(ui_list(pen->ui), bar, BAR / 2.0F, pen->theme->hand_fill);
}

static void foot(const LessonPen *pen, Rect area) {
    const ViewInput *in = pen->in;
    size_t at = play_scene(pen->play), all = play_lesson(pen->play)->scene_count, check;
    Rect line = {area.x, area.y + (area.h - THEME_BUTTON) / 2, area.w, THEME_BUTTON};
    bool last = at + 1 >= all;
    const char *next = word(last ? WORD_LESSON_DONE : WORD_LESSON_NEXT);
    const char *back = word(WORD_LESSON_BACK), *contents = word(WORD_LESSON_CONTENTS);
    Rect right = rect_cut_right(&line, ui_button_width(pen->ui, next));
    if (ui_button(pen->ui, "lesson/next", right, next,
                  lesson_open_check(in, &check) ? 0 : UI_FILLED))
        intent_value(in->out, last ? INTENT_CONTENTS : INTENT_SCENE, (long)at + 1);
    ui_tip(pen->ui, word(WORD_TIP_LESSON_NEXT));
    Rect left = rect_cut_left(&line, ui_button_width(pen->ui, back));
    if (ui_button(pen->ui, "lesson/back", left, back, at == 0 ? UI_DISABLED : 0))
        intent_value(in->out, INTENT_SCENE, (long)at - 1);
    ui_tip(pen->ui, word(WORD_TIP_LESSON_BACK));
    int width = ui_button_width(pen->ui, contents);
    Rect middle = rect_center(line, width < line.w - 16 ? width : line.w - 16, THEME_BUTTON);
    if (ui_button(pen->ui, "lesson/contents", middle, contents, UI_QUIET))
        intent_emit(in->out, INTENT_CONTENTS);
    ui_tip(pen->ui, word(WORD_TIP_LESSON_CONTENTS));
}

/* The window has gone elsewhere: a way back to what the scene shows. */
static void moved_line(const LessonPen *pen, Rect *area) {
    if (!pen->in->lesson->moved)
        return;
    Rect line = rect_cut_bottom(area, THEME_BUTTON + 4);
    const char *label = word(WORD_LESSON_PICTURE);
    int width = ui_button_width(pen->ui, label);
    Rect rect = {line.x, line.y, width < line.w ? width : line.w, THEME_BUTTON};
    if (ui_button(pen->ui, "lesson/picture", rect, label, UI_QUIET))
        intent_emit(pen->in->out, INTENT_SCENE_PICTURE);
    ui_tip(pen->ui, word(WORD_TIP_LESSON_PICTURE));
}

/* ---- the whole ---- */

static void new_scene(LessonPanel *panel, int now) {
    if (panel->scene == now)
        return;
    panel->scene = now;
    panel->scroll.offset = 0;
    panel->token = 0;
    panel->problem_of = panel->asked = 0;
    for (int i = 0; i < LESSON_CHECKS; i++) {
        panel->ordered[i] = 0;
        ui_textbox_set(&panel->fill[i], "", 0);
    }
}

void lesson_panel_free(LessonPanel *panel) {
    for (int i = 0; i < LESSON_CHECKS; i++)
        ui_textbox_free(&panel->fill[i]);
}

static LessonPen pen_of(const ViewInput *in, Rect area) {
    return (LessonPen){.in = in,
                       .ui = in->ui,
                       .arena = ui_arena(in->ui),
                       .theme = in->theme,
                       .play = in->lesson->play,
                       .panel = in->lesson->panel,
                       .x = area.x,
                       .w = area.w,
                       .size = area.w >= WIDE ? THEME_SIZE_LEAD : THEME_SIZE_TEXT};
}

/* The question that was asked for comes into view, or the reply to what was answered. */
static void follow_asked(LessonPanel *panel, Rect area) {
    if (panel->to == 0)
        return;
    int high = panel->to - panel->from + 2 * GAP, from = panel->from - GAP;
    if (high > area.h && panel->replied)
        from += high - area.h;
    ui_scroll_show(&panel->scroll, area, panel->height, from, high < area.h ? high : area.h);
    panel->asked = 0;
    panel->replied = false;
}

static void scrolled(LessonPen *pen, Rect area) {
    LessonPanel *panel = pen->panel;
    LessonPen measured = *pen;
    panel->to = 0;
    scene(&measured);
    panel->height = measured.y + GAP;
    panel->room = area.h;
    follow_asked(panel, area);
    pen->y = ui_scroll_begin(pen->ui, "lesson/scroll", area, &panel->scroll, panel->height);
    pen->draw = true;
    scene(pen);
    ui_scroll_end(pen->ui, "lesson/scroll", area, &panel->scroll, panel->height);
}

void lesson_view(const ViewInput *in, Rect area) {
    LessonPanel *panel = in->lesson->panel;
    int pad = area.w < 280 ? 12 : THEME_PANEL_PAD;
    draw_clip_push(ui_list(in->ui), area);
    int top = area.h < LOW ? 0 : 8;
    Rect inner = {area.x + pad, area.y + top, area.w - 2 * pad, area.h - top};
    if (panel->contents || !in->lesson->play) {
        lesson_contents(in, inner);
        draw_clip_pop(ui_list(in->ui));
        return;
    }
    new_scene(panel, (int)play_scene(in->lesson->play) + 1);
    LessonPen pen = pen_of(in, inner);
    pen.w -= 2; /* the scroll bar stands in the margin */
    bool low = area.h < LOW;
    head(&pen, rect_cut_top(&inner, (low ? THEME_BUTTON : HEAD_LINE) + 4 + BAR + (low ? 2 : 8)),
         low);
    Rect below = rect_cut_bottom(&inner, low ? 4 : FOOT);
    if (!low) {
        draw_rect(ui_list(in->ui), (Rect){area.x, below.y, area.w, 1}, in->theme->line);
        foot(&pen, below);
        moved_line(&pen, &inner);
    }
    inner.w = area.x + area.w - inner.x - 2;
    scrolled(&pen, inner);
    draw_clip_pop(ui_list(in->ui));
}

/* ---- keys ---- */

static void scroll_by(LessonPanel *panel, int by) {
    int most = panel->height - panel->room;
    panel->scroll.offset += by;
    panel->scroll.offset = panel->scroll.offset > most ? most : panel->scroll.offset;
    panel->scroll.offset = panel->scroll.offset < 0 ? 0 : panel->scroll.offset;
}

/* Enter goes to where the answer is typed; there it hands it in. The others are handed in at once. */
static void enter_key(const ViewInput *in, size_t check) {
    const PlayCheck *checks;
    play_checks(in->lesson->play, &checks);
    CheckKind kind = checks[check].check->kind;
    in->lesson->panel->asked = (int)check + 1;
    if (kind == CHECK_FILL)
        ui_focus(in->ui, arena_printf(ui_arena(in->ui), "lesson/fill/%zu", check));
    else if (kind != CHECK_CHOOSE)
        lesson_answer(in, check);
}

static void choose_keys(const ViewInput *in, size_t check) {
    const PlayCheck *checks;
    play_checks(in->lesson->play, &checks);
    if (checks[check].check->kind != CHECK_CHOOSE)
        return;
    for (size_t i = 0; i < checks[check].items && i < 9; i++)
        if (ui_key(in->ui, '1' + (int)i, 0)) {
            in->lesson->panel->answer = (Answer){.item = i};
            intent_value(in->out, INTENT_ANSWER, (long)check);
        }
}

static void check_keys(const ViewInput *in, size_t check) {
    const PlayCheck *checks;
    play_checks(in->lesson->play, &checks);
    if (ui_key(in->ui, UI_KEY_ENTER, 0))
        enter_key(in, check);
    choose_keys(in, check);
    bool more = checks[check].hints_shown < checks[check].hints;
    if (ui_key(in->ui, 'h', 0))
        intent_value(in->out, more ? INTENT_HINT : INTENT_REVEAL, (long)check);
}

void lesson_keys(const ViewInput *in) {
    size_t check;
    LessonPanel *panel = in->lesson->panel;
    if (ui_key(in->ui, 'c', 0))
        intent_emit(in->out, INTENT_CONTENTS);
    if (!in->lesson->play || panel->contents)
        return;
    long at = (long)play_scene(in->lesson->play);
    bool last = (size_t)at + 1 >= play_lesson(in->lesson->play)->scene_count;
    if (ui_key(in->ui, 'n', 0))
        intent_value(in->out, last ? INTENT_CONTENTS : INTENT_SCENE, at + 1);
    if (ui_key(in->ui, 'p', 0) && at > 0)
        intent_value(in->out, INTENT_SCENE, at - 1);
    if (ui_key(in->ui, 'b', 0))
        intent_emit(in->out, INTENT_SCENE_PICTURE);
    if (ui_key(in->ui, 'i', 0))
        intent_value(in->out, INTENT_SIDE, panel->cell);
    while (ui_key(in->ui, UI_KEY_UP, 0))
        scroll_by(panel, -SCROLL_BY);
    while (ui_key(in->ui, UI_KEY_DOWN, 0))
        scroll_by(panel, SCROLL_BY);
    if (lesson_open_check(in, &check))
        check_keys(in, check);
}
