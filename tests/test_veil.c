/* app/views/common_veil.h: what a question hides stands nowhere on the screen: every stage of every
 * family is drawn with its record hidden, and with one of its cells hidden, in hand, whole, half done
 * and pointed at, and no text is the hidden number, however many digits it has. */
#include "app/views/common_scale.h"
#include "app/views/inspector.h"
#include "app/views/map.h"
#include "app/views/prompt.h"
#include "app/views/stage.h"
#include "app/views/timeline.h"
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

/* ---- what is hidden: a record, or one cell of it, and all that is made from it ---- */

typedef struct {
    const Trace *trace;
    int node;
    bool one; /* this cell alone: */
    size_t cell[TENSOR_RANK];
    bool *after; /* [graph.count] made from it */
} Hidden;

static void find_after(Hidden *hidden, Arena *arena) {
    const Graph *graph = &hidden->trace->graph;
    hidden->after = ARENA_NEW_N(arena, bool, (size_t)graph->count);
    for (int i = hidden->node + 1; i < graph->count; i++)
        for (int k = 0; k < graph->node[i].n_in; k++) {
            Ref ref = graph->node[i].in[k];
            int from = ref.kind == REF_NODE ? graph_owner(graph, ref.index) : -1;
            hidden->after[i] = hidden->after[i] || from == hidden->node ||
                               (from >= 0 && hidden->after[from]);
        }
}

static VeilKind hides_record(void *user, int node) {
    const Hidden *hidden = user;
    if (hidden->after[node] || (node == hidden->node && !hidden->one))
        return VEIL_RECORD;
    return node == hidden->node ? VEIL_CELLS : VEIL_NOTHING;
}

static bool hides_cell(void *user, int node, const size_t *index) {
    const Hidden *hidden = user;
    size_t rank = (size_t)hidden->trace->graph.node[node].rank;
    return node == hidden->node && hidden->one &&
           memcmp(index, hidden->cell, rank * sizeof *index) == 0;
}

/* ---- numbers as they could be written ---- */

typedef struct {
    const char **text;
    size_t count, room;
} Texts;

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_text(Texts *texts, Arena *arena, const char *text) {
    if (texts->count == texts->room) {
        size_t room = texts->room * 2 + 256;
        const char **more = ARENA_NEW_N(arena, const char *, room);
        if (texts->count > 0)
            memcpy(more, texts->text, texts->count * sizeof *more);
        texts->text = more;
        texts->room = room;
    }
    texts->text[texts->count++] = text;
}

/* With so many digits that two numbers are not written alike by chance. */
static void add_number(Texts *texts, Arena *arena, double value) {
    if (!isfinite(value))
        return;
    double sizes[] = {value, 100 * value};
    for (size_t k = 0; k < 2; k++) {
        int base = text_decimals(fabs(sizes[k]));
        if (fabs(sizes[k] - round(sizes[k])) < 1e-3) /* too common */
            continue;
        for (int more = 0; more < 4; more++)
            add_text(texts, arena, text_number(arena, sizes[k], base + more));
    }
}

static void add_tensor(Texts *texts, Arena *arena, const Tensor *tensor) {
    for (size_t i = 0; tensor->data && i < tensor_count(tensor); i++) {
        size_t index[TENSOR_RANK] = {0};
        shape_unravel(tensor->rank, tensor->dim, i, index);
        add_number(texts, arena, tensor_get(tensor, index));
    }
}

static bool has_text(const Texts *texts, const char *text) {
    return texts->count > 0 &&
           bsearch(&text, texts->text, texts->count, sizeof *texts->text, by_text) != NULL;
}

static bool of_number(const char *at) {
    return (*at >= '0' && *at <= '9') || *at == '.' || strncmp(at, "−", 3) == 0 ||
           (at[0] == '\x88' || at[0] == '\x92');
}

/* The numbers in a text, cut out of it, that have three digits or more. */
static const char *secret_in(const char *text, const Texts *secret, const Texts *known) {
    static char number[64];
    for (const char *at = text; *at; at++) {
        size_t size = 0;
        int digits = 0;
        if (!of_number(at) || (at > text && of_number(at - 1)))
            continue;
        for (; at[size] && size + 4 < sizeof number && (of_number(at + size) || size == 0);) {
            size_t bytes = strncmp(at + size, "−", 3) == 0 ? 3 : 1;
            if (bytes == 3 && size > 0)
                break;
            digits += at[size] >= '0' && at[size] <= '9' && (at[size] != '0' || digits > 0);
            memcpy(number + size, at + size, bytes);
            size += bytes;
        }
        number[size] = '\0';
        if (digits >= 3 && has_text(secret, number) && !has_text(known, number))
            return number;
    }
    return NULL;
}

