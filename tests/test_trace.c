/* The trace: names and shapes as TRACE.md has them, cells by name, the file and its metadata. */
#include "tests/fixture.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/trace/trace_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define T 5
#define RANK_MOST 3

/* TRACE.md's table, for d_model 8, 2 heads of 4, d_ff 32, V = 11. */
static const struct {
    const char *name;
    int rank;
    size_t dim[RANK_MOST];
    const char *axes[RANK_MOST];
} TABLE[] = {
    {"hook_tokens", 1, {T}, {"position"}},
    {"hook_embed", 2, {T, 8}, {"position", "d_model"}},
    {"hook_pos_embed", 2, {T, 8}, {"position", "d_model"}},
    {"hook_full_embed_pre", 2, {T, 8}, {"position", "d_model"}},
    {"blocks.0.hook_resid_pre", 2, {T, 8}, {"position", "d_model"}},
    {"blocks.0.ln1.hook_mean", 2, {T, 1}, {"position", "one"}},
    {"blocks.0.ln1.hook_scale", 2, {T, 1}, {"position", "one"}},
    {"blocks.0.ln1.hook_normalized", 2, {T, 8}, {"position", "d_model"}},
    {"blocks.0.attn.hook_q", 3, {T, 2, 4}, {"query", "head", "d_head"}},
    {"blocks.0.attn.hook_k", 3, {T, 2, 4}, {"key", "kv_head", "d_head"}},
    {"blocks.0.attn.hook_v", 3, {T, 2, 4}, {"key", "kv_head", "d_head"}},
    {"blocks.0.attn.hook_attn_scores_raw", 3, {2, T, T}, {"head", "query", "key"}},
    {"blocks.0.attn.hook_attn_scores_scaled", 3, {2, T, T}, {"head", "query", "key"}},
    {"blocks.0.attn.hook_attn_scores", 3, {2, T, T}, {"head", "query", "key"}},
    {"blocks.0.attn.hook_pattern", 3, {2, T, T}, {"head", "query", "key"}},
    {"blocks.0.attn.hook_z", 3, {T, 2, 4}, {"query", "head", "d_head"}},
    {"blocks.0.attn.hook_result", 3, {T, 2, 8}, {"query", "head", "d_model"}},
    {"blocks.0.hook_attn_out", 2, {T, 8}, {"position", "d_model"}},
    {"blocks.0.hook_resid_mid", 2, {T, 8}, {"position", "d_model"}},
    {"blocks.0.ln2.hook_mean", 2, {T, 1}, {"position", "one"}},
    {"blocks.0.ln2.hook_scale", 2, {T, 1}, {"position", "one"}},
    {"blocks.0.ln2.hook_normalized", 2, {T, 8}, {"position", "d_model"}},
    {"blocks.0.mlp.hook_pre", 2, {T, 32}, {"position", "d_ff"}},
    {"blocks.0.mlp.hook_post", 2, {T, 32}, {"position", "d_ff"}},
    {"blocks.0.hook_mlp_out", 2, {T, 8}, {"position", "d_model"}},
    {"blocks.0.hook_resid_post", 2, {T, 8}, {"position", "d_model"}},
    {"blocks.1.hook_resid_pre", 2, {T, 8}, {"position", "d_model"}},
    {"ln_final.hook_mean", 2, {T, 1}, {"position", "one"}},
    {"ln_final.hook_scale", 2, {T, 1}, {"position", "one"}},
    {"ln_final.hook_normalized", 2, {T, 8}, {"position", "d_model"}},
    {"logits", 2, {T, 11}, {"position", "vocab"}},
    {"probs", 2, {T, 11}, {"position", "vocab"}},
};
#define TABLE_SIZE (sizeof TABLE / sizeof *TABLE)

static void names_shapes_and_axes(void **state) {
    (void)state;
    Model *model = fixture_model(&(TinyModel){0});
    Trace *trace = fixture_trace(model, T, &(RunOptions){.stages = "*,*hook_result"});
    for (size_t i = 0; i < TABLE_SIZE; i++) {
        int node = trace_find(trace, TABLE[i].name);
        if (node < 0)
            fail_msg("no record %s", TABLE[i].name);
        const Node *record = &trace->graph.node[node];
        assert_int_equal(record->rank, TABLE[i].rank);
        for (int axis = 0; axis < record->rank; axis++) {
            assert_int_equal(record->dim[axis], TABLE[i].dim[axis]);
            assert_string_equal(axis_name(record->axis[axis]), TABLE[i].axes[axis]);
        }
    }
    /* What is outside the blocks, and two blocks alike: nothing else. */
    assert_int_equal(trace->graph.count, 4 + 2 * 22 + 3 + 2);
    trace_free(trace);
    model_close(model);
}

