/* The contents: the scenes of the lesson that is open, its note for teachers, and all lessons. */
#include "app/views/lesson_part.h"

#include <math.h>
#include <string.h>

enum { ROW = 28, GAP = 8, PAD = 12, HEAD = 32, FOLD = 28 };

static void scene_row(LessonPen *pen, size_t at) {
    const Lesson *lesson = play_lesson(pen->play);
    const char *title = lesson_text_at(lesson, play_lang(pen->play), "#%s", lesson->scene[at].id);
    bool now = at == play_scene(pen->play);
    Rect rect = {pen->x, pen->y, pen->w, ROW};
    lesson_space(pen, ROW + 4);
    if (!pen->draw)
        return;
    const char *label = arena_printf(pen->arena, "%zu · %s", at + 1, title ? title : "");
    label = text_elide(pen->arena, ui_measure(pen->ui), FONT_UI, THEME_SIZE_TEXT, label,
                       (float)pen->w - 20, TEXT_ELIDE_END);
    if (ui_button(pen->ui, arena_printf(pen->arena, "lesson/scene/%zu", at), rect, label,
                  UI_LEFT | (now ? UI_SELECTED : UI_QUIET)))
        intent_value(pen->in->out, INTENT_SCENE, (long)at);
}

static void teacher_note(LessonPen *pen) {
    const char *text = lesson_text(play_lesson(pen->play), play_lang(pen->play), "teacher");
    bool *open = &pen->panel->teacher;
    if (!text)
        return;
    Rect rect = {pen->x, pen->y, pen->w, FOLD};
    lesson_space(pen, FOLD + GAP);
    if (pen->draw && ui_button_with_icon(pen->ui, "lesson/teacher", rect,
                                         *open ? ICON_CHEVRON_DOWN : ICON_CHEVRON_RIGHT,
                                         word(WORD_LESSON_TEACHER), 0)) {
        *open = !*open;
        ui_redraw(pen->ui);
    }
    if (!*open)
        return;
    LessonBody body;
    Err none;
    ExprScope scope = {.main = {pen->in->trace, pen->in->model}};
    if (markup_render(text, &scope, pen->arena, &body, &none))
        lesson_body(pen, &body, THEME_SIZE_TEXT, pen->theme->text);
    lesson_space(pen, GAP);
}

static void open_lesson(LessonPen *pen) {
    const Lesson *lesson = play_lesson(pen->play);
    lesson_heading(pen, word(WORD_LESSON_SCENES));
    for (size_t i = 0; i < lesson->scene_count; i++)
        scene_row(pen, i);
    lesson_space(pen, 4);
    teacher_note(pen);
    if (lesson_button(pen, "lesson/leave", word(WORD_LESSON_LEAVE), 0))
        intent_value(pen->in->out, INTENT_LESSON, -1);
    lesson_space(pen, 16);
}

/* ---- the list of lessons ---- */

static const char *entry_title(const LessonPen *pen, const LessonEntry *entry) {
    if (entry->number == 0)
        return entry->title;
    return WORD_WITH(pen->arena, WORD_LESSON_TITLE, text_count(pen->arena, entry->number),
                     entry->title);
}

static const char *entry_note(const LessonPen *pen, const LessonEntry *entry) {
    const char *minutes = WORD_WITH(pen->arena, WORD_LESSON_MINUTES,
                                    text_count(pen->arena, entry->minutes));
    if (entry->solved == 0)
        return minutes;
    return arena_printf(pen->arena, "%s · %s", minutes,
                        WORD_WITH(pen->arena, WORD_LESSON_SOLVED,
                                  text_count(pen->arena, (int64_t)entry->solved),
                                  text_count(pen->arena, (int64_t)entry->asked)));
}