/* ---- drawing ---- */

typedef struct {
    Screen screen;
    int shown; /* the record that is looked at */
    Hidden hidden;
    Veil *veil;
    Texts secret, known;
    Arena arena;
} Veiled;

typedef void View(const ViewInput *in, Rect area);

static void check_list(Veiled *veiled, const DrawList *list) {
    const Trace *trace = veiled->screen.trace;
    for (size_t i = 0; i < list->count; i++) {
        const DrawCommand *c = &list->commands[i];
        if (c->kind != DRAW_TEXT)
            continue;
        char *text = arena_copy_bytes(&veiled->arena, c->as.text.text, c->as.text.bytes);
        const char *told = secret_in(text, &veiled->secret, &veiled->known);
        if (told)
            fail_msg("%s, shown at %s, step %zu: “%s” tells %s",
                     trace->graph.node[veiled->hidden.node].name,
                     trace->graph.node[veiled->screen.state.now.node].name,
                     veiled->screen.state.now.step, text, told);
        if (strstr(text, "NaN"))
            fail_msg("%s, shown at %s: “%s”", trace->graph.node[veiled->hidden.node].name,
                     trace->graph.node[veiled->screen.state.now.node].name, text);
    }
}

static void show(Veiled *veiled, View *view, int w, int h, int x, int y) {
    Screen *screen = &veiled->screen;
    for (int frame = 0; frame < 2; frame++) {
        ViewInput in = screen_input(screen);
        UiInput input = {.mouse_x = x, .mouse_y = y, .now_ms = 5000 * (uint64_t)frame};
        in.trace = veiled->veil ? &veiled->veil->trace : screen->trace;
        screen->out.count = 0;
        ui_begin(screen->ui, &input, (Rect){0, 0, w, h});
        view(&in, (Rect){0, 0, w, h});
        ui_end(screen->ui);
    }
    check_list(veiled, ui_list(screen->ui));
}

static void show_all(Veiled *veiled) {
    Screen *screen = &veiled->screen;
    Rect cell;
    show(veiled, stage_view, 1000, 700, -1, -1);
    char id[64];
    const Node *node = &screen->trace->graph.node[screen->state.now.node];
    const size_t *at = veiled->hidden.cell;
    snprintf(id, sizeof id, "stage/result[%zu,%zu]", node->rank > 1 ? at[node->rank - 2] : 0,
             at[node->rank - 1]);
    if (ui_find(screen->ui, id, &cell, NULL))
        show(veiled, stage_view, 1000, 700, cell.x + cell.w / 2, cell.y + cell.h / 2);
    show(veiled, stage_view, 468, 340, 100, 160);
    show(veiled, inspector_view, 304, 700, -1, -1);
    show(veiled, timeline_view, 1000, 100, -1, -1);
    show(veiled, prompt_view, 1000, 120, 400, 80);
    show(veiled, map_view, 216, 600, 100, 100);
}

static size_t half(size_t n) {
    return n / 2;
}

/* In each of the ways in which a reader can look at the stage. */
static void look(Veiled *veiled) {
    Screen *screen = &veiled->screen;
    const Trace *seen = veiled->veil ? &veiled->veil->trace : screen->trace;
    screen->state.veil = NULL;
    state_start(&screen->state, seen, &screen->walk, screen->trace->graph.node[veiled->shown].name);
    screen->state.veil = veiled->veil;
    show_all(veiled);
    size_t steps = state_steps(&screen->state, &screen->walk);
    const size_t at[] = {0, 1, half(steps), steps > 1 ? steps - 1 : 0, steps};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        screen->state.now.step = at[i] < steps ? at[i] : steps;
        screen->state.stepped = true;
        show_all(veiled);
    }
    Intent pin = {.kind = INTENT_PIN, .node = screen->state.now.node};
    if (veiled->shown == veiled->hidden.node)
        memcpy(pin.index, veiled->hidden.cell, sizeof pin.index);
    state_apply(&screen->state, seen, &screen->walk, &pin, 0);
    show_all(veiled);
    state_apply(&screen->state, seen, &screen->walk, &(Intent){.kind = INTENT_TERMS}, 0);
    show_all(veiled);
}

static void sort(Texts *texts) {
    if (texts->count > 0)
        qsort(texts->text, texts->count, sizeof *texts->text, by_text);
}

static void know_term(void *user, size_t number, const Term *term) {
    Veiled *veiled = user;
    (void)number;
    add_number(&veiled->known, &veiled->arena, term->value);
}

/* The numbers that may be seen: those that the hidden ones are made from; of one cell's several terms
 * what each comes to. */