static void inputs_stand_before_their_readers(void **state) {
    (void)state;
    Model *model = fixture_model(&(TinyModel){0});
    Trace *trace = fixture_trace(model, T, &(RunOptions){.sample = &SAMPLE_GREEDY});
    for (int node = 0; node < trace->graph.count; node++)
        for (int i = 0; i < trace->graph.node[node].n_in; i++)
            if (trace->graph.node[node].in[i].kind == REF_NODE)
                assert_true(trace->graph.node[node].in[i].index < node);
    assert_int_equal(graph_sequential_steps(&trace->graph), 1);
    trace_free(trace);
    model_close(model);
}

/* Only a carry reads what stands behind it, and whatever waits for it lies between the two. */
static void states_are_carried_back(void **state) {
    (void)state;
    static const char *const folder[] = {"tests/golden/rnn-a", "tests/golden/lstm-a",
                                         "tests/golden/gru-a"};
    static const int carries[] = {2, 4, 2};
    for (int k = 0; k < 3; k++) {
        Err err = {{0}};
        Model *model = model_open(folder[k], &err);
        assert_non_null(model);
        Trace *trace = fixture_trace(model, T, &(RunOptions){0});
        const Graph *graph = &trace->graph;
        int found = 0;
        for (int node = 0; node < graph->count; node++) {
            const Node *n = &graph->node[node];
            for (int i = 0; i < n->n_in; i++)
                if (n->in[i].kind == REF_NODE)
                    assert_int_equal(n->in[i].index > node, n->op == OP_CARRY);
            bool waits = strstr(n->name, "rnn.") && !strstr(n->name, "rnn.hook_in");
            assert_int_equal(graph_sequential_rows(graph, node), waits ? T : 1);
            found += n->op == OP_CARRY;
        }
        assert_int_equal(found, carries[k]);
        assert_int_equal(graph_sequential_steps(graph), T);
        trace_free(trace);
        model_close(model);
    }
}

static void cells_are_found_by_name(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"hook_nothing[0,0]", "no record is called \"hook_nothing\""},
        {"hook_embed", "expected hook_embed[…] with 2 whole numbers"},
        {"hook_embed[1]", "with 2 whole numbers"},
        {"hook_embed[1,2,3]", "with 2 whole numbers"},
        {"hook_embed[1,2", "with 2 whole numbers"},
        {"hook_embed[1,2]x", "with 2 whole numbers"},
        {"hook_embed[-1,2]", "with 2 whole numbers"},
        {"hook_embed[1,99999999999999999999]", "with 2 whole numbers"},
        {"hook_embed[5,2]",
         "5 along its axis position, so an index from 0 to 4 is expected; found 5"},
        {"hook_embed[4,8]", "8 along its axis d_model"},
    };
    Model *model = fixture_model(&(TinyModel){0});
    Trace *trace = fixture_trace(model, T, &(RunOptions){0});
    size_t index[TENSOR_RANK];
    int node;
    Err err = {{0}};
    assert_true(trace_parse_cell(trace, "blocks.1.attn.hook_pattern[1,4,2]", &node, index, &err));
    assert_int_equal(node, trace_find(trace, "blocks.1.attn.hook_pattern"));
    assert_true(index[0] == 1 && index[1] == 4 && index[2] == 2);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(trace_parse_cell(trace, bad[i].text, &node, index, &err));
        if (!strstr(err.text, bad[i].message))
            fail_msg("\"%s\" does not say \"%s\"", err.text, bad[i].message);
    }
    trace_free(trace);
    model_close(model);
}

