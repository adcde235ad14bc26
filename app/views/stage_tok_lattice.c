/* Unigram's lattice: the places between the characters stand in a row, each with the best score that
 * a way to it has; below, every piece that was offered lies from where it starts to where it ends. */
#include "app/views/stage_tok.h"

#include "engine/base/utf8.h"

enum {
    COLUMN = 58, /* a score fits */
    NODES = 40,
    NODE_LINE = 16,
    LANE_LEAST = 24,
    LANE_GAP = 4,
    RULE_LINE = 36
};

typedef struct {
    const TokView *view;
    TokStrip strip;
    int *lane; /* [steps of the word] of an offer */
    int lanes, pitch;
    const TokStep **best; /* [size + 1] the offer that leads best to each place so far */
    bool *chosen;         /* [steps of the word] the offer is on the way that was read back */
} Lattice;

static size_t in_word(const TokView *view, const TokStep *step) {
    return (size_t)(step - view->steps->step) - view->word->first;
}

/* ---- What stands where ----------------------------------------------------------------------- */

/* Pieces come by where they start: each goes into the first lane that is free there. */
static void find_lanes(Lattice *lattice) {
    const TokView *view = lattice->view;
    size_t *end = ARENA_NEW_N(view->stage->arena, size_t, view->word->count);
    for (size_t i = 0; i < view->word->count; i++) {
        const TokStep *step = &view->steps->step[view->word->first + i];
        if (step->kind != TOK_STEP_OFFER)
            continue;
        int lane = 0;
        while (lane < lattice->lanes && end[lane] > step->span.start)
            lane++;
        lattice->lane[i] = lane;
        end[lane] = step->span.end;
        lattice->lanes = lane >= lattice->lanes ? lane + 1 : lattice->lanes;
    }
}

static void find_ways(Lattice *lattice) {
    const TokView *view = lattice->view;
    for (size_t i = view->word->first; i <= view->now; i++) {
        const TokStep *step = &view->steps->step[i];
        if (step->kind == TOK_STEP_OFFER && step->of.offer.better)
            lattice->best[step->span.end] = step;
        if (step->kind == TOK_STEP_BACK)
            lattice->chosen[in_word(view, lattice->best[step->span.end])] = true;
    }
}

/* ---- Drawing --------------------------------------------------------------------------------- */

static const char *score_text(const Lattice *lattice, double score) {
    return text_number(lattice->view->stage->arena, score, 2);
}

static void draw_node(const Lattice *lattice, size_t at, int y, int bottom) {
    const Stage *stage = lattice->view->stage;
    const TokStep *step = lattice->view->step, *best = lattice->best[at];
    bool moves = step->kind == TOK_STEP_OFFER || step->kind == TOK_STEP_BACK;
    bool hand = moves && step->span.end == at;
    int middle = lattice->strip.x[at] - TOK_GAP / 2;
    Rect line = {middle - COLUMN / 2, y, COLUMN, NODE_LINE};
    draw_line(ui_list(stage->ui), (float)middle, (float)(y + NODES - 6), (float)middle,
              (float)bottom, 1, DRAW_DASHED, stage->theme->line);
    ui_label(stage->ui, line, UI_ALIGN_CENTER, FONT_MONO, THEME_SIZE_SMALL, stage->theme->faint,
             text_count(stage->arena, (int64_t)word_tok_place(lattice->view->word, at)));
    line.y += NODE_LINE;
    if (at == 0 || best)
        ui_label(stage->ui, line, UI_ALIGN_CENTER, FONT_MONO, THEME_SIZE_LABEL,
                 hand ? stage->theme->hand : stage->theme->text,
                 best ? score_text(lattice, best->of.offer.total) : "0");
}

static void draw_nodes(const Lattice *lattice, Rect area, int bottom) {
    const TokStretch *text = &lattice->view->word->text;
    for (size_t at = 0;; at += utf8_next(text->bytes + at, text->size - at).size) {
        draw_node(lattice, at, area.y, bottom);
        if (at == text->size)
            return;
    }
}

static void draw_node_titles(const Stage *stage, Rect area) {
    Rect head = {area.x, area.y, TOK_GUTTER - COLUMN / 2, NODE_LINE};
    ui_label(stage->ui, head, UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_SMALL, stage->theme->faint,
             word(WORD_TOK_PLACE));
    head.y += NODE_LINE;
    ui_label(stage->ui, head, UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_SMALL, stage->theme->faint,
             word(WORD_TOK_BEST));
}

