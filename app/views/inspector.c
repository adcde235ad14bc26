#include "app/views/inspector.h"

#include "app/views/inspector_part.h"

#include "app/views/common_heat.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the pen ---- */

bool pen_sees(const Pen *pen, int height) {
    return pen->draw && pen->y + height > pen->visible.y &&
           pen->y < pen->visible.y + pen->visible.h;
}

void pen_space(Pen *pen, int height) {
    pen->y += height;
}

void pen_heading(Pen *pen, const char *text) {
    const Inspected *in = pen->inspected;
    pen_space(pen, 14);
    if (pen_sees(pen, 20))
        ui_label(in->ui, (Rect){pen->x, pen->y, pen->w, 16}, UI_ALIGN_LEFT, FONT_UI_BOLD,
                 THEME_SIZE_SMALL, in->theme->faint, text);
    pen_space(pen, 20);
}

void pen_text(Pen *pen, FontRole font, int size, Color color, const char *text) {
    UiSpan span = {text, font, color};
    pen->y += ui_spans(pen->inspected->ui, (Rect){pen->x, pen->y, pen->w, 10000}, size, &span, 1,
                       pen->draw);
}

void pen_words(Pen *pen, int size, Color color, const char *message, const WordArg *args,
               size_t count) {
    const Inspected *in = pen->inspected;
    UiSpan *spans;
    size_t n = word_spans(in->arena, in->theme, message, color, args, count, &spans);
    pen->y += ui_spans(in->ui, (Rect){pen->x, pen->y, pen->w, 10000}, size, spans, n, pen->draw);
}

void pen_pair(Pen *pen, const char *name, const char *value, Color color) {
    const Inspected *in = pen->inspected;
    if (pen_sees(pen, 20)) {
        Rect line = {pen->x, pen->y, pen->w, 20};
        int width = (int)text_width(ui_measure(in->ui), FONT_MONO, THEME_SIZE_LABEL, value) + 2;
        ui_label(in->ui, rect_cut_right(&line, width), UI_ALIGN_RIGHT, FONT_MONO, THEME_SIZE_LABEL,
                 color, value);
        rect_cut_right(&line, 8);
        ui_label(in->ui, line, UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_LABEL, in->theme->secondary,
                 name);
    }
    pen_space(pen, 20);
}

/* ---- what is inspected ---- */

static void keep_term(void *user, size_t number, const Term *term) {
    Inspected *in = user;
    if (number == 0)
        in->first = *term;
    in->term[number] = term->value;
    if (isfinite(term->value)) {
        in->low = fmin(in->low, term->value);
        in->high = fmax(in->high, term->value);
    }
    for (int i = 0; i < term->n; i++)
        if (isfinite(term->operand[i].value))
            in->operand_largest[i] = fmax(in->operand_largest[i], fabs(term->operand[i].value));
}

typedef struct {
    double size;
    size_t number;
} Sized;