static void weights_are_called_by_their_place_in_the_file(void **state) {
    (void)state;
    Model *model = fixture_model(&(TinyModel){0});
    /* c_attn is [8, 24]: q, k and v side by side; head 1, d_head 2 is column 6 of each. */
    const Weight *k = &model->weight[model_weight(model, STACK_OWN, ROLE_W_K, 1)];
    size_t at[TENSOR_RANK];
    weight_file_index(k, (size_t[]){3, 1, 2}, at);
    assert_string_equal(k->name, "transformer.h.1.attn.c_attn.weight");
    assert_true(at[0] == 3 && at[1] == 8 + 6);
    /* Tied: the output matrix is the embedding transposed. */
    const Weight *out = &model->weight[model_weight(model, STACK_OWN, ROLE_UNEMBED, 0)];
    weight_file_index(out, (size_t[]){5, 7}, at);
    assert_string_equal(out->name, "transformer.wte.weight");
    assert_true(at[0] == 7 && at[1] == 5);
    model_close(model);
}

/* Three tensors [in 2, out 4] of the file, stacked, each turned from [out, in]. */
static void stacked_weights_are_called_by_their_part(void **state) {
    (void)state;
    static const char *const parts[] = {"e.0.w", "e.1.w", "e.2.w"};
    float numbers[3 * 4 * 2];
    for (size_t i = 0; i < 24; i++)
        numbers[i] = (float)i;
    Weight stack = {.name = "e.*.w",
                    .part_name = parts,
                    .tensor = {DTYPE_F32, 3, {3, 2, 4}, {8, 1, 2}, numbers},
                    .file_rank = 2,
                    .file_dim = {4, 2}};
    Arena arena = {0};
    Graph graph = {.arena = &arena, .weight = &stack, .weight_count = 1};
    Node node = {.name = "out",
                 .op = OP_EXPERT_LINEAR,
                 .rank = 1,
                 .dim = {1},
                 .n_in = 1,
                 .in = {{REF_WEIGHT, 0}},
                 .alias = -1};
    Trace trace = {.graph = graph};
    graph_add(&trace.graph, &node);
    for (size_t e = 0; e < 3; e++)
        for (size_t i = 0; i < 2; i++)
            for (size_t o = 0; o < 4; o++) {
                OpOperand operand = {.slot = 0, .rank = 3, .index = {e, i, o}};
                OperandName name;
                trace_operand(&trace, 0, &operand, &name);
                assert_int_equal(name.kind, OPERAND_WEIGHT);
                assert_string_equal(name.name, parts[e]);
                assert_int_equal(name.rank, 2);
                assert_true(name.index[0] == o && name.index[1] == i);
                assert_true(tensor_get(&stack.tensor, operand.index) ==
                            (double)(e * 8 + name.index[0] * 2 + name.index[1]));
            }
    arena_free(&arena);
}

/* ---- the file ---- */

static void files_hold_the_trace(void **state) {
    (void)state;
    char *folder = tiny_folder_new();
    Arena arena = {0};
    Err err = {{0}};
    Model *model = fixture_model(&(TinyModel){.tokenizer = true});
    Trace *trace = fixture_trace(model, T, &(RunOptions){.stages = "*,*hook_result"});
    const char *path = file_join(&arena, folder, "t.safetensors");
    assert_true(trace_save(trace, path, &err));
    TraceFile file;
    assert_true(trace_load(path, &file, &err));
    assert_int_equal(file.count, trace->graph.count);
    assert_int_equal(file.token_count, T);
    assert_string_equal(file.token[1], "w3");
    assert_string_equal(file.attention, "standard");
    assert_string_equal(file.kv_cache, "off");
    assert_int_equal(file.sequential_steps, 1);
    assert_string_equal(st_meta(&file.file, "format"), "attnscope-trace");
    for (size_t i = 0; i < file.count; i++) {
        const FileRecord *record = &file.record[i];
        const Node *node = &trace->graph.node[i];
        assert_string_equal(record->name, node->name);
        assert_string_equal(record->op, op_info(node->op)->name);
        assert_int_equal(record->input_count, node->n_in);
        assert_int_equal(record->tensor->rank, node->rank);
        assert_string_equal(record->axes[0], axis_name(node->axis[0]));
        assert_memory_equal(record->tensor->data, trace->value[i].data, record->tensor->size);
    }
    trace_file_close(&file);
    trace_free(trace);
    model_close(model);
    arena_free(&arena);
    tiny_folder_remove(folder);
}

