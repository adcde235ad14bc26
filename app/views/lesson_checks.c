/* The questions of a scene, each on a card: what is asked, where it is answered, what was said to the
 * answer, hints, and what comes after. */
#include "app/views/lesson_part.h"

#include <math.h>
#include <string.h>

enum { GAP = 8, BOX = 32, ROW = 32, BADGE = 20, ARROW = 24 };

static const PlayCheck *check_of(Play *play, size_t number) {
    const PlayCheck *checks;
    return number < play_checks(play, &checks) ? &checks[number] : NULL;
}

bool lesson_open_check(const ViewInput *in, size_t *check) {
    const PlayCheck *checks;
    size_t count = in->lesson && in->lesson->play ? play_checks(in->lesson->play, &checks) : 0;
    for (*check = 0; *check < count; ++*check)
        if (checks[*check].state == ANSWER_OPEN)
            return true;
    return false;
}

/* ---- pointing ---- */

static const char *axis_words(const ViewInput *in, int node, int axis, size_t index) {
    Arena *arena = ui_arena(in->ui);
    Axis kind = in->trace->graph.node[node].axis[axis];
    const TraceText *text = trace_text(in->trace, node, axis);
    const char *place = text ? word_token(arena, text, index)
                             : word_place(arena, in->trace, in->model, node, axis, index);
    return arena_printf(arena, "%s %s", word_axis(kind), place);
}

/* The places of the pinned cell that count: of a row all but the last axis', of a column that alone. */
static const char *cell_words(const ViewInput *in, const LessonCheck *check, int node,
                              const size_t *cell) {
    Arena *arena = ui_arena(in->ui);
    const Node *n = &in->trace->graph.node[node];
    const char *text = "";
    for (int axis = 0; axis < n->rank; axis++) {
        bool last = axis == n->rank - 1;
        if (n->axis[axis] == AXIS_ONE || axis_is_head(n->axis[axis]) ||
            (check->at == POINT_ROW && last && n->rank > 1) || (check->at == POINT_COLUMN && !last))
            continue;
        const char *words = axis_words(in, node, axis, cell[axis]);
        text = text[0] ? arena_printf(arena, "%s × %s", text, words) : words;
    }
    return text;
}

static const char *pointed_cell(const ViewInput *in, const LessonCheck *check, Answer *answer) {
    const Place *now = &in->state->now;
    int node = trace_find(in->trace, check->record);
    if (node < 0 || !now->pinned || now->node != graph_owner(&in->trace->graph, node))
        return NULL;
    answer->node = node;
    memcpy(answer->index, now->cell, sizeof answer->index);
    return cell_words(in, check, now->node, now->cell);
}

const char *lesson_pointed(const ViewInput *in, const LessonCheck *check, Answer *answer) {
    Arena *arena = ui_arena(in->ui);
    size_t token = in->lesson->panel->token;
    *answer = (Answer){.node = in->trace ? in->state->now.node : 0};
    if (!in->trace)
        return NULL;
    switch (check->at) {
    case POINT_CELL:
    case POINT_ROW:
    case POINT_COLUMN: return pointed_cell(in, check, answer);
    case POINT_HEAD:
        answer->place = in->state->now.head;
        return WORD_WITH(arena, WORD_HEAD, text_count(arena, (int64_t)answer->place));
    case POINT_TOKEN:
        if (token == 0 || token > in->trace->own.length)
            return NULL;
        answer->place = token - 1;
        return word_token(arena, &in->trace->own, token - 1);
    case POINT_STAGE: {
        const Node *node = &in->trace->graph.node[answer->node];
        return node->layer < 0 ? word_stage_short(node)
                               : arena_printf(arena, "%s, %s", word_stage_short(node),
                                              word_block(arena, node, false));
    }
    }
    return NULL;
}

/* ---- handing in ---- */

static bool read_fill(const ViewInput *in, size_t number) {
    LessonPanel *panel = in->lesson->panel;
    panel->problem_of = 0;
    if (play_read_answer(in->lesson->play, number, buf_cstr(&panel->fill[number].text),
                         &panel->answer, &panel->problem))
        return true;
    panel->problem_of = (int)number + 1;
    return false;
}

static bool read_point(const ViewInput *in, const LessonCheck *check, size_t number) {
    LessonPanel *panel = in->lesson->panel;
    panel->problem_of = 0;
    if (lesson_pointed(in, check, &panel->answer))
        return true;
    err_set(&panel->problem, "%s", word(WORD_LESSON_POINT_FIRST));
    panel->problem_of = (int)number + 1;
    return false;
}

