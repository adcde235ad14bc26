/* app/views/stage*, inspector*, common_*: what stands where, in points, with characters of a fixed
 * width; and that every stage draws at every size. */
#include "app/ui/formula.h"
#include "app/views/common_heat.h"
#include "app/views/inspector.h"
#include "app/views/stage.h"
#include "app/views/words.h"
#include "tests/ops_trace.h"
#include "tests/screen.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- a trace on a screen ---- */

enum { WIDTH = 760, HEIGHT = 600 };

static Screen screen_of(Model *model, size_t length, const char *stages,
                        const SampleOptions *sample) {
    RunOptions options = {.stages = stages, .sample = sample};
    return screen_begin(model, fixture_trace(model, length, &options), WIDTH, HEIGHT);
}

static Screen screen_new(const TinyModel *tiny, size_t length, const char *stages,
                         const SampleOptions *sample) {
    return screen_of(fixture_model(tiny), length, stages, sample);
}

/* Rotary positions, grouped queries, RMSNorm and a gate; or a parallel residual. */
static Screen screen_golden(const FixtureFolder *from, size_t length) {
    RunOptions options = {.stages = from->attention.kind == ATTENTION_FLASH ? "*,*flash*" : NULL,
                          .attention = from->attention};
    Model *model = fixture_golden(from);
    return screen_begin(model, fixture_trace(model, length, &options), WIDTH, HEIGHT);
}

/* The operations that only some families or experiments have. */
static Screen screen_by_hand(size_t length) {
    return screen_begin(NULL, ops_trace(length), WIDTH, HEIGHT);
}

static const TinyModel TINY = {.tokenizer = true, .n_ctx = 64};

static Screen screen_small(const char *stage) {
    Screen screen = screen_new(&TINY, 5, NULL, NULL);
    state_start(&screen.state, screen.trace, &screen.walk, stage);
    return screen;
}

typedef void View(const ViewInput *in, Rect area);

/* Two frames: what is under the pointer is known from the frame before. */
static const DrawList *show(Screen *screen, View *view, const UiInput *input) {
    UiInput still = *input;
    still.mouse_pressed = still.mouse_released = still.mouse_down = false;
    for (int frame = 0; frame < 2; frame++) {
        ViewInput in = screen_input(screen);
        screen->out.count = 0;
        ui_begin(screen->ui, frame ? input : &still, (Rect){0, 0, screen->w, screen->h});
        view(&in, (Rect){0, 0, screen->w, screen->h});
        ui_end(screen->ui);
    }
    return ui_list(screen->ui);
}

static UiInput pointer(int x, int y) {
    return (UiInput){.mouse_x = x, .mouse_y = y};
}
#define NOWHERE pointer(-1, -1)

static const DrawList *stage_list(Screen *screen) {
    UiInput input = NOWHERE;
    return show(screen, stage_view, &input);
}

static Rect find(const Screen *screen, const char *id) {
    Rect rect;
    if (!ui_find(screen->ui, id, &rect, NULL))
        fail_msg("no %s on the screen", id);
    return rect;
}

static const DrawCommand *cells_at(const DrawList *list, Rect rect) {
    for (size_t i = 0; i < list->count; i++) {
        const Rect *at = &list->commands[i].rect;
        if (list->commands[i].kind == DRAW_CELLS && at->x == rect.x && at->y == rect.y &&
            at->w == rect.w && at->h == rect.h)
            return &list->commands[i];
    }
    return NULL;
}

static const Node *node_now(const Screen *screen) {
    return &screen->trace->graph.node[screen->state.now.node];
}

static void apply(Screen *screen, IntentKind kind, const size_t *index) {
    Intent intent = {.kind = kind, .node = screen->state.now.node};
    if (index)
        memcpy(intent.index, index, sizeof intent.index);
    state_apply(&screen->state, screen->trace, &screen->walk, &intent, 0);
}

static void step_to(Screen *screen, size_t step) {
    screen->state.now.step = step;
    screen->state.now.pinned = false;
    screen->state.hovering = false;
}

/* ---- labels ---- */

static const DrawCommand *text_at(const DrawList *list, const char *text, float angle, Rect area) {
    for (size_t i = 0; i < list->count; i++) {
        const DrawCommand *c = &list->commands[i];
        if (c->kind == DRAW_TEXT && c->as.text.bytes == strlen(text) &&
            memcmp(c->as.text.text, text, c->as.text.bytes) == 0 &&
            fabsf(c->as.text.angle - angle) < 0.5F &&
            rect_has(area, (int)c->as.text.x, (int)c->as.text.baseline))
            return c;
    }
    return NULL;
}

/* Queries run down, at the left; keys run across, above. */
static void scores_are_labelled_query_by_key(void **state) {
    (void)state;
    Screen screen = screen_small("blocks.1.attn.hook_attn_scores_raw");
    apply(&screen, INTENT_PIN, (const size_t[TENSOR_RANK]){0, 3, 1});
    const DrawList *list = stage_list(&screen);
    Rect grid = find(&screen, "stage/result");
    for (size_t i = 0; i < 5; i++) {
        Rect row = draw_cell_rect(grid, 5, 5, 0, (int)i),
             column = draw_cell_rect(grid, 5, 5, (int)i, 0);
        const char *label = screen.trace->own.label[i];
        const DrawCommand *left = text_at(list, label, 0, (Rect){0, row.y, grid.x, row.h});
        const DrawCommand *above = text_at(list, label, -55,
                                           (Rect){column.x, grid.y - 40, column.w, 40});
        assert_non_null(left);
        assert_non_null(above);
        assert_int_equal(left->color, i == 3 ? THEME_DARK.query : THEME_DARK.secondary);
        assert_int_equal(above->color, i == 1 ? THEME_DARK.key : THEME_DARK.secondary);
    }
    screen_free(&screen);
}