static void other_files_are_no_traces(void **state) {
    (void)state;
    float number = 1;
    size_t dim[1] = {1};
    StOut out = {"x", tensor_dense(DTYPE_F32, 1, dim, &number)};
    const char *entry = "[{\"name\":\"x\",\"op\":\"o\",\"inputs\":[],\"axes\":[\"one\"]}]";
    const struct {
        const char *format, *version, *tokens, *records, *steps, *message;
    } bad[] = {
        {"other", "1", "[]", entry, "1", "is no trace"},
        {TRACE_FORMAT, "9", "[]", entry, "1", "version is \"9\""},
        {TRACE_FORMAT, "1", "7", entry, "1", "tokens is not a list"},
        {TRACE_FORMAT, "1", "[1]", entry, "1", "tokens, entry 0 is not a text"},
        {TRACE_FORMAT, "1", "[", entry, "1", "not valid JSON"},
        {TRACE_FORMAT, "1", "[]", "[]", "1", "lists 0 records, but the file has 1"},
        {TRACE_FORMAT, "1", "[]", "[{\"name\":\"y\",\"op\":\"o\",\"inputs\":[],\"axes\":[]}]", "1",
         "no such tensor"},
        {TRACE_FORMAT, "1", "[]", "[{\"name\":\"x\",\"op\":\"o\",\"inputs\":[],\"axes\":[]}]", "1",
         "names 0 axes, but its tensor has 1"},
        {TRACE_FORMAT, "1", "[]", "[{\"name\":\"x\",\"inputs\":[],\"axes\":[\"one\"]}]", "1",
         "no op"},
        {TRACE_FORMAT, "1", "[]", entry, "two", "sequential_steps is \"two\""},
        {TRACE_FORMAT, "1", "[]", entry, "-1", "sequential_steps is \"-1\""},
    };
    char *folder = tiny_folder_new();
    Arena arena = {0};
    const char *path = file_join(&arena, folder, "t.safetensors");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        StMeta meta[] = {
            {"format", bad[i].format},   {"version", bad[i].version},       {"model", "m"},
            {"tokens", bad[i].tokens},   {"attention", "standard"},         {"kv_cache", "off"},
            {"records", bad[i].records}, {"sequential_steps", bad[i].steps}};
        Err err = {{0}};
        TraceFile file;
        assert_true(st_write(path, &out, 1, meta, sizeof meta / sizeof *meta, &err));
        assert_false(trace_load(path, &file, &err));
        if (!strstr(err.text, bad[i].message) || !strstr(err.text, "t.safetensors"))
            fail_msg("\"%s\" does not say \"%s\"", err.text, bad[i].message);
    }
    arena_free(&arena);
    tiny_folder_remove(folder);
}

/* ---- the reference page ---- */

/* A record's name as the page has it: {l} for the layer, and of two stacks "encoder." and "decoder."
 * as "blocks." or nothing, but where only a decoder has it. */
static void page_name(const Node *node, char *name, size_t size) {
    static const char *const stacks[] = {"encoder.", "decoder."};
    const char *rest = node->name;
    bool cross = strstr(rest, "cross") || strstr(rest, ".ln3.");
    for (size_t i = 0; i < 2; i++)
        if (strncmp(rest, stacks[i], strlen(stacks[i])) == 0)
            rest += strlen(stacks[i]);
    if (node->layer >= 0) {
        rest = rest == node->name ? strchr(rest, '.') + 1 : rest; /* "blocks." */
        rest = strchr(rest, '.') + 1;
    }
    snprintf(name, size, "%s%s",
             node->layer < 0 ? ""
             : cross         ? "decoder.{l}."
                             : "blocks.{l}.",
             rest);
}

#define PAGE_ROWS 256
typedef struct {
    const char *text;
    const char *seen[PAGE_ROWS]; /* rows that a record has */
    size_t count;
} Page;

static void see_row(Page *page, const char *row) {
    for (size_t i = 0; i < page->count; i++)
        if (page->seen[i] == row)
            return;
    assert_true(page->count < PAGE_ROWS);
    page->seen[page->count++] = row;
}