void lesson_answer(const ViewInput *in, size_t number) {
    LessonPanel *panel = in->lesson->panel;
    const PlayCheck *shown = check_of(in->lesson->play, number);
    bool can = true;
    switch (shown->check->kind) {
    case CHECK_FILL: can = read_fill(in, number); break;
    case CHECK_POINT: can = read_point(in, shown->check, number); break;
    case CHECK_ORDER: panel->answer = (Answer){.order = panel->order[number]}; break;
    case CHECK_CHOOSE: return; /* the option hands itself in */
    case CHECK_MAKE: panel->answer = (Answer){.node = 0}; break;
    }
    if (can)
        intent_value(in->out, INTENT_ANSWER, (long)number);
}

static void answer_button(LessonPen *pen, size_t number, Rect rect, const char *label,
                          unsigned flags) {
    const char *id = arena_printf(pen->arena, "lesson/answer/%zu", number);
    if (pen->draw && ui_button(pen->ui, id, rect, label, flags))
        lesson_answer(pen->in, number);
}

/* ---- where it is answered ---- */

static void fill(LessonPen *pen, size_t number) {
    const char *label = word(WORD_LESSON_CHECK);
    int width = ui_button_width(pen->ui, label);
    Rect line = {pen->x, pen->y, pen->w, BOX};
    if (pen->draw) {
        answer_button(pen, number, rect_cut_right(&line, width), label, UI_FILLED);
        rect_cut_right(&line, GAP);
        const char *id = arena_printf(pen->arena, "lesson/fill/%zu", number);
        UiTextEvent event = ui_textbox(pen->ui, id, line, &pen->panel->fill[number],
                                       word(WORD_LESSON_NUMBER), FONT_MONO, THEME_SIZE_LEAD);
        if (event.submitted)
            lesson_answer(pen->in, number);
    }
    lesson_space(pen, BOX);
}

/* What an option is by now: chosen, right, or neither. */
static Color option_edge(const LessonPen *pen, const PlayCheck *shown, size_t item, size_t right) {
    if (shown->state != ANSWER_OPEN && item == right)
        return pen->theme->hand;
    if (shown->chosen != item)
        return pen->theme->line;
    bool wrong = shown->wrong && shown->state == ANSWER_OPEN; /* a guess is not wrong */
    return wrong ? pen->theme->error : pen->theme->secondary;
}

static size_t right_item(const LessonPen *pen, const PlayCheck *shown, size_t number) {
    Answer answer;
    Err none;
    if (shown->state == ANSWER_OPEN)
        return shown->items;
    if (shown->state == ANSWER_RIGHT)
        return shown->chosen;
    return play_right_answer(pen->play, number, &answer, &none) ? answer.item : shown->items;
}

static void badge(const LessonPen *pen, Rect rect, size_t item, Color color) {
    draw_frame(ui_list(pen->ui), rect, THEME_RADIUS, 1, DRAW_SOLID, color);
    ui_label(pen->ui, rect, UI_ALIGN_CENTER, FONT_MONO, THEME_SIZE_LABEL, color,
             arena_printf(pen->arena, "%zu", item + 1));
}

static int body_height(const LessonPen *pen, const LessonBody *body, int width) {
    LessonPen measured = *pen;
    measured.draw = false;
    measured.w = width;
    measured.y = 0;
    lesson_body(&measured, body, THEME_SIZE_TEXT, 0);
    return measured.y;
}

static void option(LessonPen *pen, const PlayCheck *shown, size_t number, size_t item,
                   size_t right) {
    enum { PAD = 6 };
    int inner = pen->w - BADGE - 3 * PAD;
    int height = body_height(pen, &shown->item[item], inner) + 2 * PAD;
    height = height < BADGE + 2 * PAD ? BADGE + 2 * PAD : height;
    Rect rect = {pen->x, pen->y, pen->w, height};
    lesson_space(pen, height + 4);
    if (!pen->draw)
        return;
    bool open = shown->state == ANSWER_OPEN;
    const char *id = arena_printf(pen->arena, "lesson/option/%zu/%zu", number, item);
    UiSignal signal = ui_region(pen->ui, id, rect, open ? UI_FOCUSABLE : UI_NO_HAND);
    Color edge = option_edge(pen, shown, item, right);
    bool plain = edge == pen->theme->line;
    draw_round_rect(ui_list(pen->ui), rect, THEME_RADIUS,
                    open && signal.hovered ? pen->theme->hover : pen->theme->panel);
    draw_frame(ui_list(pen->ui), rect, THEME_RADIUS, plain ? 1 : 2, DRAW_SOLID, edge);
    ui_focus_ring(pen->ui, id, rect, THEME_RADIUS);
    badge(pen, (Rect){rect.x + PAD, rect.y + PAD, BADGE, BADGE}, item,
          plain ? pen->theme->secondary : edge);
    LessonPen words = *pen;
    words.x = rect.x + BADGE + 2 * PAD;
    words.w = inner;
    words.y = rect.y + (rect.h - (height - 2 * PAD)) / 2 + 1;
    lesson_body(&words, &shown->item[item], THEME_SIZE_TEXT,
                !open && plain ? pen->theme->secondary : pen->theme->text);
    pen->links = words.links;
    if (open && signal.clicked) {
        pen->panel->answer = (Answer){.item = item};
        intent_value(pen->in->out, INTENT_ANSWER, (long)number);
    }
}