/* In the weighted sum the keys label the rows of V and the columns of the pattern. */
static void weighted_sum_is_labelled_by_keys(void **state) {
    (void)state;
    Screen screen = screen_small("blocks.0.attn.hook_z");
    const DrawList *list = stage_list(&screen);
    Rect v = find(&screen, "stage/in1"), pattern = find(&screen, "stage/in0");
    for (size_t i = 0; i < 5; i++) {
        Rect row = draw_cell_rect(v, 1, 5, 0, (int)i),
             column = draw_cell_rect(pattern, 5, 1, (int)i, 0);
        const char *label = screen.trace->own.label[i];
        assert_non_null(text_at(list, label, 0, (Rect){0, row.y - 2, v.x, row.h + 4}));
        assert_non_null(text_at(list, label, -55, (Rect){column.x, pattern.y - 40, column.w, 40}));
    }
    screen_free(&screen);
}

/* ---- the bar ---- */

static void bar_prints_the_limits_of_the_head_in_view(void **state) {
    (void)state;
    Screen screen = screen_small("blocks.1.attn.hook_attn_scores");
    for (size_t head = 0; head < 2; head++) {
        screen.state.now.head = head;
        double low = INFINITY, high = -INFINITY;
        for (size_t i = 0; i < 5; i++)
            for (size_t j = 0; j <= i; j++) {
                double value = trace_get(screen.trace, screen.state.now.node,
                                         (const size_t[TENSOR_RANK]){head, i, j});
                low = fmin(low, value);
                high = fmax(high, value);
            }
        const DrawList *list = stage_list(&screen);
        Rect grid = find(&screen, "stage/result"), beside = {grid.x + grid.w, 0, WIDTH, HEIGHT};
        int decimals = text_decimals(fmax(fabs(low), fabs(high)));
        assert_non_null(text_at(list, text_number(&screen.arena, low, decimals), 0, beside));
        assert_non_null(text_at(list, text_number(&screen.arena, high, decimals), 0, beside));
    }
    screen_free(&screen);
}

static void scale_is_symmetric_about_zero(void **state) {
    (void)state;
    Scale scale = {.kind = SCALE_SIGNED, .low = -1, .high = 4, .any = true};
    assert_int_equal(scale_color(&THEME_LIGHT, &scale, 0), THEME_LIGHT.zero);
    assert_int_equal(scale_color(&THEME_LIGHT, &scale, 4), THEME_LIGHT.positive);
    assert_int_equal(scale_color(&THEME_LIGHT, &scale, -4), THEME_LIGHT.negative);
    assert_int_not_equal(scale_color(&THEME_LIGHT, &scale, -1), THEME_LIGHT.negative);
    Scale share = {.kind = SCALE_SHARE, .low = 0, .high = 0.5, .any = true};
    assert_int_equal(scale_color(&THEME_LIGHT, &share, 0.5), theme_sequential(1));
    Arena arena = {0};
    assert_string_equal(scale_number(&arena, &share, 0.459), "45.9 %");
    arena_free(&arena);
}

/* ---- cells ---- */

static void hatched_exactly_where_masked(void **state) {
    (void)state;
    static const char *const stages[] = {"blocks.0.attn.hook_attn_scores",
                                         "blocks.0.attn.hook_pattern"};
    for (size_t s = 0; s < 2; s++) {
        Screen screen = screen_small(stages[s]);
        const DrawList *list = stage_list(&screen);
        const DrawCommand *cells = cells_at(list, find(&screen, "stage/result"));
        assert_non_null(cells);
        int masked = trace_find(screen.trace, stages[0]);
        for (size_t i = 0; i < 25; i++) {
            size_t index[TENSOR_RANK] = {0, i / 5, i % 5};
            bool infinite = isinf(trace_get(screen.trace, masked, index));
            assert_int_equal(infinite, i % 5 > i / 5);
            assert_int_equal(cells->as.cells.hatch[i], infinite);
            assert_int_equal(cells->as.cells.argb[i] == THEME_DARK.masked, infinite);
        }
        screen_free(&screen);
    }
}

/* Which cells the first `count` steps of the head in view write, one step after the other. */
static void written_cells(const Screen *screen, size_t count, uint8_t *written) {
    const Node *node = node_now(screen);
    size_t first, steps, index[TENSOR_RANK];
    state_step_range(screen->trace, screen->state.now.node,
                     state_head(&screen->state, &screen->walk, node_now(screen)), &first, &steps);
    memset(written, 0, node_count(node));
    for (size_t s = first; s < first + count; s++) {
        OpStep step;
        trace_step_at(screen->trace, screen->state.now.node, s, &step);
        for (size_t i = 0; step.writes && i < node_count(node); i++) {
            bool inside = true;
            shape_unravel(node->rank, node->dim, i, index);
            for (int axis = 0; axis < node->rank; axis++)
                inside = inside && index[axis] >= step.write.lo[axis] &&
                         index[axis] < step.write.hi[axis];
            written[i] |= inside;
        }
    }
}

