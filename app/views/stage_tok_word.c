/* A word's steps as rows that stand below each other: of BPE each merge, with lines from the two
 * parts to what they became; of WordPiece each try, below the characters that it covers. */
#include "app/views/stage_tok.h"

#include "engine/base/utf8.h"

#include <string.h>

enum {
    ROW_GAP = 8, /* between rows, at least and */
    ROW_GAP_MOST = 20,
    CHARACTERS = 30, /* a line of them */
    PAIRS_WIDTH = 220,
    PAIRS_FROM = 540, /* width of the area */
    PAIR_LINE = 20
};

typedef struct {
    const TokView *view;
    TokStrip strip;
    Rect area;
    int box, pitch; /* height of a row's boxes, and from row to row */
    size_t *step;   /* of each row */
    size_t rows;    /* as far as the steps are done */
    size_t all;     /* in the end */
} Ladder;

static bool is_row(const TokStep *step) {
    return step->kind == TOK_STEP_SYMBOLS || step->kind == TOK_STEP_MERGE ||
           step->kind == TOK_STEP_TRY || step->kind == TOK_STEP_LOOKUP ||
           step->kind == TOK_STEP_UNKNOWN;
}

static void find_rows(Ladder *ladder) {
    const TokView *view = ladder->view;
    const TokStepWord *w = view->word;
    ladder->step = ARENA_NEW_N(view->stage->arena, size_t, w->count);
    for (size_t i = w->first; i < w->first + w->count; i++) {
        const TokStep *step = &view->steps->step[i];
        /* What BPE's unknown characters became stands among its symbols. */
        bool told = step->kind == TOK_STEP_UNKNOWN && view->steps->model == TOK_BPE &&
                    i < view->now;
        if (!is_row(step) || told)
            continue;
        ladder->all++;
        if (i <= view->now)
            ladder->step[ladder->rows++] = i;
    }
}

/* ---- BPE ------------------------------------------------------------------------------------- */

static void join_parts(const Ladder *ladder, const TokStep *step, int y) {
    const TokPair *pair = &step->of.merge.pair[0];
    const TokSpan part[] = {{pair->span.start, pair->middle}, {pair->middle, pair->span.end}};
    Rect whole = tok_strip_rect(&ladder->strip, step->span, y, ladder->box);
    for (int i = 0; i < 2; i++) {
        Rect from = tok_strip_rect(&ladder->strip, part[i], y, ladder->box);
        stage_join(ladder->view->stage, step == ladder->view->step ? ROLE_HAND : ROLE_NONE,
                   from.x + from.w / 2, y - ladder->pitch + ladder->box, whole.x + whole.w / 2, y);
    }
}

static void symbols_row(const Ladder *ladder, size_t number, int y, bool first_shown) {
    const TokView *view = ladder->view;
    Arena *arena = view->stage->arena;
    const TokStep *step = &view->steps->step[number];
    TokSymbol *symbol = ARENA_NEW_N(arena, TokSymbol, view->word->symbol_count);
    size_t count = tok_steps_symbols(view->word, number, symbol);
    bool merge = step->kind == TOK_STEP_MERGE, hand = number == view->now;
    if (merge && !first_shown)
        join_parts(ladder, step, y);
    for (size_t i = 0; i < count; i++) {
        bool fresh = merge && symbol[i].from_step == number;
        tok_box(view, tok_strip_rect(&ladder->strip, symbol[i].span, y, ladder->box),
                tok_piece_text(view, symbol[i].id), NULL, fresh && hand ? TOK_HAND : TOK_PLAIN);
    }
}

/* Which pairs the merge was chosen from. */
static void pairs_list(const TokView *view, Rect area) {
    const Stage *stage = view->stage;
    const TokMergeStep *merge = &view->step->of.merge;
    tok_heading(view, rect_cut_top(&area, TOK_HEADING), word(WORD_TOK_PAIRS));
    for (size_t i = 0; i < merge->count; i++) {
        const TokPair *pair = &merge->pair[i];
        Rect line = rect_cut_top(&area, PAIR_LINE);
        const char *rank = WORD_WITH(stage->arena, WORD_TOK_RANK,
                                     text_count(stage->arena, pair->rank));
        const char *both = WORD_WITH(stage->arena, WORD_TOK_PAIR, tok_piece_text(view, pair->left),
                                     tok_piece_text(view, pair->right));
        Color color = i == 0 ? stage->theme->hand : stage->theme->secondary;
        ui_label(stage->ui, rect_cut_right(&line, TOK_GUTTER), UI_ALIGN_RIGHT, FONT_UI,
                 THEME_SIZE_SMALL, color, rank);
        ui_label(stage->ui, line, UI_ALIGN_LEFT, FONT_MONO, THEME_SIZE_LABEL, color, both);
    }
    if (merge->present > merge->count)
        stage_note(stage, rect_cut_top(&area, PAIR_LINE),
                   WORD_WITH(stage->arena, WORD_TOK_PAIRS_MORE,
                             text_count(stage->arena, (int64_t)(merge->present - merge->count))));
}

/* ---- WordPiece, WordLevel -------------------------------------------------------------------- */

/* The word itself, above its columns. */
static void characters(Ladder *ladder) {
    const TokView *view = ladder->view;
    const TokStretch *text = &view->word->text;
    Rect line = rect_cut_top(&ladder->area, CHARACTERS), clip = line;
    rect_cut_left(&clip, TOK_GUTTER);
    draw_clip_push(ui_list(view->stage->ui), clip);
    for (size_t at = 0, end; at < text->size; at = end) {
        end = at + utf8_next(text->bytes + at, text->size - at).size;
        ui_label(view->stage->ui,
                 tok_strip_rect(&ladder->strip, (TokSpan){at, end}, line.y, line.h - 4),
                 UI_ALIGN_CENTER, FONT_MONO, view->size, view->stage->theme->secondary,
                 word_tok_text(view->stage->arena, text->bytes + at, end - at));
    }
    draw_clip_pop(ui_list(view->stage->ui));
}