static void choose(LessonPen *pen, const PlayCheck *shown, size_t number) {
    size_t right = right_item(pen, shown, number);
    for (size_t i = 0; i < shown->items; i++)
        option(pen, shown, number, i, right);
    lesson_space(pen, -4);
}

static void point(LessonPen *pen, const PlayCheck *shown, size_t number) {
    static const WordId how[] = {
        [POINT_CELL] = WORD_LESSON_POINT_CELL,     [POINT_ROW] = WORD_LESSON_POINT_ROW,
        [POINT_COLUMN] = WORD_LESSON_POINT_COLUMN, [POINT_HEAD] = WORD_LESSON_POINT_HEAD,
        [POINT_TOKEN] = WORD_LESSON_POINT_TOKEN,   [POINT_STAGE] = WORD_LESSON_POINT_STAGE};
    Answer answer;
    const char *pointed = lesson_pointed(pen->in, shown->check, &answer);
    lesson_words(pen, FONT_UI, THEME_SIZE_LABEL, pen->theme->secondary,
                 word(how[shown->check->at]));
    lesson_space(pen, 4);
    if (pointed)
        lesson_words(pen, FONT_UI_BOLD, THEME_SIZE_TEXT, pen->theme->hand,
                     WORD_WITH(pen->arena, WORD_LESSON_POINTED, pointed));
    lesson_space(pen, pointed ? GAP : 4);
    const char *label = word(WORD_LESSON_CHECK);
    Rect rect = {pen->x, pen->y, ui_button_width(pen->ui, label), THEME_BUTTON};
    answer_button(pen, number, rect, label, pointed ? UI_FILLED : UI_DISABLED);
    lesson_space(pen, THEME_BUTTON);
}

static const char *stage_words(const LessonPen *pen, const char *name) {
    int node = pen->in->trace ? trace_find(pen->in->trace, name) : -1;
    if (node < 0)
        return name;
    const Node *n = &pen->in->trace->graph.node[node];
    return n->layer < 0 ? word_stage_short(n)
                        : arena_printf(pen->arena, "%s · %s", word_stage_short(n),
                                       word_block(pen->arena, n, false));
}

static void swap(size_t *order, size_t a, size_t b) {
    size_t kept = order[a];
    order[a] = order[b];
    order[b] = kept;
}

static void order_row(LessonPen *pen, const PlayCheck *shown, size_t number, size_t place) {
    size_t *order = pen->panel->order[number];
    bool open = shown->state == ANSWER_OPEN;
    Rect line = {pen->x, pen->y, pen->w, ROW - 4};
    lesson_space(pen, ROW);
    if (!pen->draw)
        return;
    draw_round_rect(ui_list(pen->ui), line, THEME_RADIUS, pen->theme->panel);
    draw_frame(ui_list(pen->ui), line, THEME_RADIUS, 1, DRAW_SOLID, pen->theme->line);
    const char *up = arena_printf(pen->arena, "lesson/up/%zu/%zu", number, place);
    const char *down = arena_printf(pen->arena, "lesson/down/%zu/%zu", number, place);
    rect_cut_right(&line, 2);
    bool last = place + 1 == shown->items;
    if (open) {
        Rect button = rect_inset(rect_cut_right(&line, ARROW), 0, 2);
        if (ui_icon_button(pen->ui, down, button, ICON_CHEVRON_DOWN,
                           UI_QUIET | (last ? UI_DISABLED : 0U)))
            swap(order, place, place + 1);
        button = rect_inset(rect_cut_right(&line, ARROW), 0, 2);
        if (ui_icon_button(pen->ui, up, button, ICON_CHEVRON_UP,
                           UI_QUIET | (place == 0 ? UI_DISABLED : 0U)))
            swap(order, place, place - 1);
    }
    rect_cut_left(&line, 8);
    ui_label(pen->ui, rect_cut_left(&line, 18), UI_ALIGN_LEFT, FONT_MONO, THEME_SIZE_LABEL,
             pen->theme->secondary, arena_printf(pen->arena, "%zu", place + 1));
    ui_label(pen->ui, line, UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_TEXT, pen->theme->text,
             stage_words(pen, shown->stage[order[place]]));
}