static void check_written(Screen *screen, size_t count) {
    const Node *node = node_now(screen);
    uint8_t *written = malloc(node_count(node));
    assert_non_null(written);
    step_to(screen, count);
    written_cells(screen, count, written);
    const DrawList *list = stage_list(screen);
    const DrawCommand *cells = cells_at(list, find(screen, "stage/result"));
    assert_non_null(cells);
    int head_axis = node_head_axis(node), place = 0;
    for (size_t i = 0; i < node_count(node); i++) {
        size_t index[TENSOR_RANK];
        shape_unravel(node->rank, node->dim, i, index);
        if (head_axis >= 0 && index[head_axis] != screen->state.now.head)
            continue;
        bool pending = cells->as.cells.argb[place] == THEME_DARK.pending;
        if (pending != !written[i])
            fail_msg("%s, %zu steps done: cell %zu is %s", node->name, count, i,
                     pending ? "empty" : "drawn");
        place++;
    }
    assert_int_equal(place, cells->as.cells.rows * cells->as.cells.columns);
    free(written);
}

/* Of every stage that is a grid: nothing is drawn that the steps so far did not write. */
static void cells_are_empty_until_they_are_written(void **state) {
    (void)state;
    Screen screen = screen_new(&TINY, 5, "*,*hook_result", NULL);
    int grids = 0;
    for (int stage = 0; stage < screen.walk.count; stage++) {
        const Node *node = &screen.trace->graph.node[screen.walk.node[stage]];
        if (node->op == OP_TOKENS || node->axis[node->rank - 1] == AXIS_VOCAB)
            continue;
        state_start(&screen.state, screen.trace, &screen.walk, node->name);
        screen.state.now.head = node_head_axis(node) >= 0 ? 1 : 0;
        for (size_t count = 0; count <= screen.walk.steps[stage]; count++)
            check_written(&screen, count);
        grids++;
    }
    assert_true(grids > 40);
    screen_free(&screen);
}

/* ---- the pointer ---- */

static const Intent *intent_of(const Screen *screen, IntentKind kind) {
    for (int i = 0; i < screen->out.count; i++)
        if (screen->out.intent[i].kind == kind)
            return &screen->out.intent[i];
    return NULL;
}

static void hover_reads_the_cell_at_its_very_edges(void **state) {
    (void)state;
    Screen screen = screen_small("blocks.1.attn.hook_attn_scores_raw");
    stage_list(&screen);
    Rect grid = find(&screen, "stage/result");
    for (int place = 0; place < 25; place++) {
        Rect cell = draw_cell_rect(grid, 5, 5, place % 5, place / 5);
        for (int corner = 0; corner < 4; corner++) {
            UiInput input = pointer(cell.x + (corner & 1 ? cell.w - 1 : 0),
                                    cell.y + (corner & 2 ? cell.h - 1 : 0));
            show(&screen, stage_view, &input);
            const Intent *hover = intent_of(&screen, INTENT_HOVER);
            assert_non_null(hover);
            assert_int_equal(hover->index[0], 0);
            assert_int_equal(hover->index[1], place / 5);
            assert_int_equal(hover->index[2], place % 5);
        }
    }
    UiInput outside = pointer(grid.x - 1, grid.y);
    screen.state.hovering = true;
    show(&screen, stage_view, &outside);
    assert_null(intent_of(&screen, INTENT_HOVER));
    assert_non_null(intent_of(&screen, INTENT_HOVER_END));
    screen_free(&screen);
}

static void click(Screen *screen, View *view, int x, int y) {
    UiInput input = pointer(x, y);
    input.mouse_down = input.mouse_pressed = true;
    input.mouse_clicks = 1;
    show(screen, view, &input);
    input.mouse_down = input.mouse_pressed = false;
    input.mouse_released = true;
    input.mouse_clicks = 0;
    ViewInput in = screen_input(screen);
    screen->out.count = 0;
    ui_begin(screen->ui, &input, (Rect){0, 0, screen->w, screen->h});
    view(&in, (Rect){0, 0, screen->w, screen->h});
    ui_end(screen->ui);
}

static void middle_of(Rect rect, int *x, int *y) {
    *x = rect.x + rect.w / 2;
    *y = rect.y + rect.h / 2;
}

/* A column of Kᵀ is a row of K: the click leads to the record's own index. */
static void click_on_an_operand_goes_to_its_own_cell(void **state) {
    (void)state;
    Screen screen = screen_small("blocks.1.attn.hook_attn_scores_raw");
    screen.state.now.head = 1;
    stage_list(&screen);
    int x, y;
    Rect keys = find(&screen, "stage/in1"), grid = find(&screen, "stage/result");
    middle_of(draw_cell_rect(keys, 5, 4, 3, 2), &x, &y);
    click(&screen, stage_view, x, y);
    const Intent *go = intent_of(&screen, INTENT_GO_CELL);
    assert_non_null(go);
    assert_string_equal(screen.trace->graph.node[go->node].name, "blocks.1.attn.hook_k");
    assert_int_equal(go->index[0], 3);
    assert_int_equal(go->index[1], 1);
    assert_int_equal(go->index[2], 2);
    middle_of(draw_cell_rect(grid, 5, 5, 4, 2), &x, &y);
    click(&screen, stage_view, x, y);
    const Intent *pin = intent_of(&screen, INTENT_PIN);
    assert_non_null(pin);
    assert_int_equal(pin->index[0], 1);
    assert_int_equal(pin->index[1], 2);
    assert_int_equal(pin->index[2], 4);
    screen_free(&screen);
}