static void know_operands(Veiled *veiled) {
    OpCall call;
    trace_call(veiled->screen.trace, veiled->hidden.node, &call);
    for (int i = 0; i < call.n_in; i++)
        add_tensor(&veiled->known, &veiled->arena, &call.in[i]);
    Explanation made;
    op_explain(&call, veiled->hidden.cell, NULL, NULL, &made);
    if (veiled->hidden.one && made.terms > 1)
        op_explain(&call, veiled->hidden.cell, know_term, veiled, &made);
    if (veiled->hidden.one) /* its neighbours */
        for (size_t i = 0; i < tensor_count(&call.out); i++) {
            size_t index[TENSOR_RANK] = {0};
            shape_unravel(call.out.rank, call.out.dim, i, index);
            if (!hides_cell(&veiled->hidden, veiled->hidden.node, index))
                add_number(&veiled->known, &veiled->arena, tensor_get(&call.out, index));
        }
    sort(&veiled->known);
}

static void know_secret(Veiled *veiled) {
    const Trace *trace = veiled->screen.trace;
    const Tensor *out = &trace->value[veiled->hidden.node];
    if (veiled->hidden.one)
        add_number(&veiled->secret, &veiled->arena, tensor_get(out, veiled->hidden.cell));
    else
        add_tensor(&veiled->secret, &veiled->arena, out);
    sort(&veiled->secret);
}

/* What else the reader is made from. */
static void know_others(Veiled *veiled, int reader) {
    OpCall call;
    trace_call(veiled->screen.trace, reader, &call);
    for (int i = 0; i < call.n_in; i++)
        if (call.in[i].data != veiled->screen.trace->value[veiled->hidden.node].data)
            add_tensor(&veiled->known, &veiled->arena, &call.in[i]);
    sort(&veiled->known);
}

static bool reads(const Graph *graph, int reader, int node) {
    for (int k = 0; k < graph->node[reader].n_in; k++) {
        Ref ref = graph->node[reader].in[k];
        if (ref.kind == REF_NODE && graph_owner(graph, ref.index) == node)
            return true;
    }
    return false;
}

static void hide_stage(Veiled *veiled, int stage, bool one) {
    Screen *screen = &veiled->screen;
    int node = screen->walk.node[stage];
    const Node *n = &screen->trace->graph.node[node];
    if (!trace_complete(screen->trace, node) || n->op == OP_TOKENS || n->type != DTYPE_F32)
        return;
    veiled->hidden = (Hidden){.trace = screen->trace, .node = node, .one = one};
    veiled->shown = node;
    veiled->secret = veiled->known = (Texts){0};
    for (int axis = 0; axis < n->rank; axis++)
        veiled->hidden.cell[axis] = half(n->dim[axis]);
    int axis = node_head_axis(n);
    if (axis >= 0)
        veiled->hidden.cell[axis] = 0;
    screen->state = (ViewState){.speed = 1};
    find_after(&veiled->hidden, &veiled->arena);
    know_secret(veiled);
    know_operands(veiled);
    VeilSource source = {hides_record, hides_cell, &veiled->hidden};
    veiled->veil = veil_new(screen->trace, &source);
    assert_non_null(veiled->veil);
    look(veiled);
    for (int i = node + 1; i < screen->trace->graph.count && !one; i++)
        if (reads(&screen->trace->graph, i, node) && screen->walk.stage[i] >= 0 &&
            trace_complete(screen->trace, i)) {
            veiled->shown = i;
            know_others(veiled, i);
            look(veiled); /* nor where it is an operand */
        }
    screen->state.veil = NULL;
    veil_free(veiled->veil);
    veiled->veil = NULL;
    found_forget(&screen->widgets.found);
    arena_reset(&veiled->arena);
}

static void hide_each(Model *model, Trace *trace, bool every) {
    Veiled veiled = {.screen = screen_begin(model, trace, 1000, 700)};
    for (int stage = 0; stage < veiled.screen.walk.count; stage += every ? 1 : 3) {
        hide_stage(&veiled, stage, false);
        hide_stage(&veiled, stage, true);
    }
    arena_free(&veiled.arena);
    screen_free(&veiled.screen);
}

static const TinyModel TINY = {.tokenizer = true, .n_ctx = 64, .n_layers = 1};

static void no_stage_tells_what_is_hidden(void **state) {
    (void)state;
    SampleOptions greedy = SAMPLE_GREEDY;
    static const SampleOptions drawn = {.temperature = 0.8, .top_k = 5, .top_p = 0.9, .seed = 1};
    for (int i = 0; i < 2; i++) {
        RunOptions options = {.stages = "*,*hook_result", .sample = i ? &drawn : &greedy};
        Model *model = fixture_model(&TINY);
        hide_each(model, fixture_trace(model, 5, &options), true);
    }
    hide_each(NULL, ops_trace(5), true);
}