/* A question that is closed shows the right order. */
static void order_stages(LessonPen *pen, const PlayCheck *shown, size_t number) {
    LessonPanel *panel = pen->panel;
    if (panel->ordered[number] != (int)shown->items) {
        panel->ordered[number] = (int)shown->items;
        for (size_t i = 0; i < shown->items; i++)
            panel->order[number][i] = i;
    }
    Answer answer;
    Err none;
    if (shown->state != ANSWER_OPEN && play_right_answer(pen->play, number, &answer, &none))
        memcpy(panel->order[number], answer.order, shown->items * sizeof *answer.order);
    for (size_t i = 0; i < shown->items; i++)
        order_row(pen, shown, number, i);
    if (shown->state != ANSWER_OPEN)
        return;
    lesson_space(pen, 4);
    const char *label = word(WORD_LESSON_CHECK);
    Rect rect = {pen->x, pen->y, ui_button_width(pen->ui, label), THEME_BUTTON};
    answer_button(pen, number, rect, label, UI_FILLED);
    lesson_space(pen, THEME_BUTTON);
}

static void make(LessonPen *pen, size_t number) {
    lesson_words(pen, FONT_UI, THEME_SIZE_LABEL, pen->theme->secondary, word(WORD_LESSON_MAKE));
    lesson_space(pen, GAP);
    const char *label = word(WORD_LESSON_CHECK_NOW);
    int width = ui_button_width(pen->ui, label);
    Rect rect = {pen->x, pen->y, width < pen->w ? width : pen->w, THEME_BUTTON};
    bool waits = pen->in->computing || pen->in->stale;
    answer_button(pen, number, rect, label, waits ? UI_DISABLED : UI_FILLED);
    lesson_space(pen, THEME_BUTTON);
}

static void controls(LessonPen *pen, const PlayCheck *shown, size_t number) {
    bool open = shown->state == ANSWER_OPEN;
    CheckKind kind = shown->check->kind;
    if (!open && kind != CHECK_CHOOSE && kind != CHECK_ORDER)
        return;
    lesson_space(pen, GAP);
    switch (kind) {
    case CHECK_FILL: fill(pen, number); break;
    case CHECK_CHOOSE: choose(pen, shown, number); break;
    case CHECK_POINT: point(pen, shown, number); break;
    case CHECK_ORDER: order_stages(pen, shown, number); break;
    case CHECK_MAKE: make(pen, number); break;
    }
}

/* ---- what is said to it ---- */

static const char *verdict(const PlayCheck *shown) {
    if (shown->state == ANSWER_OPEN)
        return shown->wrong ? word(WORD_LESSON_NOT_YET) : NULL;
    if (shown->state == ANSWER_RIGHT)
        return word(shown->check->predict ? WORD_LESSON_GUESSED : WORD_LESSON_RIGHT);
    return shown->state == ANSWER_CLOSED ? word(WORD_LESSON_OTHERWISE) : NULL;
}

/* The answer in words, where its control does not show it. */
static void told(LessonPen *pen, const PlayCheck *shown, size_t number) {
    CheckKind kind = shown->check->kind;
    Buf words = {0};
    if (shown->state != ANSWER_OPEN && kind != CHECK_CHOOSE && kind != CHECK_ORDER &&
        kind != CHECK_MAKE)
        play_answer_words(pen->play, number, &words);
    if (words.size > 0) {
        lesson_space(pen, GAP);
        const char *answer = buf_cstr(&words);
        if (kind == CHECK_POINT && shown->check->at == POINT_STAGE)
            answer = stage_words(pen, answer);
        lesson_words(pen, FONT_UI_BOLD, THEME_SIZE_TEXT, pen->theme->hand,
                     WORD_WITH(pen->arena, WORD_LESSON_ANSWER_IS, answer));
    }
    buf_free(&words);
}

static void reply(LessonPen *pen, const PlayCheck *shown) {
    const char *first = verdict(shown);
    bool right = shown->state == ANSWER_RIGHT;
    if (!first && shown->reply.count == 0)
        return;
    lesson_space(pen, GAP);
    int top = pen->y;
    LessonPen inner = *pen;
    inner.x += 10;
    inner.w -= 10;
    if (first)
        lesson_words(&inner, FONT_UI_BOLD, THEME_SIZE_TEXT,
                     right ? pen->theme->hand : pen->theme->text, first);
    lesson_body(&inner, &shown->reply, THEME_SIZE_TEXT, pen->theme->text);
    pen->y = inner.y;
    pen->links = inner.links;
    bool wrong = shown->wrong && shown->state == ANSWER_OPEN;
    if (pen->draw)
        draw_round_rect(ui_list(pen->ui), (Rect){pen->x, top, 3, pen->y - top}, 1.5F,
                        right   ? pen->theme->hand_fill
                        : wrong ? pen->theme->error
                                : pen->theme->secondary);
}