static void marks_lie_on_their_cells(void **state) {
    (void)state;
    Screen screen = screen_small("blocks.1.attn.hook_attn_scores_raw");
    stage_list(&screen);
    Rect grid = find(&screen, "stage/result"), mark = find(&screen, "stage/result[3,1]");
    Rect cell = draw_cell_rect(grid, 5, 5, 1, 3);
    assert_memory_equal(&mark, &cell, sizeof mark);
    screen_free(&screen);
}

static void heads_can_be_chosen(void **state) {
    (void)state;
    Screen screen = screen_small("blocks.0.attn.hook_pattern");
    stage_list(&screen);
    int x, y;
    middle_of(find(&screen, "stage/head/1"), &x, &y);
    click(&screen, stage_view, x, y);
    const Intent *head = intent_of(&screen, INTENT_HEAD);
    assert_non_null(head);
    assert_int_equal(head->value, 1);
    screen_free(&screen);
}

/* ---- reduction ---- */

/* With fewer places than cells, the largest of a group stands for it, and no extreme is lost. */
static void extremes_survive_reduction(void **state) {
    (void)state;
    float numbers[40] = {0};
    for (int i = 0; i < 40; i++)
        numbers[i] = 0.1F;
    numbers[17] = -9;
    numbers[31] = 5;
    numbers[32] = -INFINITY;
    Tensor tensor = tensor_dense(DTYPE_F32, 2, (const size_t[]){2, 20}, numbers);
    Heat heat = {.matrix = matrix_of(tensor, (AxisRun){0, 1}, (AxisRun){1, 1}, NULL)};
    heat_place(&heat, 0, 0, fit_axis(2, 30, 9), fit_axis(20, 7, 9));
    assert_int_equal(heat.across.group, 3);
    assert_int_equal(heat.across.shown, 7);
    size_t row, column;
    heat_cell(&heat, 5, 0, &row, &column);
    assert_int_equal(column, 17);
    heat_cell(&heat, 3, 1, &row, &column);
    assert_int_equal(column, 11);
    assert_int_equal(row, 1);
    heat_cell(&heat, 4, 1, &row, &column);
    assert_true(column != 12); /* not the −∞ */
    Rect last = heat_rect(&heat, 1, 19);
    assert_int_equal(last.x + last.w, heat.rect.x + heat.rect.w);
}

static void axes_fit_their_room(void **state) {
    (void)state;
    for (size_t cells = 1; cells < 600; cells += 7)
        for (int points = -5; points < 500; points += 11) {
            Fit fit = fit_axis(cells, points, 30);
            assert_true(fit.size >= 1 && fit.size <= 30 && fit.shown >= 1);
            assert_true(fit_length(&fit) <= (points < 1 ? 1 : points));
            assert_true((size_t)fit.shown * fit.group >= cells);
            assert_true((size_t)(fit.shown - 1) * fit.group < cells);
        }
}

/* ---- inspector ---- */

/* A number as it is shown: "−0.786". */
static bool shown_number(const DrawCommand *command, double *value, int *decimals) {
    char text[64], ascii[64], *end;
    size_t used = 0;
    if (command->kind != DRAW_TEXT || command->as.text.bytes >= sizeof text)
        return false;
    memcpy(text, command->as.text.text, command->as.text.bytes);
    text[command->as.text.bytes] = '\0';
    for (const char *at = text; *at; at++)
        if (strncmp(at, "−", 3) == 0) {
            ascii[used++] = '-';
            at += 2;
        } else {
            ascii[used++] = *at;
        }
    ascii[used] = '\0';
    *value = strtod(ascii, &end);
    const char *point = strchr(ascii, '.');
    *decimals = point ? (int)strlen(point + 1) : 0;
    return used > 0 && *end == '\0';
}

static bool shows_number(const DrawList *list, double wanted, Color color, double *shown) {
    for (size_t i = 0; i < list->count; i++) {
        double value;
        int decimals;
        if (list->commands[i].color == color &&
            shown_number(&list->commands[i], &value, &decimals) && decimals > 0 &&
            fabs(value - wanted) <= 0.5001 * pow(10, -decimals)) {
            *shown = value;
            return true;
        }
    }
    return false;
}

typedef struct {
    const DrawList *list;
    double sum; /* of the products of what is shown */
} Shown;

static void check_term(void *user, size_t number, const Term *term) {
    Shown *shown = user;
    double query = 0, key = 0;
    if (!shows_number(shown->list, term->operand[0].value, THEME_DARK.query, &query) ||
        !shows_number(shown->list, term->operand[1].value, THEME_DARK.key, &key))
        fail_msg("term %zu is not shown", number);
    shown->sum += query * key;
}

/* Every operand in its role's colour; the products of the shown digits add up to the shown sum. */
static void inspector_shows_every_operand(void **state) {
    (void)state;
    Screen screen = screen_small("blocks.1.attn.hook_attn_scores_raw");
    screen.w = 304;
    const size_t index[TENSOR_RANK] = {0, 3, 1};
    apply(&screen, INTENT_PIN, index);
    UiInput input = NOWHERE;
    Shown shown = {show(&screen, inspector_view, &input), 0};
    Explanation made;
    Err err;
    assert_true(
        trace_explain(screen.trace, screen.state.now.node, index, check_term, &shown, &made, &err));
    double value = trace_get(screen.trace, screen.state.now.node, index), sum;
    assert_true(shows_number(shown.list, value, THEME_DARK.hand, &sum));
    assert_true(fabs(shown.sum - sum) <= pow(10, -text_decimals(fabs(value))));
    assert_true(draw_list_has_text(shown.list, &TEXT_FIXED, "sum of 4 products"));
    screen_free(&screen);
}

