/* The whole of the picture: rows of the text, the words, the tokens; and what the pictures of a word
 * share. */
#include "app/views/stage_tok.h"

#include "engine/base/utf8.h"

#include <math.h>
#include <string.h>

/* ---- Boxes ----------------------------------------------------------------------------------- */

static int words_width(const TokView *view, int size, const char *text) {
    return (int)ceilf(text_width(ui_measure(view->stage->ui), FONT_MONO, size, text));
}

int tok_box_width(const TokView *view, const char *text, const char *note) {
    int width = words_width(view, view->size, text);
    int below = note ? words_width(view, THEME_SIZE_SMALL, note) : 0;
    width = (below > width ? below : width) + 2 * TOK_BOX_PAD;
    return width < TOK_BOX_LEAST ? TOK_BOX_LEAST : width;
}

int tok_box_height(const TokView *view, bool noted) {
    return 2 * view->size + (noted ? TOK_NOTE : 0);
}

void tok_box(const TokView *view, Rect rect, const char *text, const char *note, TokLook look) {
    const Stage *stage = view->stage;
    const Theme *theme = stage->theme;
    bool hand = look == TOK_HAND, quiet = look == TOK_QUIET;
    draw_round_rect(ui_list(stage->ui), rect, THEME_RADIUS,
                    quiet ? theme->background : theme->raised);
    draw_frame(ui_list(stage->ui), rect, THEME_RADIUS, hand ? 2 : 1,
               hand    ? DRAW_DOUBLE
               : quiet ? DRAW_DASHED
                       : DRAW_SOLID,
               hand ? theme->hand : theme->line);
    Rect inner = rect_inset(rect, 2, 3);
    if (note)
        ui_label(stage->ui, rect_cut_bottom(&inner, TOK_NOTE + 1), UI_ALIGN_CENTER, FONT_MONO,
                 THEME_SIZE_SMALL, theme->secondary, note);
    ui_label(stage->ui, inner, UI_ALIGN_CENTER, FONT_MONO, view->size,
             hand    ? theme->hand
             : quiet ? theme->faint
                     : theme->text,
             text);
}

void tok_heading(const TokView *view, Rect line, const char *text) {
    ui_label(view->stage->ui, line, UI_ALIGN_LEFT, FONT_UI_BOLD, THEME_SIZE_SMALL,
             view->stage->theme->faint, text);
}

const char *tok_piece_text(const TokView *view, int32_t id) {
    return word_tok_piece(view->stage->arena, view->stage->in->model, id);
}

static const char *id_text(const TokView *view, int32_t id) {
    return arena_printf(view->stage->arena, "%d", id);
}

void tok_result(const TokView *view, Rect area) {
    const TokenList *list = &view->step->of.tokens;
    area.h = tok_box_height(view, true);
    ui_label(view->stage->ui, rect_cut_left(&area, TOK_GUTTER), UI_ALIGN_LEFT, FONT_UI,
             THEME_SIZE_SMALL, view->stage->theme->hand, word(WORD_TOK_TOKENS));
    for (size_t i = 0; i < list->count && area.w > TOK_BOX_LEAST; i++) {
        const char *piece = tok_piece_text(view, list->token[i].id);
        const char *id = id_text(view, list->token[i].id);
        tok_box(view, rect_cut_left(&area, tok_box_width(view, piece, id)), piece, id, TOK_HAND);
        rect_cut_left(&area, TOK_GAP);
    }
}

/* ---- Boxes that run on from line to line ----------------------------------------------------- */

typedef struct {
    const char *text, *note;
    TokLook look;
    int x, line, width;      /* its place */
    const TextLine *wrapped; /* of a text that is wider than all: its lines; else NULL */
    int lines;
} Flowing;

static void wrap(const TokView *view, Flowing *box, int width) {
    TextLine *wrapped;
    box->width = width;
    box->lines = (int)text_wrap(view->stage->arena, ui_measure(view->stage->ui), FONT_MONO,
                                view->size, box->text, (float)(width - 2 * TOK_BOX_PAD), &wrapped);
    box->wrapped = wrapped;
}

/* Places them; gives how many lines. */
static int flow(const TokView *view, Flowing *box, size_t count, int width) {
    int x = 0, line = 0, end = 1;
    for (size_t i = 0; i < count; i++) {
        box[i].width = tok_box_width(view, box[i].text, box[i].note);
        box[i].lines = 1;
        if (box[i].width > width)
            wrap(view, &box[i], width);
        if (x > 0 && x + box[i].width > width) {
            x = 0;
            line = end;
        }
        box[i].x = x;
        box[i].line = line;
        x += box[i].width + TOK_GAP;
        end = line + box[i].lines > end ? line + box[i].lines : end;
    }
    return end;
}

static int flow_height(int lines, int box) {
    return lines * (box + TOK_GAP) - TOK_GAP;
}