/* The largest magnitude first; of equals, and of NaN, the one that comes first in the sum. */
static int by_size(const void *a, const void *b) {
    const Sized *x = a, *y = b;
    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static void sort_terms(Inspected *in) {
    size_t n = in->explanation.terms;
    Sized *sized = ARENA_NEW_N(in->arena, Sized, n);
    for (size_t i = 0; i < n; i++)
        sized[i] = (Sized){isfinite(in->term[i]) ? fabs(in->term[i]) : -1, i};
    qsort(sized, n, sizeof *sized, by_size);
    in->order = ARENA_NEW_N(in->arena, size_t, n);
    for (size_t i = 0; i < n; i++)
        in->order[i] = sized[i].number;
}

static bool has_heads(const Inspected *in) {
    return node_heads(in->node, in->in->walk) > 1 && in->node->rank == 3;
}

static void find_limits(Inspected *in) {
    const Tensor *out = &in->call.out;
    Found *found = &in->in->widgets->found;
    Matrix cells = matrix_of(*out, (AxisRun){0, out->rank - 1}, (AxisRun){out->rank - 1, 1}, NULL);
    in->has_limits = out->type == DTYPE_F32 &&
                     found_limits(found, &cells, &in->least, &in->largest);
    in->all_least = in->least;
    in->all_largest = in->largest;
    if (!in->has_limits || !has_heads(in))
        return;
    int axis = node_head_axis(in->node);
    size_t at[TENSOR_RANK] = {0};
    at[axis] = state_head(in->in->state, in->in->walk, in->node);
    cells = matrix_of(*out, (AxisRun){axis == 0 ? 1 : 0, 1}, (AxisRun){2, 1}, at);
    found_limits(found, &cells, &in->least, &in->largest);
}

enum { SORTED_ABOVE = 32 };

/* A long list begins with what counts most; the switch turns either round. */
static bool is_sorted(const Inspected *in) {
    bool many = in->explanation.terms > SORTED_ABOVE;
    return in->explanation.terms > 1 && in->in->state->terms_turned != many;
}

/* A cell of a record that is to be seen but for what is asked. */
static bool is_asked(const Inspected *in) {
    const Veil *veil = in->in->state->veil;
    return veil_kind(veil, in->node_index) == VEIL_CELLS &&
           veil_hides(veil, in->node_index, in->index);
}

static void add_term(void *user, size_t number, const Term *term) {
    (void)number;
    combine_term(user, term);
}

static double value_of_terms(Inspected *in) {
    Combiner combiner;
    Explanation again;
    combine_start(&combiner, &in->explanation);
    op_explain(&in->call, in->index, add_term, &combiner, &again);
    return combine_end(&combiner);
}

Inspected inspected_now(const ViewInput *in) {
    const ViewState *state = in->state;
    Inspected now = {.in = in,
                     .ui = in->ui,
                     .arena = ui_arena(in->ui),
                     .theme = in->theme,
                     .trace = in->trace,
                     .node_index = state->now.node,
                     .node = &in->trace->graph.node[state->now.node]};
    now.complete = trace_call(in->trace, now.node_index, &now.call);
    now.progress = state_progress(state, in->trace, in->walk);
    bool chosen = state->now.pinned || state->hovering;
    if (chosen || !state_whole(state, in->walk))
        now.has_cell = state_cell(state, in->trace, in->walk, now.index);
    now.asked = now.has_cell && is_asked(&now);
    now.has_cell = now.asked || (now.has_cell && progress_done(&now.progress, now.index));
    if (!now.has_cell) {
        find_limits(&now);
        return now;
    }
    now.value = trace_get(in->trace, now.node_index, now.index);
    if (!now.complete)
        return now;
    op_explain(&now.call, now.index, NULL, NULL, &now.explanation);
    now.term = ARENA_NEW_N(now.arena, double, now.explanation.terms);
    op_explain(&now.call, now.index, keep_term, &now, &now.explanation);
    if (is_sorted(&now))
        sort_terms(&now);
    if (now.asked) /* for the digits alone: they must bear out what is asked for */
        now.value = value_of_terms(&now);
    inspected_digits(&now);
    if (now.asked)
        now.value = NAN;
    return now;
}

typedef struct {
    const Inspected *in;
    size_t first, count;
    Term *terms;
    size_t *place; /* of a term in the list, where the list is sorted */
} Wanted;

static void copy_term(void *user, size_t number, const Term *term) {
    Wanted *wanted = user;
    size_t place = wanted->place ? wanted->place[number] : number;
    if (place >= wanted->first && place < wanted->first + wanted->count)
        wanted->terms[place - wanted->first] = *term;
}

void inspected_terms(Inspected *in, size_t first, size_t count, Term *terms) {
    Wanted wanted = {.in = in, .first = first, .count = count, .terms = terms};
    size_t n = in->explanation.terms;
    Explanation again;
    if (in->order) {
        wanted.place = ARENA_NEW_N(in->arena, size_t, n);
        for (size_t i = 0; i < n; i++)
            wanted.place[in->order[i]] = i;
    }
    op_explain(&in->call, in->index, copy_term, &wanted, &again);
}

Term inspected_term(Inspected *in, size_t number) {
    Term term;
    size_t *order = in->order;
    in->order = NULL;
    inspected_terms(in, number, 1, &term);
    in->order = order;
    return term;
}

bool inspected_listed(const Inspected *in) {
    const ViewWidgets *widgets = in->in->widgets;
    return widgets->listed_node == in->node_index + 1 &&
           memcmp(widgets->listed_cell, in->index, (size_t)in->node->rank * sizeof *in->index) == 0;
}

/* Another cell's terms are listed from their beginning, and no number of a weight is chosen yet. */
static void list_anew(const Inspected *in) {
    ViewWidgets *widgets = in->in->widgets;
    if (!in->has_cell || inspected_listed(in))
        return;
    widgets->listed_node = in->node_index + 1;
    memcpy(widgets->listed_cell, in->index, sizeof in->index);
    widgets->weight_chosen = false;
    widgets->inspector.offset = 0;
}

/* ---- the head of the panel ---- */

enum { ARROW = 24, HEAD_LINE = 32 };

static void arrows(const Inspected *in, Rect *line) {
    const ViewState *state = in->in->state;
    bool back = state->history_at > 0, on = state->history_at + 1 < state->history_count;
    if (ui_icon_button(in->ui, "inspector/back", rect_cut_left(line, ARROW), ICON_ARROW_LEFT,
                       UI_QUIET | (back ? 0U : (unsigned)UI_DISABLED)))
        intent_emit(in->in->out, INTENT_BACK);
    ui_tip(in->ui, word(WORD_TIP_BACK));
    rect_cut_left(line, 4);
    if (ui_icon_button(in->ui, "inspector/forward", rect_cut_left(line, ARROW), ICON_ARROW_RIGHT,
                       UI_QUIET | (on ? 0U : (unsigned)UI_DISABLED)))
        intent_emit(in->in->out, INTENT_FORWARD);
    ui_tip(in->ui, word(WORD_TIP_FORWARD));
    rect_cut_left(line, 8);
}

/* The first input that is a record: the way that the value came. -1: none. */
static int came_from(const Trace *trace, int node) {
    const Node *n = &trace->graph.node[graph_owner(&trace->graph, node)];
    for (int i = 0; i < n->n_in; i++)
        if (n->in[i].kind == REF_NODE)
            return graph_owner(&trace->graph, n->in[i].index);
    return -1;
}

typedef struct {
    float x, baseline, right;
    int count;
} Crumbs;

static void crumb(const Inspected *in, Crumbs *crumbs, int node, bool last) {
    const TextMeasure *measure = ui_measure(in->ui);
    FontRole font = last ? FONT_UI_BOLD : FONT_UI;
    const char *text = text_elide(in->arena, measure, font, THEME_SIZE_LABEL,
                                  word_stage_short(&in->trace->graph.node[node]),
                                  crumbs->right - crumbs->x, TEXT_ELIDE_END);
    float width = text_width(measure, font, THEME_SIZE_LABEL, text);
    const char *id = arena_printf(in->arena, "inspector/crumb/%d", crumbs->count++);
    if (last)
        draw_text(ui_list(in->ui), font, THEME_SIZE_LABEL, in->theme->text, crumbs->x,
                  crumbs->baseline, text);
    else if (text[0] && ui_link(in->ui, id, crumbs->x, crumbs->baseline, font, THEME_SIZE_LABEL,
                                in->theme->secondary, text))
        intent_go(in->in->out, node);
    crumbs->x += width;
}

static void crumb_sign(const Inspected *in, Crumbs *crumbs, const char *sign) {
    draw_text(ui_list(in->ui), FONT_UI, THEME_SIZE_LABEL, in->theme->faint, crumbs->x,
              crumbs->baseline, sign);
    crumbs->x += text_width(ui_measure(in->ui), FONT_UI, THEME_SIZE_LABEL, sign);
}

static float short_width(const Inspected *in, int node) {
    return text_width(ui_measure(in->ui), FONT_UI_BOLD, THEME_SIZE_LABEL,
                      word_stage_short(&in->trace->graph.node[node]));
}

/* Tokens › … › where it came from › here: what has room, and always here. */
static void breadcrumb(const Inspected *in, Rect line) {
    int from = came_from(in->trace, in->node_index);
    Crumbs crumbs = {
        (float)line.x,
        text_baseline(ui_measure(in->ui), FONT_UI, THEME_SIZE_LABEL, (float)line.y, (float)line.h),
        (float)(line.x + line.w), 0};
    float room = (float)line.w - short_width(in, in->node_index) - 16;
    bool first = from > 0 && short_width(in, 0) + short_width(in, from) + 44 < room;
    if (first) {
        crumb(in, &crumbs, 0, false);
        crumb_sign(in, &crumbs, came_from(in->trace, from) == 0 ? " › " : " › … › ");
    }
    if (from >= 0 && (first || short_width(in, from) < room)) {
        crumb(in, &crumbs, from, false);
        crumb_sign(in, &crumbs, " › ");
    }
    crumb(in, &crumbs, in->node_index, true);
}

/* Token types are given as ids are, and are no ids. */
static const char *formula_of(const Inspected *in) {
    return strstr(in->node->name, "hook_token_types") ? "t_i = \\mathrm{type}(\\mathrm{token}_i)"
                                                      : op_formula(&in->call);
}

static void formula(Pen *pen) {
    const Inspected *in = pen->inspected;
    const TextMeasure *measure = ui_measure(in->ui);
    const char *markup = word_formula(in->arena, formula_of(in));
    int size = formula_fit(measure, 22, THEME_SIZE_SMALL, (float)pen->w, markup);
    FormulaSize extent = formula_measure(measure, size, markup);
    pen_space(pen, 8);
    if (pen->draw)
        formula_draw(ui_list(in->ui), measure, in->theme, (float)pen->x,
                     (float)pen->y + extent.ascent, size, in->theme->text, markup);
    pen_space(pen, (int)ceilf(extent.ascent + extent.descent) + 12);
}

/* ---- the stage as a whole ---- */

/* "1.2 thousand", "3.4 million": what a reader can compare. */
static const char *large_count(Arena *arena, double count) {
    enum { UNITS = 3 };
    static const double units[LANG_COUNT][UNITS] = {
        [LANG_EN] = {1e3, 1e6, 1e9}, [LANG_KO] = {1e4, 1e8, 1e12}};
    static const WordId words[UNITS] = {WORD_LARGE_1, WORD_LARGE_2, WORD_LARGE_3};
    const double *unit = units[words_language()];
    int i = UNITS - 1;
    if (count < 1e4)
        return text_count(arena, (int64_t)count);
    while (i > 0 && count < unit[i])
        i--;
    return WORD_WITH(arena, words[i], text_number(arena, count / unit[i], i ? 2 : 1));
}

static const char *size_text(Arena *arena, double bytes) {
    const double KIB = 1024, MIB = KIB * KIB, GIB = KIB * MIB;
    return bytes < KIB   ? arena_printf(arena, "%.0f B", bytes)
           : bytes < MIB ? arena_printf(arena, "%.1f KiB", bytes / KIB)
           : bytes < GIB ? arena_printf(arena, "%.2f MiB", bytes / MIB)
                         : arena_printf(arena, "%.2f GiB", bytes / GIB);
}

static void limits_pair(Pen *pen, double least, double largest) {
    const Inspected *in = pen->inspected;
    pen_pair(pen, word(WORD_LEAST), cell_number(in, in->node, least), in->theme->text);
    pen_pair(pen, word(WORD_LARGEST), cell_number(in, in->node, largest), in->theme->text);
}

static void limits(Pen *pen) {
    const Inspected *in = pen->inspected;
    size_t place = state_head(in->in->state, in->in->walk, in->node);
    bool choices = node_has_choices(in->node);
    const char *head = choices ? word_ordinal(in->arena, place)
                               : text_count(in->arena, (int64_t)in->in->state->now.head);
    pen_heading(pen, !has_heads(in)
                         ? word(WORD_VALUES)
                         : WORD_WITH(in->arena,
                                     choices ? WORD_VALUES_OF_CHOICE : WORD_VALUES_OF_HEAD, head));
    if (!in->progress.all) {
        pen_text(pen, FONT_UI, THEME_SIZE_LABEL, in->theme->faint, word(WORD_AFTER_LAST));
        return;
    }
    limits_pair(pen, in->least, in->largest);
    if (!has_heads(in))
        return;
    pen_heading(pen, word(choices ? WORD_VALUES_OF_CHOICES : WORD_VALUES_OF_HEADS));
    limits_pair(pen, in->all_least, in->all_largest);
}

static void axes(Pen *pen) {
    const Inspected *in = pen->inspected;
    for (int axis = 0; axis < in->node->rank; axis++)
        if (in->node->axis[axis] != AXIS_ONE)
            pen_pair(pen, heat_axis_name(in->node, axis, in->in->walk),
                     text_count(in->arena, (int64_t)in->node->dim[axis]), in->theme->text);
}

static void summary(Pen *pen) {
    const Inspected *in = pen->inspected;
    pen_text(pen, FONT_UI, THEME_SIZE_TEXT, in->theme->text, word_stage_about(in->node));
    if (in->node->axis[0] != AXIS_ONE) {
        pen_heading(pen, word(WORD_SHAPE));
        axes(pen);
    }
    if (in->has_limits)
        limits(pen);
    if (in->complete) {
        OpCost cost = op_cost(&in->call);
        pen_heading(pen, word(WORD_WORK));
        pen_pair(pen, word(WORD_OPERATIONS),
                 cost.flops > 0 ? large_count(in->arena, cost.flops) : word(WORD_NONE),
                 in->theme->text);
        pen_pair(pen, word(WORD_BYTES), size_text(in->arena, cost.bytes), in->theme->text);
        size_t rows = graph_sequential_rows(&in->trace->graph, in->node_index);
        if (rows > 1)
            pen_pair(pen, word(WORD_ONE_BY_ONE),
                     WORD_WITH(in->arena, WORD_ROWS, text_count(in->arena, (int64_t)rows)),
                     in->theme->text);
    }
    inspector_next(pen);
    pen_space(pen, 14);
    pen_text(pen, FONT_UI, THEME_SIZE_LABEL, in->theme->faint, word(WORD_HOW_TO_READ));
}

/* ---- the whole ---- */

/* A short list grows with the panel; a long one scrolls by itself from this height on. */
enum { TABLE_LEAST = 5 * PEN_LINE, TABLE_SHORT = 20 * PEN_LINE };

static void head_of_cell(Pen *pen) {
    Inspected *in = pen->inspected;
    formula(pen);
    inspector_who(pen);
    if (in->complete) {
        inspector_substituted(pen);
        inspector_terms_head(pen);
    } else {
        pen_text(pen, FONT_UI, THEME_SIZE_TEXT, in->theme->secondary, word(WORD_NOTE_INPUTS));
    }
}

static void foot_of_cell(Pen *pen) {
    if (pen->inspected->complete) {
        inspector_weight(pen);
        inspector_total(pen);
    }
    inspector_next(pen);
    if (pen->inspected->complete)
        inspector_in_words(pen);
    pen_space(pen, 12);
}

static void everything(Pen *pen) {
    if (!pen->inspected->has_cell) {
        formula(pen);
        summary(pen);
        return;
    }
    head_of_cell(pen);
    if (pen->inspected->complete)
        inspector_terms(pen);
    foot_of_cell(pen);
}

/* A long list for which there is no room beside all else: it comes last, below what it comes to. */
static void list_last(Pen *pen) {
    formula(pen);
    inspector_who(pen);
    inspector_substituted(pen);
    foot_of_cell(pen);
    inspector_terms_head(pen);
    inspector_terms(pen);
}

typedef void Section(Pen *pen);

static int height_of(Pen pen, Section *section) {
    pen.draw = false;
    pen.y = 0;
    section(&pen);
    return pen.y;
}

static void scrolled(Pen *pen, Rect area, Section *section) {
    const ViewInput *in = pen->inspected->in;
    int height = height_of(*pen, section);
    pen->visible = area;
    pen->y = ui_scroll_begin(in->ui, "inspector/scroll", area, &in->widgets->inspector, height);
    pen->draw = true;
    section(pen);
    ui_scroll_end(in->ui, "inspector/scroll", area, &in->widgets->inspector, height);
}

static void fixed(Pen *pen, Rect area, Section *section) {
    pen->visible = area;
    pen->y = area.y;
    pen->draw = true;
    section(pen);
}

/* The term in hand comes into view when its cell is taken up. */
static void show_term(const Inspected *in, Rect list) {
    int height, y = inspector_terms_place(in, &height);
    if (y >= 0)
        ui_scroll_show(&in->in->widgets->inspector, list, height, y, PEN_LINE);
}

/* A long table scrolls between a head and a foot that stay in view, where there is room for that.
 * */
static void panel(Pen *pen, Rect area, bool first) {
    const Inspected *in = pen->inspected;
    if (in->has_cell && inspector_has_table(in)) {
        int head = height_of(*pen, head_of_cell), foot = height_of(*pen, foot_of_cell);
        int table = height_of(*pen, inspector_terms), room = area.h - head - foot;
        if (table <= room || (room >= TABLE_LEAST && table > TABLE_SHORT)) {
            Rect list = {0};
            fixed(pen, rect_cut_top(&area, head), head_of_cell);
            list = rect_cut_top(&area, table <= room ? table : room - room % PEN_LINE);
            if (first)
                show_term(in, list);
            scrolled(pen, list, inspector_terms);
            fixed(pen, area, foot_of_cell);
            return;
        }
    }
    bool last = in->has_cell && inspector_has_table(in) &&
                height_of(*pen, inspector_terms) > TABLE_SHORT;
    scrolled(pen, area, last ? list_last : everything);
}

void inspector_view(const ViewInput *in, Rect area) {
    if (!in->trace || trace_recallable(in->trace, in->state->now.node))
        return;
    Inspected now = inspected_now(in);
    bool first = now.has_cell && !inspected_listed(&now);
    list_anew(&now);
    int pad = area.w < 280 ? 12 : THEME_PANEL_PAD;
    Rect inner = {area.x + pad, area.y + 8, area.w - 2 * pad, area.h - 8};
    Rect head = rect_inset(rect_cut_top(&inner, HEAD_LINE), 0, 4);
    draw_clip_push(ui_list(in->ui), area);
    arrows(&now, &head);
    breadcrumb(&now, head);
    inner.w = area.x + area.w - inner.x - 2;
    Pen pen = {.inspected = &now, .x = inner.x, .w = area.w - 2 * pad - 4};
    panel(&pen, inner, first);
    draw_clip_pop(ui_list(in->ui));
}