static void operand_links_lead_to_their_records(void **state) {
    (void)state;
    Screen screen = screen_small("blocks.1.attn.hook_attn_scores_raw");
    screen.w = 304;
    apply(&screen, INTENT_PIN, (const size_t[TENSOR_RANK]){0, 3, 1});
    UiInput input = NOWHERE;
    show(&screen, inspector_view, &input);
    int x, y;
    middle_of(find(&screen, "inspector/term/2/1"), &x, &y);
    click(&screen, inspector_view, x, y);
    const Intent *go = intent_of(&screen, INTENT_GO_CELL);
    assert_non_null(go);
    assert_string_equal(screen.trace->graph.node[go->node].name, "blocks.1.attn.hook_k");
    assert_int_equal(go->index[0], 1);
    assert_int_equal(go->index[1], 0);
    assert_int_equal(go->index[2], 2);
    screen_free(&screen);
}

/* Only lines in view are drawn, and the last one comes into view by scrolling. */
static void long_tables_scroll(void **state) {
    (void)state;
    Screen screen = screen_new(&(TinyModel){.tokenizer = true, .d_model = 128, .n_heads = 4}, 5,
                               NULL, NULL);
    screen.w = 304;
    state_start(&screen.state, screen.trace, &screen.walk, "blocks.0.attn.hook_q");
    apply(&screen, INTENT_PIN, (const size_t[TENSOR_RANK]){2, 0, 1});
    screen.state.terms_turned = true; /* of so many terms: in the order of addition */
    UiInput input = NOWHERE;
    show(&screen, inspector_view, &input);
    Rect rect;
    assert_true(ui_find(screen.ui, "inspector/term/0/0", &rect, NULL));
    assert_false(ui_find(screen.ui, "inspector/term/127/0", &rect, NULL));
    screen.widgets.inspector.offset = 100000;
    show(&screen, inspector_view, &input);
    assert_false(ui_find(screen.ui, "inspector/term/0/0", &rect, NULL));
    assert_true(ui_find(screen.ui, "inspector/term/127/0", &rect, NULL));
    screen_free(&screen);
}

static void terms_can_be_sorted(void **state) {
    (void)state;
    Screen screen = screen_small("blocks.0.attn.hook_q");
    screen.w = 304;
    screen.h = 900;
    const size_t index[TENSOR_RANK] = {2, 0, 1};
    apply(&screen, INTENT_PIN, index);
    screen.state.terms_turned = true;
    UiInput input = NOWHERE;
    show(&screen, inspector_view, &input);
    OpCall call;
    assert_true(trace_call(screen.trace, screen.state.now.node, &call));
    double before = INFINITY;
    for (int line = 0, last = -1; line < 8; line++) {
        int term = -1, y = HEIGHT * 2;
        for (int i = 0; i < 8; i++) {
            Rect rect = find(&screen, arena_printf(&screen.arena, "inspector/term/%d/0", i));
            if (rect.y > last && rect.y < y) {
                y = rect.y;
                term = i;
            }
        }
        last = y;
        double x = tensor_get(&call.in[0], (const size_t[]){2, (size_t)term});
        double w = tensor_get(&call.in[1], (const size_t[]){(size_t)term, 0, 1});
        assert_true(fabs(x * w) <= before);
        before = fabs(x * w);
    }
    screen_free(&screen);
}

/* ---- what is told while a stage is under way ---- */

static bool says(const DrawList *list, const char *text) {
    return draw_list_has_text(list, &TEXT_FIXED, text);
}

/* The sentence of a score speaks of the keys that have one, however large the others will be. */
static void sentences_use_finished_cells_only(void **state) {
    (void)state;
    Screen screen = screen_small("blocks.1.attn.hook_attn_scores_raw");
    UiInput input = NOWHERE;
    screen.w = 304;
    screen.h = 900;
    for (size_t done = 1; done <= 4; done++) {
        step_to(&screen, 20 + done); /* the last row, whose five keys are all allowed */
        const DrawList *list = show(&screen, inspector_view, &input);
        size_t best = 0;
        for (size_t key = 1; key < done; key++)
            if (trace_get(screen.trace, screen.state.now.node,
                          (const size_t[TENSOR_RANK]){0, 4, key}) >
                trace_get(screen.trace, screen.state.now.node,
                          (const size_t[TENSOR_RANK]){0, 4, best}))
                best = key;
        assert_true(says(list, arena_printf(&screen.arena, "%zu of the 5 keys", done)));
        double value = trace_get(screen.trace, screen.state.now.node,
                                 (const size_t[TENSOR_RANK]){0, 4, best});
        assert_true(says(
            list, arena_printf(&screen.arena, "(%s)",
                               text_number(&screen.arena, value, text_decimals(fabs(value))))));
    }
    state_start(&screen.state, screen.trace, &screen.walk, "blocks.1.attn.hook_attn_scores_raw");
    apply(&screen, INTENT_PIN, (const size_t[TENSOR_RANK]){0, 4, 1});
    assert_true(says(show(&screen, inspector_view, &input), "Of the 5 keys"));
    screen_free(&screen);
}