static void hints(LessonPen *pen, const PlayCheck *shown, size_t number) {
    for (size_t i = 0; i < shown->hints_shown; i++) {
        lesson_space(pen, GAP);
        lesson_heading(pen, WORD_WITH(pen->arena, WORD_LESSON_HINT_OF,
                                      text_count(pen->arena, (int64_t)i + 1),
                                      text_count(pen->arena, (int64_t)shown->hints)));
        lesson_body(pen, &shown->hint[i], THEME_SIZE_TEXT, pen->theme->secondary);
    }
    if (shown->state != ANSWER_OPEN || (shown->check->predict && shown->hints == 0))
        return;
    bool more = shown->hints_shown < shown->hints;
    lesson_space(pen, GAP);
    if (lesson_button(pen, arena_printf(pen->arena, "lesson/hint/%zu", number),
                      word(more ? WORD_LESSON_HINT : WORD_LESSON_REVEAL), UI_QUIET))
        intent_value(pen->in->out, more ? INTENT_HINT : INTENT_REVEAL, (long)number);
    if (pen->draw)
        ui_tip(pen->ui, word(WORD_TIP_LESSON_HINT));
}

/* ---- a card ---- */

static const char *card_title(const PlayCheck *shown) {
    static const WordId titles[] = {[CHECK_FILL] = WORD_LESSON_FILL,
                                    [CHECK_CHOOSE] = WORD_LESSON_CHOOSE,
                                    [CHECK_POINT] = WORD_LESSON_POINT,
                                    [CHECK_ORDER] = WORD_LESSON_ORDER,
                                    [CHECK_MAKE] = WORD_LESSON_DO};
    return shown->title            ? shown->title
           : shown->check->predict ? word(WORD_LESSON_PREDICT)
                                   : word(titles[shown->check->kind]);
}

static void card_head(LessonPen *pen, const PlayCheck *shown) {
    enum { MARK = 16 };
    bool done = shown->state == ANSWER_RIGHT;
    LessonPen title = *pen;
    title.w -= done ? MARK + GAP : 0;
    lesson_words(&title, FONT_UI_BOLD, THEME_SIZE_TEXT, pen->theme->text, card_title(shown));
    if (pen->draw && done)
        draw_icon(ui_list(pen->ui), (Rect){pen->x + pen->w - MARK, pen->y + 2, MARK, MARK},
                  ICON_CHECK, pen->theme->hand);
    pen->y = title.y + 4;
}

static void card(LessonPen *pen, size_t number) {
    const PlayCheck *shown = check_of(pen->play, number);
    card_head(pen, shown);
    lesson_body(pen, &shown->question, THEME_SIZE_TEXT, pen->theme->text);
    if (shown->check->predict && shown->state == ANSWER_OPEN) {
        lesson_space(pen, 4);
        lesson_words(pen, FONT_UI, THEME_SIZE_LABEL, pen->theme->secondary,
                     word(WORD_LESSON_ANY_GUESS));
    }
    controls(pen, shown, number);
    if (pen->panel->problem_of == (int)number + 1 && shown->state == ANSWER_OPEN) {
        lesson_space(pen, GAP);
        lesson_words(pen, FONT_UI, THEME_SIZE_LABEL, pen->theme->error, pen->panel->problem.text);
    } else {
        reply(pen, shown);
    }
    told(pen, shown, number);
    hints(pen, shown, number);
    if (shown->after.count > 0) {
        lesson_space(pen, GAP);
        lesson_body(pen, &shown->after, THEME_SIZE_TEXT, pen->theme->text);
    }
}

void lesson_checks(LessonPen *pen) {
    const PlayCheck *checks;
    size_t count = play_checks(pen->play, &checks), open;
    bool any = lesson_open_check(pen->in, &open);
    for (size_t i = 0; i < count; i++) {
        int from = pen->y;
        lesson_card(pen, card, i, any && i == open ? pen->theme->hand_fill : pen->theme->line);
        if (!pen->draw && pen->panel->asked == (int)i + 1) {
            pen->panel->from = from;
            pen->panel->to = pen->y;
        }
        lesson_space(pen, 12);
    }
}