static void no_family_tells_what_is_hidden(void **state) {
    (void)state;
    for (size_t i = 0; i < FIXTURE_FOLDER_COUNT; i++) {
        const FixtureFolder *from = &FIXTURE_FOLDERS[i];
        RunOptions options = {.stages = from->attention.kind == ATTENTION_FLASH ? "*,*flash*"
                                                                                : NULL,
                              .attention = from->attention};
        Model *model = fixture_golden(from);
        hide_each(model, fixture_trace(model, 6, &options), false);
    }
}

/* That the check above can fail: without a veil the number is found. */
static void a_number_that_is_told_is_found(void **state) {
    (void)state;
    Model *model = fixture_model(&TINY);
    RunOptions options = {0};
    Veiled veiled = {.screen = screen_begin(model, fixture_trace(model, 5, &options), 1000, 700)};
    int node = trace_find(veiled.screen.trace, "blocks.0.attn.hook_attn_scores_raw");
    veiled.hidden = (Hidden){.trace = veiled.screen.trace, .node = node, .one = true};
    veiled.hidden.cell[1] = 3;
    veiled.hidden.cell[2] = 1;
    know_secret(&veiled);
    state_start(&veiled.screen.state, veiled.screen.trace, &veiled.screen.walk,
                "blocks.0.attn.hook_attn_scores_raw");
    Intent pin = {.kind = INTENT_PIN, .node = node, .index = {0, 3, 1}};
    state_apply(&veiled.screen.state, veiled.screen.trace, &veiled.screen.walk, &pin, 0);
    ViewInput in = screen_input(&veiled.screen);
    ui_begin(veiled.screen.ui, &veiled.screen.input, (Rect){0, 0, 304, 700});
    inspector_view(&in, (Rect){0, 0, 304, 700});
    ui_end(veiled.screen.ui);
    const DrawList *list = ui_list(veiled.screen.ui);
    int told = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->commands[i].kind == DRAW_TEXT)
            told += secret_in(arena_copy_bytes(&veiled.arena, list->commands[i].as.text.text,
                                               list->commands[i].as.text.bytes),
                              &veiled.secret, &veiled.known) != NULL;
    assert_true(told >= 2); /* the value, and what the products come to */
    arena_free(&veiled.arena);
    screen_free(&veiled.screen);
}

/* Cells of a hidden record are drawn as those that are not computed yet, in its own picture and in
 * those that read it. */
static void hidden_cells_are_empty(void **state) {
    (void)state;
    Model *model = fixture_model(&TINY);
    RunOptions options = {0};
    Veiled veiled = {.screen = screen_begin(model, fixture_trace(model, 5, &options), 1000, 700)};
    Screen *screen = &veiled.screen;
    veiled.hidden = (Hidden){.trace = screen->trace,
                             .node = trace_find(screen->trace, "blocks.0.attn.hook_pattern")};
    find_after(&veiled.hidden, &veiled.arena);
    veiled.veil = veil_new(screen->trace, &(VeilSource){hides_record, hides_cell, &veiled.hidden});
    static const char *const stages[] = {"blocks.0.attn.hook_pattern", "blocks.0.attn.hook_z"};
    static const char *const grids[] = {"stage/result", "stage/in0"};
    for (int i = 0; i < 2; i++) {
        state_start(&screen->state, &veiled.veil->trace, &screen->walk, stages[i]);
        screen->state.veil = veiled.veil;
        show(&veiled, stage_view, 1000, 700, -1, -1);
        Rect grid;
        assert_true(ui_find(screen->ui, grids[i], &grid, NULL));
        size_t cells = 0;
        const DrawList *list = ui_list(screen->ui);
        for (size_t k = 0; k < list->count; k++) {
            const DrawCommand *c = &list->commands[k];
            if (c->kind != DRAW_CELLS || c->rect.x != grid.x || c->rect.y != grid.y)
                continue;
            for (int n = 0; n < c->as.cells.columns * c->as.cells.rows; n++, cells++)
                assert_int_equal(c->as.cells.argb[n], THEME_DARK.pending);
        }
        assert_true(cells > 0);
        assert_true(draw_list_has_text(list, &TEXT_FIXED, word(WORD_ASKED_STAGE)));
        screen->state.veil = NULL;
    }
    veil_free(veiled.veil);
    arena_free(&veiled.arena);
    screen_free(screen);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_that_is_told_is_found),
        cmocka_unit_test(hidden_cells_are_empty),
        cmocka_unit_test(no_stage_tells_what_is_hidden),
        cmocka_unit_test(no_family_tells_what_is_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