/* Neither the bar, nor the panel's title, nor the inspector tells limits before all is computed. */
static void limits_are_told_at_the_end(void **state) {
    (void)state;
    Screen screen = screen_small("blocks.1.attn.hook_attn_scores_raw");
    UiInput input = NOWHERE;
    double low = INFINITY;
    for (size_t i = 0; i < 25; i++)
        low = fmin(low, trace_get(screen.trace, screen.state.now.node,
                                  (const size_t[TENSOR_RANK]){0, i / 5, i % 5}));
    const char *least = text_number(&screen.arena, low, text_decimals(fabs(low)));
    for (size_t step = 0; step <= 25; step++) {
        bool whole = step == 25;
        step_to(&screen, step);
        screen.w = WIDTH;
        const DrawList *list = stage_list(&screen);
        Rect grid = find(&screen, "stage/result"), beside = {grid.x + grid.w, 0, WIDTH, HEIGHT};
        assert_int_equal(text_at(list, "…", 0, beside) == NULL, whole);
        assert_int_equal(says(list, least), whole);
        screen.w = 304;
        list = show(&screen, inspector_view, &input);
        if (step == 0)
            assert_true(says(list, "told after the last step"));
        if (whole)
            assert_true(says(list, "VALUES OF HEAD 0"));
    }
    screen_free(&screen);
}

/* ---- one scale for several panels ---- */

/* A cell that an operation leaves as it is keeps its colour; one that it divides has another. */
static void equal_numbers_have_equal_colours(void **state) {
    (void)state;
    Screen screen = screen_small("blocks.1.attn.hook_attn_scores");
    const DrawList *list = stage_list(&screen);
    const DrawCommand *from = cells_at(list, find(&screen, "stage/in0"));
    const DrawCommand *to = cells_at(list, find(&screen, "stage/result"));
    for (size_t i = 0; i < 25; i++)
        if (i % 5 <= i / 5)
            assert_int_equal(from->as.cells.argb[i], to->as.cells.argb[i]);
    state_start(&screen.state, screen.trace, &screen.walk, "blocks.1.attn.hook_attn_scores_scaled");
    list = stage_list(&screen);
    from = cells_at(list, find(&screen, "stage/in0"));
    to = cells_at(list, find(&screen, "stage/result"));
    assert_int_not_equal(from->as.cells.argb[12], to->as.cells.argb[12]);
    screen_free(&screen);
}

/* ---- what is shown bears itself out ---- */

/* The line of words that begins with this command, in ASCII but for its first sign. */
static void line_from(const DrawList *list, size_t first, char *line, size_t size) {
    float baseline = list->commands[first].as.text.baseline;
    size_t used = 0;
    for (size_t i = first; i < list->count && used + 2 < size; i++) {
        const DrawCommand *c = &list->commands[i];
        if (c->kind != DRAW_TEXT || c->as.text.baseline != baseline)
            break;
        const char *text = c->as.text.text;
        for (size_t b = 0; b < c->as.text.bytes && used + 2 < size; b++) {
            bool minus = strncmp(text + b, "−", 3) == 0;
            line[used++] = minus ? '-' : text[b];
            b += minus ? 2 : 0;
        }
        line[used++] = ' ';
    }
    line[used] = '\0';
}

/* Of "= 3.186 + (−0.453)" the sum; false where the line is none. */
static bool shown_sum(const DrawList *list, size_t first, double *sum) {
    char line[256], *end;
    line_from(list, first, line, sizeof line);
    for (char *at = line; *at; at++)
        *at = *at == '(' || *at == ')' ? ' ' : *at;
    *sum = strtod(line + 1, &end);
    char *plus = strchr(end, '+');
    if (line[0] != '=' || !plus)
        return false;
    *sum += strtod(plus + 1, &end);
    return end[strspn(end, " ")] == '\0';
}

static bool begins(const DrawCommand *command, const char *text) {
    return command->kind == DRAW_TEXT && command->as.text.bytes >= strlen(text) &&
           memcmp(command->as.text.text, text, strlen(text)) == 0;
}

/* The numbers that are shown of a sum give the sum that is shown. */
static void shown_sums_add_up(void **state) {
    (void)state;
    Screen screen = screen_small("blocks.1.hook_resid_mid");
    UiInput input = NOWHERE;
    screen.w = 600;
    int sums = 0, exact = 0;
    for (size_t cell = 0; cell < 40; cell++) {
        const size_t index[TENSOR_RANK] = {cell / 8, cell % 8};
        memcpy(screen.state.now.cell, index, sizeof index);
        screen.state.now.pinned = true;
        const DrawList *list = show(&screen, inspector_view, &input);
        double value = trace_get(screen.trace, screen.state.now.node, index), sum;
        const char *shown = text_number(&screen.arena, value, text_decimals(fabs(value)));
        for (size_t i = 0; i < list->count; i++) {
            if (begins(&list->commands[i], "≈"))
                sums++; /* it owns up to it */
            if (!begins(&list->commands[i], "=") || !shown_sum(list, i, &sum))
                continue;
            exact++;
            sums++;
            assert_string_equal(text_number(&screen.arena, sum, text_decimals(fabs(value))), shown);
        }
    }
    assert_true(exact > 35);
    assert_int_equal(sums, 40);
    screen_free(&screen);
}

/* ---- a number of a weight ---- */