static void try_row(const Ladder *ladder, size_t number, int y) {
    const TokView *view = ladder->view;
    const TokStep *step = &view->steps->step[number];
    const char *bytes = step->name ? step->name : view->word->text.bytes + step->span.start;
    size_t size = step->name ? strlen(step->name) : step->span.end - step->span.start;
    bool found = step->id >= 0, hand = number == view->now;
    const char *text = step->kind == TOK_STEP_UNKNOWN && found
                           ? tok_piece_text(view, step->id)
                           : word_tok_text(view->stage->arena, bytes, size);
    tok_box(view, tok_strip_rect(&ladder->strip, step->span, y, ladder->box), text, NULL,
            hand    ? TOK_HAND
            : found ? TOK_PLAIN
                    : TOK_QUIET);
}

/* ---- The rows -------------------------------------------------------------------------------- */

static const char *row_label(const Ladder *ladder, const TokStep *step) {
    Arena *arena = ladder->view->stage->arena;
    switch (step->kind) {
    case TOK_STEP_SYMBOLS: return word(WORD_TOK_START);
    case TOK_STEP_MERGE:
        return WORD_WITH(arena, WORD_TOK_RANK, text_count(arena, step->of.merge.pair[0].rank));
    case TOK_STEP_UNKNOWN: return word(WORD_TOK_UNKNOWN);
    default: return word(step->id >= 0 ? WORD_TOK_FOUND : WORD_TOK_NOT_FOUND);
    }
}

/* What the row is stands in the gutter; its boxes stay out of there. */
static void draw_row(const Ladder *ladder, size_t number, int y, bool first_shown) {
    const Stage *stage = ladder->view->stage;
    const TokStep *step = &ladder->view->steps->step[number];
    bool hand = number == ladder->view->now && step->kind != TOK_STEP_SYMBOLS;
    Rect label = {ladder->area.x, y, TOK_GUTTER - TOK_GAP, ladder->box}, clip = ladder->area;
    ui_label(stage->ui, label, UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_SMALL,
             hand ? stage->theme->hand : stage->theme->secondary, row_label(ladder, step));
    rect_cut_left(&clip, TOK_GUTTER);
    draw_clip_push(ui_list(stage->ui), clip);
    if (step->kind == TOK_STEP_SYMBOLS || step->kind == TOK_STEP_MERGE)
        symbols_row(ladder, number, y, first_shown);
    else
        try_row(ladder, number, y);
    draw_clip_pop(ui_list(stage->ui));
}

/* The newest that have room. */
static void draw_rows(Ladder *ladder) {
    size_t most = (size_t)(ladder->area.h / (ladder->box + ROW_GAP));
    most = most < 1 ? 1 : most;
    size_t first = ladder->rows > most ? ladder->rows - most : 0;
    size_t fit = ladder->all < most ? ladder->all : most;
    int pitch = fit ? ladder->area.h / (int)fit : 0, loose = ladder->box + ROW_GAP_MOST;
    ladder->pitch = pitch < loose ? pitch : loose;
    for (size_t i = first; i < ladder->rows; i++)
        draw_row(ladder, ladder->step[i], ladder->area.y + (int)(i - first) * ladder->pitch,
                 i == first);
    rect_cut_top(&ladder->area, (int)(ladder->rows - first) * ladder->pitch);
}

/* Where a piece inside a word has its mark before it, a column has room for that too. */
static int least_column(const TokView *view) {
    const char *mark = view->steps->continuation;
    return *mark ? tok_box_width(view, arena_printf(view->stage->arena, "%sm", mark), NULL)
                 : TOK_BOX_LEAST;
}

static void pairs_beside(const Ladder *ladder, int right) {
    const TokView *view = ladder->view;
    int x = ladder->strip.x[view->word->text.size] + 4 * TOK_GAP, most = right + 2 * TOK_GAP;
    pairs_list(view, (Rect){x < most ? x : most, ladder->area.y, PAIRS_WIDTH - 2 * TOK_GAP,
                            ladder->area.h});
}

void tok_ladder(TokView view, Rect area) {
    Ladder ladder = {.view = &view, .area = area};
    bool end = view.step->kind == TOK_STEP_PIECES, bpe = view.steps->model == TOK_BPE;
    bool wide = area.w >= PAIRS_FROM;
    find_rows(&ladder);
    Rect columns = area;
    rect_cut_left(&columns, TOK_GUTTER);
    rect_cut_right(&columns, bpe && wide ? PAIRS_WIDTH : 0);
    rect_cut_top(&columns, bpe ? 0 : CHARACTERS);
    TokTable table = {.least = least_column(&view),
                      .rows = ladder.all,
                      .row_above = ROW_GAP,
                      .focus = end ? (TokSpan){0, view.word->text.size} : view.step->span};
    ladder.strip = tok_strip(&view, columns, &table);
    ladder.box = tok_box_height(&view, false);
    if (view.step->kind == TOK_STEP_MERGE && wide)
        pairs_beside(&ladder, columns.x + columns.w);
    ladder.area.w = columns.x + columns.w - area.x;
    if (end || area.h >= TOK_LOW) /* room for the tokens, so that the rows keep their places */
        rect_cut_bottom(&ladder.area, tok_box_height(&view, true) + TOK_GAP);
    if (!bpe)
        characters(&ladder);
    draw_rows(&ladder);
    if (end)
        tok_result(&view, (Rect){area.x, ladder.area.y, area.w, area.h});
}