static void draw_wrapped(const TokView *view, Rect rect, const Flowing *box, int line_height) {
    const Stage *stage = view->stage;
    tok_box(view, rect, "", NULL, box->look);
    for (int i = 0; i < box->lines; i++) {
        Rect line = {rect.x + TOK_BOX_PAD, rect.y + i * (line_height + TOK_GAP), rect.w,
                     line_height};
        ui_label(stage->ui, line, UI_ALIGN_LEFT, FONT_MONO, view->size, stage->theme->text,
                 arena_copy_bytes(stage->arena, box->wrapped[i].text, box->wrapped[i].size));
    }
}

/* `area` is as high as one line. */
static void draw_flow(const TokView *view, const Flowing *box, size_t count, Rect area) {
    for (size_t i = 0; i < count; i++) {
        Rect rect = {area.x + box[i].x, area.y + box[i].line * (area.h + TOK_GAP), box[i].width,
                     flow_height(box[i].lines, area.h)};
        if (box[i].wrapped)
            draw_wrapped(view, rect, &box[i], area.h);
        else
            tok_box(view, rect, box[i].text, box[i].note, box[i].look);
    }
}

static Flowing *row_boxes(const TokView *view, const TokRow *row) {
    Arena *arena = view->stage->arena;
    Flowing *box = ARENA_NEW_N(arena, Flowing, row->count);
    for (size_t i = 0; i < row->count; i++) {
        const TokStretch *stretch = &row->item[i];
        box[i] = (Flowing){.text = word_tok_text(arena, stretch->bytes, stretch->size),
                           .look = stretch->id >= 0 ? TOK_HAND : TOK_PLAIN};
    }
    return box;
}

static Flowing *token_boxes(const TokView *view, const TokenList *list) {
    Flowing *box = ARENA_NEW_N(view->stage->arena, Flowing, list->count);
    for (size_t i = 0; i < list->count; i++)
        box[i] = (Flowing){.text = tok_piece_text(view, list->token[i].id),
                           .note = id_text(view, list->token[i].id),
                           .look = list->token[i].added ? TOK_HAND : TOK_PLAIN};
    return box;
}

/* ---- The text on its way --------------------------------------------------------------------- */

static const char *row_heading(const TokView *view, const TokStep *step) {
    if (step->kind == TOK_STEP_TEXT)
        return word(WORD_TOK_ROW_TEXT);
    if (step->kind == TOK_STEP_ADDED)
        return word(WORD_TOK_ROW_ADDED);
    return WORD_WITH(view->stage->arena, WORD_TOK_ROW_BY, word_name(step->name));
}

/* A heading and boxes; gives the height. */
static int draw_list(const TokView *view, const char *heading, Flowing *box, size_t count,
                     Rect area, bool draw) {
    int lines = flow(view, box, count, area.w);
    int height = tok_box_height(view, count > 0 && box[0].note);
    if (draw) {
        tok_heading(view, (Rect){area.x, area.y, area.w, TOK_HEADING}, heading);
        draw_flow(view, box, count, (Rect){area.x, area.y + TOK_HEADING, area.w, height});
    }
    return TOK_HEADING + flow_height(lines, height);
}

/* What the step made, below what it was made of; or all the tokens. */
static int draw_text_step(const TokView *view, Rect area, bool draw) {
    const TokStep *step = view->step;
    int height = 0;
    if (step->kind > TOK_STEP_SPLIT)
        return draw_list(view, word(WORD_TOK_ROW_TOKENS), token_boxes(view, &step->of.tokens),
                         step->of.tokens.count, area, draw);
    for (size_t back = view->now > 0 ? 2 : 1; back-- > 0;) {
        const TokStep *row = step - back;
        Rect place = {area.x, area.y + height, area.w, area.h - height};
        height += draw_list(view, row_heading(view, row), row_boxes(view, &row->of.row),
                            row->of.row.count, place, draw) +
                  (back ? 3 * TOK_GAP : 0);
    }
    return height;
}

/* It may be higher than its area. */
static void scrolled(const TokView *view, Rect area) {
    Stage *stage = view->stage;
    UiScroll *scroll = &stage->in->widgets->stage_rows;
    Rect inner = {area.x, area.y, area.w - UI_SCROLL_BAR, area.h};
    int height = draw_text_step(view, inner, false);
    inner.y = ui_scroll_begin(stage->ui, "stage/cards", area, scroll, height);
    draw_text_step(view, inner, true);
    ui_scroll_end(stage->ui, "stage/cards", area, scroll, height);
}

/* ---- The words of the text ------------------------------------------------------------------- */

enum { WORD_LINES = 2 };

static Flowing *word_boxes(const TokView *view) {
    const TokSteps *steps = view->steps;
    const Stage *stage = view->stage;
    Flowing *box = ARENA_NEW_N(stage->arena, Flowing, steps->word_count);
    for (size_t i = 0; i < steps->word_count; i++) {
        const TokStepWord *word = &steps->word[i];
        box[i].text = word_tok_text(stage->arena, word->text.bytes, word->text.size);
        box[i].look = word == view->word ? TOK_HAND : word < view->word ? TOK_PLAIN : TOK_QUIET;
    }
    return box;
}