/* The page's row: the name, the axes and the operation. */
static void check_page_row(Page *page, const Node *node) {
    char name[128], axes[128] = "", row[512];
    page_name(node, name, sizeof name);
    for (int axis = 0; axis < node->rank; axis++) {
        size_t length = strlen(axes);
        snprintf(axes + length, sizeof axes - length, "%s%s", axis ? ", " : "",
                 axis_name(node->axis[axis]));
    }
    snprintf(row, sizeof row, "| `%s` |", name);
    const char *found = strstr(page->text, row);
    if (!found)
        fail_msg("docs/records.md has no row for %s (%s; %s)", name, axes, op_info(node->op)->name);
    const char *end = strchr(found, '\n');
    const char *has_axes = strstr(found, axes), *has_op = strstr(found, op_info(node->op)->name);
    if (!has_axes || has_axes > end || !has_op || has_op > end)
        fail_msg("docs/records.md does not say \"%s\" and %s of %s", axes, op_info(node->op)->name,
                 name);
    see_row(page, found);
}

static void check_page(Page *page, Model *model, const SampleOptions *sample,
                       AttentionOptions attention) {
    Trace *trace = fixture_trace(model, T, &(RunOptions){.sample = sample, .attention = attention});
    for (int node = 0; node < trace->graph.count; node++)
        check_page_row(page, &trace->graph.node[node]);
    trace_free(trace);
    model_close(model);
}

static void check_page_of_step(void *user, const GenerateStep *step) {
    const Graph *graph = &step->sampling->graph;
    for (int node = 1; node < graph->count; node++) /* the first are the given logits */
        check_page_row(user, &graph->node[node]);
}

static bool take_any(void *user, int32_t id) {
    (void)user;
    return id >= 0;
}

/* What a step of generation alone has: tokens that may not come. */
static void check_page_of_generation(Page *page) {
    Model *model = fixture_model(&(TinyModel){.n_layers = 1});
    model->config.banned[model->config.n_banned++] = 1;
    GenerateOptions options = {.max_new_tokens = 1,
                               .sample = SAMPLE_GREEDY,
                               .token = take_any,
                               .step = check_page_of_step,
                               .user = page};
    Err err = {{0}};
    bool full;
    assert_true(
        run_generate(model, &(RunText){.ids = (int32_t[]){2}, .count = 1}, &options, &full, &err));
    model_close(model);
}

/* A row that no model has would be a promise that nobody keeps. */
static void check_no_idle_row(const Page *page) {
    for (const char *at = strstr(page->text, "\n| `"); at; at = strstr(at + 1, "\n| `")) {
        bool seen = false;
        for (size_t i = 0; i < page->count && !seen; i++)
            seen = page->seen[i] == at + 1;
        if (!seen)
            fail_msg("docs/records.md lists what no model here has: %.60s", at + 1);
    }
}

static void the_page_lists_every_record(void **state) {
    (void)state;
    Arena arena = {0};
    Err err = {{0}};
    char *text;
    size_t size;
    assert_true(file_read_text("docs/records.md", 1 << 20, &arena, &text, &size, &err));
    char *explanations = strstr(text, "## The explanation of a cell");
    assert_non_null(explanations);
    for (int rule = 0; rule < RULE_COUNT; rule++)
        assert_non_null(strstr(explanations, rule_text((Rule)rule)));
    *explanations = '\0';
    Page page = {.text = text};
    SampleOptions drawn = {.temperature = 1, .top_k = 3, .top_p = 0.9}, greedy = SAMPLE_GREEDY;
    check_page(&page, fixture_model(&(TinyModel){.n_layers = 1}), &drawn, (AttentionOptions){0});
    check_page(&page, fixture_model(&(TinyModel){.n_layers = 1}), &greedy, (AttentionOptions){0});
    for (size_t i = 0; i < FIXTURE_FOLDER_COUNT; i++)
        check_page(&page, fixture_golden(&FIXTURE_FOLDERS[i]), NULL, FIXTURE_FOLDERS[i].attention);
    check_page_of_generation(&page);
    check_no_idle_row(&page);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_lists_every_record),
        cmocka_unit_test(names_shapes_and_axes),
        cmocka_unit_test(inputs_stand_before_their_readers),
        cmocka_unit_test(states_are_carried_back),
        cmocka_unit_test(cells_are_found_by_name),
        cmocka_unit_test(weights_are_called_by_their_place_in_the_file),
        cmocka_unit_test(stacked_weights_are_called_by_their_part),
        cmocka_unit_test(files_hold_the_trace),
        cmocka_unit_test(other_files_are_no_traces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