static TokLook look_of(const Lattice *lattice, const TokStep *step) {
    const TokStep *now = lattice->view->step;
    if (step == now || lattice->chosen[in_word(lattice->view, step)])
        return TOK_HAND;
    /* Once the way is read back, only it counts. */
    bool forward = now->kind == TOK_STEP_OFFER;
    return forward && lattice->best[step->span.end] == step ? TOK_PLAIN : TOK_QUIET;
}

static void draw_offer(const Lattice *lattice, const TokStep *step, int y) {
    const TokView *view = lattice->view;
    bool note = lattice->pitch >= tok_box_height(view, true) - TOK_GAP;
    tok_box(view, tok_strip_rect(&lattice->strip, step->span, y, lattice->pitch - LANE_GAP),
            tok_piece_text(view, step->id), note ? score_text(lattice, step->of.offer.score) : NULL,
            look_of(lattice, step));
}

/* Where even the lowest lanes have no room for all, that of the step is seen. */
static int first_lane(const Lattice *lattice, int shown) {
    int now = lattice->lane[in_word(lattice->view, lattice->view->step)];
    return lattice->lanes > shown && now >= shown ? now - shown + 1 : 0;
}

static void draw_offers(const Lattice *lattice, Rect area) {
    const TokView *view = lattice->view;
    int first = first_lane(lattice, area.h / lattice->pitch);
    for (size_t i = view->word->first; i <= view->now; i++) {
        const TokStep *step = &view->steps->step[i];
        int lane = lattice->lane[i - view->word->first] - first;
        if (step->kind == TOK_STEP_OFFER && lane >= 0)
            draw_offer(lattice, step, area.y + lane * lattice->pitch);
    }
}

/* The height that all lanes take in `room`. */
static int fit_lanes(Lattice *lattice, int room) {
    int lanes = lattice->lanes ? lattice->lanes : 1, pitch = room / lanes;
    int most = tok_box_height(lattice->view, true) + LANE_GAP;
    lattice->pitch = pitch > most ? most : pitch < LANE_LEAST ? LANE_LEAST : pitch;
    return lanes * lattice->pitch < room ? lanes * lattice->pitch : room;
}

void tok_lattice(TokView view, Rect area) {
    Arena *arena = view.stage->arena;
    size_t size = view.word->text.size;
    bool end = view.step->kind == TOK_STEP_PIECES;
    Lattice lattice = {.view = &view,
                       .lane = ARENA_NEW_N(arena, int, view.word->count),
                       .best = ARENA_NEW_N(arena, const TokStep *, size + 1),
                       .chosen = ARENA_NEW_N(arena, bool, view.word->count)};
    find_lanes(&lattice);
    find_ways(&lattice);
    Rect columns = area;
    rect_cut_left(&columns, TOK_GUTTER);
    rect_cut_right(&columns, COLUMN / 2);
    rect_cut_top(&columns, NODES);
    TokTable table = {.least = COLUMN,
                      .rows = (size_t)lattice.lanes,
                      .row_above = TOK_NOTE + LANE_GAP,
                      .focus = end ? (TokSpan){0, size} : view.step->span};
    lattice.strip = tok_strip(&view, columns, &table);
    bool low = area.h < TOK_LOW;
    int room = columns.h - (end || !low ? tok_box_height(&view, true) + TOK_GAP : 0);
    Rect lanes = {area.x, columns.y, area.w, fit_lanes(&lattice, room)};
    int bottom = lanes.y + lanes.h;
    Rect seen = {columns.x - COLUMN / 2, area.y, columns.w + COLUMN, bottom - area.y};
    draw_node_titles(view.stage, area);
    draw_clip_push(ui_list(view.stage->ui), seen);
    draw_nodes(&lattice, area, bottom);
    draw_offers(&lattice, lanes);
    draw_clip_pop(ui_list(view.stage->ui));
    Rect line = {area.x, bottom + TOK_GAP, area.w, RULE_LINE};
    if (end)
        tok_result(&view, line);
    else if (!low)
        ui_paragraph(view.stage->ui, line, FONT_UI, THEME_SIZE_SMALL, view.stage->theme->faint,
                     word(WORD_TOK_VITERBI));
}