static void weight_is_framed_and_named(void **state) {
    (void)state;
    Screen screen = screen_small("blocks.0.attn.hook_q");
    apply(&screen, INTENT_PIN, (const size_t[TENSOR_RANK]){2, 1, 3});
    size_t before = stage_list(&screen)->count;
    UiInput input = NOWHERE;
    int x, y;
    screen.w = 304;
    show(&screen, inspector_view, &input);
    middle_of(find(&screen, "inspector/term/5/1"), &x, &y);
    click(&screen, inspector_view, x, y);
    assert_null(intent_of(&screen, INTENT_GO_CELL));
    /* d_model 5, head 1, d_head 3 of 2 heads of 4: column 7 of the fused matrix */
    assert_true(says(show(&screen, inspector_view, &input), "c_attn.weight[5, 7] ="));
    screen.w = WIDTH;
    const DrawList *list = stage_list(&screen);
    assert_int_equal(list->count, before + 1);
    Rect grid = find(&screen, "stage/in1"), cell = draw_cell_rect(grid, 4, 8, 3, 5);
    bool framed = false;
    for (size_t i = 0; i < list->count; i++) {
        const DrawCommand *c = &list->commands[i];
        framed = framed ||
                 (c->kind == DRAW_CELL_FRAME && c->color == THEME_DARK.hand &&
                  c->as.cell_frame.column == 3 && c->as.cell_frame.row == 5 &&
                  c->as.cell_frame.column_count == 1 && c->as.cell_frame.row_count == 1 &&
                  memcmp(&c->rect, &grid, sizeof grid) == 0) ||
                 (c->kind == DRAW_FRAME && c->color == THEME_DARK.hand &&
                  rect_has(c->rect, cell.x, cell.y) && c->rect.w < cell.w + 8);
    }
    assert_true(framed);
    apply(&screen, INTENT_PIN, (const size_t[TENSOR_RANK]){2, 1, 2}); /* of this cell it is none */
    screen.w = 304;
    assert_false(says(show(&screen, inspector_view, &input), "c_attn.weight[5, 7] ="));
    screen_free(&screen);
}

static void small_shares_are_not_shown_as_zero(void **state) {
    (void)state;
    Arena arena = {0};
    assert_string_equal(scale_with_decimals(&arena, SCALE_SHARE, 0, 2), "0.00 %");
    assert_string_equal(scale_with_decimals(&arena, SCALE_SHARE, 1e-9, 2), "< 0.01 %");
    assert_string_equal(scale_with_decimals(&arena, SCALE_SHARE, 0.00006, 2), "0.01 %");
    arena_free(&arena);
}

/* Bars of logits begin at a common zero: the larger a negative number, the shorter its bar. */
static void negative_bars_grow_to_the_left(void **state) {
    (void)state;
    Screen screen = screen_small("logits");
    const Tensor *logits = &screen.trace->value[trace_find(screen.trace, "logits")];
    size_t V = logits->dim[1];
    float *row = tensor_f32(logits) + (screen.trace->own.length - 1) * V;
    for (size_t v = 0; v < V; v++) /* all negative; the first is the largest */
        row[v] = -1.0f - (float)v;
    const DrawList *list = stage_list(&screen);
    int right = -1, width = -1, bars = 0;
    for (size_t i = 0; i < list->count; i++) {
        const DrawCommand *c = &list->commands[i];
        Rect top;
        char id[32];
        snprintf(id, sizeof id, "stage/top/%d", bars);
        if (c->kind != DRAW_RECT || !ui_find(screen.ui, id, &top, NULL) || c->rect.y != top.y + 2 ||
            c->rect.h != top.h - 4)
            continue;
        assert_true(width < 0 || c->rect.w > width);
        assert_true(right < 0 || abs(c->rect.x + c->rect.w - right) <= 1);
        width = c->rect.w;
        right = c->rect.x + c->rect.w;
        bars++;
    }
    assert_true(bars >= 5);
    screen_free(&screen);
}

/* ---- everything, everywhere ---- */

static void draw_everywhere(Screen *screen) {
    static const int sizes[][2] = {{1184, 980}, {760, 604}, {468, 340}, {208, 216}, {60, 40}};
    UiInput input = pointer(100, 160);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        screen->w = sizes[s][0];
        screen->h = sizes[s][1];
        show(screen, stage_view, &input);
        screen->w = screen->w > 400 ? 368 : 248;
        show(screen, inspector_view, &input);
    }
}

/* Each record of the tiles shown, with its last cell in hand. */
static void draw_records(Screen *screen, bool *seen) {
    Tiles tiles;
    if (!tiles_of(&screen->trace->graph, screen->state.now.node, &tiles))
        return;
    for (int i = 0; i < TILE_RECORDS; i++) {
        const Node *node = &screen->trace->graph.node[tiles.record[i]];
        size_t index[TENSOR_RANK] = {0};
        for (int axis = 0; axis < node->rank; axis++)
            index[axis] = node->dim[axis] - 1;
        screen->state.now.node = tiles.record[i];
        apply(screen, INTENT_PIN, index);
        seen[node->op] = true;
        draw_everywhere(screen);
    }
}

static void draw_all_stages(Screen *screen, bool *seen) {
    for (int stage = 0; stage < screen->walk.count; stage++) {
        const Node *node = &screen->trace->graph.node[screen->walk.node[stage]];
        state_start(&screen->state, screen->trace, &screen->walk, node->name);
        screen->state.now.head = node->op == OP_FLASH ? node->param.flash.head : 0;
        draw_records(screen, seen);
        screen->state.now.node = screen->walk.node[stage];
        screen->state.now.pinned = false;
        seen[node->op] = true;
        draw_everywhere(screen);
        size_t index[TENSOR_RANK] = {0};
        for (int axis = 0; axis < node->rank; axis++)
            index[axis] = node->dim[axis] - 1;
        apply(screen, INTENT_PIN, index);
        draw_everywhere(screen);
        step_to(screen, screen->walk.steps[stage] / 2);
        draw_everywhere(screen);
        step_to(screen, 0);
        draw_everywhere(screen);
    }
}