static void entry_words(LessonPen *pen, const LessonEntry *entry) {
    const Theme *t = pen->theme;
    lesson_words(pen, FONT_UI_BOLD, THEME_SIZE_TEXT, t->text, entry_title(pen, entry));
    lesson_space(pen, 2);
    if (entry->problem) {
        lesson_words(pen, FONT_UI, THEME_SIZE_LABEL, t->error, entry->problem);
        return;
    }
    lesson_words(pen, FONT_UI, THEME_SIZE_LABEL, t->secondary, entry->about);
    lesson_space(pen, 4);
    lesson_words(pen, FONT_UI, THEME_SIZE_SMALL, t->faint, entry_note(pen, entry));
    if (entry->asked == 0 || entry->solved == 0)
        return;
    lesson_space(pen, 4);
    Rect bar = {pen->x, pen->y, pen->w, 4};
    lesson_space(pen, 4);
    if (!pen->draw)
        return;
    draw_round_rect(ui_list(pen->ui), bar, 2, t->line);
    bar.w = (int)((size_t)bar.w * entry->solved / entry->asked);
    draw_round_rect(ui_list(pen->ui), bar, 2, t->hand_fill);
}

static void entry_card(LessonPen *pen, size_t at) {
    const LessonEntry *entry = &pen->in->lesson->entry[at];
    LessonPen inner = *pen;
    inner.x += PAD;
    inner.w -= 2 * PAD;
    inner.y += PAD - 2;
    LessonPen measured = inner;
    measured.draw = false;
    entry_words(&measured, entry);
    Rect rect = {pen->x, pen->y, pen->w, measured.y + PAD - pen->y};
    pen->y = rect.y + rect.h + GAP;
    if (!pen->draw)
        return;
    const char *id = arena_printf(pen->arena, "lesson/open/%zu", at);
    UiSignal signal = ui_region(pen->ui, id, rect, entry->problem ? UI_NO_HAND : UI_FOCUSABLE);
    bool now = pen->in->lesson->open == (long)at;
    draw_round_rect(ui_list(pen->ui), rect, 2 * THEME_RADIUS,
                    signal.hovered && !entry->problem ? pen->theme->hover : pen->theme->raised);
    draw_frame(ui_list(pen->ui), rect, 2 * THEME_RADIUS, now ? 2 : 1, DRAW_SOLID,
               now ? pen->theme->hand : pen->theme->line);
    ui_focus_ring(pen->ui, id, rect, 2 * THEME_RADIUS);
    entry_words(&inner, entry);
    if (signal.clicked && !entry->problem)
        intent_value(pen->in->out, INTENT_LESSON, (long)at);
}

static void everything(LessonPen *pen) {
    lesson_unkept(pen);
    if (pen->play) {
        open_lesson(pen);
        lesson_heading(pen, word(WORD_LESSON_ALL));
    }
    lesson_space(pen, 4);
    for (size_t i = 0; i < pen->in->lesson->entry_count; i++)
        entry_card(pen, i);
    if (pen->in->lesson->entry_count == 0)
        lesson_words(pen, FONT_UI, THEME_SIZE_TEXT, pen->theme->secondary, word(WORD_LESSON_NONE));
}

void lesson_contents(const ViewInput *in, Rect area) {
    LessonPanel *panel = in->lesson->panel;
    Rect head = rect_cut_top(&area, HEAD);
    if (ui_icon_button(in->ui, "lesson/close", rect_cut_right(&head, THEME_BUTTON), ICON_CLOSE,
                       UI_QUIET))
        intent_emit(in->out, INTENT_CONTENTS);
    ui_tip(in->ui, word(WORD_TIP_LESSON_CONTENTS));
    ui_label(in->ui, head, UI_ALIGN_LEFT, FONT_UI_BOLD, THEME_SIZE_TITLE, in->theme->text,
             word(in->lesson->play ? WORD_LESSON_CONTENTS : WORD_LESSONS));
    rect_cut_top(&area, 4);
    LessonPen pen = {.in = in,
                     .ui = in->ui,
                     .arena = ui_arena(in->ui),
                     .theme = in->theme,
                     .play = in->lesson->play,
                     .panel = panel,
                     .x = area.x,
                     .w = area.w - 2,
                     .size = THEME_SIZE_TEXT};
    LessonPen measured = pen;
    everything(&measured);
    area.w += 2 * UI_SCROLL_BAR - 8;
    pen.y = ui_scroll_begin(in->ui, "lesson/list", area, &panel->list, measured.y + 16);
    pen.draw = true;
    everything(&pen);
    ui_scroll_end(in->ui, "lesson/list", area, &panel->list, measured.y + 16);
}