/* A click goes to the word's first step. */
static void word_chip(const TokView *view, Rect rect, const Flowing *box, size_t number) {
    Stage *stage = view->stage;
    long first = (long)view->steps->word[number].first;
    const char *id = arena_printf(stage->arena, "stage/word/%zu", number);
    UiSignal signal = ui_region(stage->ui, id, rect, 0);
    tok_box(view, rect, box->text, NULL, box->look);
    if (signal.clicked)
        intent_value(stage->in->out, INTENT_STEP, first - (long)view->now);
}

static void draw_words(const TokView *view, Rect *area) {
    Flowing *box = word_boxes(view);
    size_t count = view->steps->word_count;
    int lines = flow(view, box, count, area->w), height = tok_box_height(view, false);
    int most = area->h < TOK_LOW + 60 ? 1 : WORD_LINES, shown = lines < most ? lines : most;
    int first = box[view->step->word].line - shown + 1; /* the word in hand is seen */
    first = first < 0 ? 0 : first;
    tok_heading(view, rect_cut_top(area, TOK_HEADING), word(WORD_TOK_WORDS));
    for (size_t i = 0; i < count; i++) {
        int line = box[i].line - first;
        Rect rect = {area->x + box[i].x, area->y + line * (height + TOK_GAP), box[i].width, height};
        if (line >= 0 && line < shown)
            word_chip(view, rect, &box[i], i);
    }
    rect_cut_top(area, flow_height(shown, height) + 2 * TOK_GAP);
}

/* ---- Columns --------------------------------------------------------------------------------- */

/* Where the column that starts here ends, and what stands in it. */
static size_t column_end(const TokView *view, size_t start, const char **text) {
    const TokStepWord *w = view->word;
    for (size_t i = 0; i < w->symbol_count; i++)
        if (w->symbol[i].span.start == start) { /* of one start the oldest comes first */
            *text = tok_piece_text(view, w->symbol[i].id);
            return w->symbol[i].span.end;
        }
    size_t size = utf8_next(w->text.bytes + start, w->text.size - start).size;
    *text = word_tok_text(view->stage->arena, w->text.bytes + start, size);
    return start + size;
}

/* From 0; gives the width of all. */
static int place_columns(const TokView *view, int least, int *x) {
    size_t size = view->word->text.size;
    for (size_t at = 0, end; at < size; at = end) {
        const char *text;
        end = column_end(view, at, &text);
        int width = tok_box_width(view, text, NULL);
        for (size_t i = at + 1; i < end; i++)
            x[i] = x[at];
        x[end] = x[at] + (width < least ? least : width) + TOK_GAP;
    }
    return x[size] - TOK_GAP;
}

/* Tries the sizes of text, the largest first; gives the width of all columns. */
static int fit_columns(TokView *view, Rect area, const TokTable *table, int *x) {
    static const int sizes[] = {22, THEME_SIZE_TITLE, THEME_SIZE_TEXT};
    int width = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        view->size = sizes[i];
        int rows = (int)table->rows * (tok_box_height(view, false) + table->row_above);
        int height = rows + tok_box_height(view, true) + TOK_GAP;
        width = place_columns(view, table->least * view->size / THEME_SIZE_TEXT, x);
        if (height <= area.h && width <= area.w)
            break;
    }
    return width;
}

TokStrip tok_strip(TokView *view, Rect area, const TokTable *table) {
    size_t size = view->word->text.size;
    TokStrip strip = {ARENA_NEW_N(view->stage->arena, int, size + 1)};
    int most = fit_columns(view, area, table, strip.x) - area.w; /* that can be hidden */
    int middle = (strip.x[table->focus.start] + strip.x[table->focus.end] - area.w) / 2;
    int shift = middle < most ? middle : most;
    for (size_t i = 0; i <= size; i++)
        strip.x[i] += area.x - (shift < 0 ? 0 : shift);
    return strip;
}

Rect tok_strip_rect(const TokStrip *strip, TokSpan span, int y, int height) {
    return (Rect){strip->x[span.start], y, strip->x[span.end] - TOK_GAP - strip->x[span.start],
                  height};
}

/* ---- The whole ------------------------------------------------------------------------------- */

void stage_tok_steps(Stage *stage, Rect area) {
    TokView view = {.stage = stage, .steps = stage->in->walk->tok_steps, .size = THEME_SIZE_TEXT};
    size_t done = stage->in->state->now.step;
    if (done == 0) {
        stage_note(stage, rect_cut_top(&area, TOK_HEADING), word(WORD_TOK_NOTHING));
        return;
    }
    view.now = done - 1;
    view.step = &view.steps->step[view.now];
    if (view.step->word < 0) {
        scrolled(&view, area);
        return;
    }
    view.word = &view.steps->word[view.step->word];
    draw_words(&view, &area);
    draw_clip_push(ui_list(stage->ui), area);
    if (view.steps->model == TOK_UNIGRAM && view.word->text.id < 0)
        tok_lattice(view, area);
    else
        tok_ladder(view, area);
    draw_clip_pop(ui_list(stage->ui));
}