/* Every operation of the table, at every size, from one token to forty. */
static void every_stage_draws_at_every_size(void **state) {
    (void)state;
    static const size_t lengths[] = {1, 2, 7, 40};
    static const SampleOptions drawn = {.temperature = 0.8, .top_k = 5, .top_p = 0.9, .seed = 1};
    SampleOptions greedy = SAMPLE_GREEDY;
    bool seen[OP_COUNT] = {false};
    TinyModel tiny = TINY;
    tiny.n_layers = 1;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        Screen screen = screen_new(&tiny, lengths[i], "*,*hook_result", i % 2 ? &drawn : &greedy);
        draw_all_stages(&screen, seen);
        screen_free(&screen);
    }
    for (size_t i = 0; i < FIXTURE_FOLDER_COUNT; i++) {
        Screen screen = screen_golden(&FIXTURE_FOLDERS[i], 7);
        draw_all_stages(&screen, seen);
        screen_free(&screen);
    }
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        Screen screen = screen_by_hand(lengths[i]);
        draw_all_stages(&screen, seen);
        screen_free(&screen);
    }
    for (int op = 0; op < OP_COUNT; op++)
        if (!seen[op] && op != OP_SAME && op != OP_INPUT) /* no stages of a prompt's trace */
            fail_msg("no stage of operation %s was drawn", op_info((OpId)op)->name);
}

/* ---- formulas ---- */

static void check_formulas(Screen *screen, bool *seen) {
    for (int node = 0; node < screen->trace->graph.count; node++) {
        OpCall call;
        trace_call(screen->trace, node, &call); /* a formula needs no values */
        size_t where = 0;
        if (!formula_valid(op_formula(&call), &where))
            fail_msg("%s: not well formed at %zu", op_formula(&call), where);
        seen[call.op] = true;
    }
    screen_free(screen);
}

/* Of each operation, and of each kind that models here have. */
static void every_formula_is_well_formed(void **state) {
    (void)state;
    static const char *const acts[] = {"gelu_new", "gelu", "relu", "silu"};
    static const SampleOptions all = {.temperature = 1, .top_p = 1};
    static const SampleOptions few = {.temperature = 1, .top_k = 5, .top_p = 0.9};
    const SampleOptions *const samples[] = {&all, &few, &SAMPLE_GREEDY, NULL};
    bool seen[OP_COUNT] = {[OP_INPUT] = true}; /* a sampling's own trace has it: "x" */
    for (size_t i = 0; i < 4; i++) {
        TinyModel tiny = TINY;
        tiny.act = acts[i];
        Screen screen = screen_new(&tiny, 3, "*,*hook_result", samples[i]);
        check_formulas(&screen, seen);
    }
    for (size_t i = 0; i < FIXTURE_FOLDER_COUNT; i++) {
        Screen screen = screen_golden(&FIXTURE_FOLDERS[i], 3);
        check_formulas(&screen, seen);
    }
    Screen by_hand = screen_by_hand(3);
    check_formulas(&by_hand, seen);
    for (int op = 0; op < OP_COUNT; op++) {
        assert_true(seen[op]);
        assert_true(formula_valid(op_info((OpId)op)->formula, NULL));
    }
}

/* Stages whose inputs were not kept show what there is. */
static void missing_inputs_are_said(void **state) {
    (void)state;
    Screen screen = screen_new(&TINY, 4, "hook_tokens,*hook_pattern,logits", NULL);
    bool seen[OP_COUNT] = {false};
    draw_all_stages(&screen, seen);
    screen.w = WIDTH;
    screen.h = HEIGHT;
    state_start(&screen.state, screen.trace, &screen.walk, "blocks.0.attn.hook_pattern");
    assert_true(draw_list_has_text(stage_list(&screen), &TEXT_FIXED, "not kept"));
    screen_free(&screen);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_labelled_query_by_key),
        cmocka_unit_test(weighted_sum_is_labelled_by_keys),
        cmocka_unit_test(bar_prints_the_limits_of_the_head_in_view),
        cmocka_unit_test(scale_is_symmetric_about_zero),
        cmocka_unit_test(hatched_exactly_where_masked),
        cmocka_unit_test(cells_are_empty_until_they_are_written),
        cmocka_unit_test(hover_reads_the_cell_at_its_very_edges),
        cmocka_unit_test(click_on_an_operand_goes_to_its_own_cell),
        cmocka_unit_test(marks_lie_on_their_cells),
        cmocka_unit_test(heads_can_be_chosen),
        cmocka_unit_test(extremes_survive_reduction),
        cmocka_unit_test(axes_fit_their_room),
        cmocka_unit_test(inspector_shows_every_operand),
        cmocka_unit_test(operand_links_lead_to_their_records),
        cmocka_unit_test(long_tables_scroll),
        cmocka_unit_test(terms_can_be_sorted),
        cmocka_unit_test(sentences_use_finished_cells_only),
        cmocka_unit_test(limits_are_told_at_the_end),
        cmocka_unit_test(equal_numbers_have_equal_colours),
        cmocka_unit_test(shown_sums_add_up),
        cmocka_unit_test(weight_is_framed_and_named),
        cmocka_unit_test(small_shares_are_not_shown_as_zero),
        cmocka_unit_test(negative_bars_grow_to_the_left),
        cmocka_unit_test(every_stage_draws_at_every_size),
        cmocka_unit_test(every_formula_is_well_formed),
        cmocka_unit_test(missing_inputs_are_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
