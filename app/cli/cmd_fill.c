/* attnscope fill: what stands behind each mask of a text, by a masked language model (Devlin et al.
 * 2019). */
#include "app/cli/command.h"
#include "app/cli/table.h"
#include "app/cli/task_input.h"

#include <stdio.h>
#include <string.h>

enum { CANDIDATES = 5 };

typedef struct {
    const CliInput *input;
    const Trace *trace;
    int probs;
    size_t *mask; /* positions */
    size_t masks;
    size_t most;       /* candidates for each */
    TaskChoice *best;  /* [masks][most] */
    const char **name; /* … as a reader sees them */
    Arena *arena;
} Fill;

static bool find_masks(Fill *fill, Err *err) {
    const Model *model = fill->input->model;
    const RunText *text = &fill->input->text;
    if (!model_has_tokenizer(model, err))
        return false;
    int32_t mask = task_mask_token(model->tok);
    if (mask < 0)
        return err_set(err, "the tokenizer of model %s has no special token [MASK] or <mask>",
                       model->name);
    fill->mask = ARENA_NEW_N(fill->arena, size_t, text->count);
    for (size_t i = 0; i < text->count; i++)
        if (text->ids[i] == mask)
            fill->mask[fill->masks++] = i;
    const char *name = tok_piece(model->tok, mask);
    return fill->masks > 0 ||
           err_set(err, "the prompt has no %s: write one where a token is to be filled in", name);
}

static void find_candidates(Fill *fill, size_t most) {
    size_t V = fill->input->model->config.n_vocab;
    fill->probs = trace_find(fill->trace, "probs");
    fill->most = most < V ? most : V;
    fill->best = ARENA_NEW_N(fill->arena, TaskChoice, fill->masks * fill->most);
    fill->name = ARENA_NEW_N(fill->arena, const char *, fill->masks * fill->most);
    for (size_t m = 0; m < fill->masks; m++)
        task_best(fill->trace, fill->probs, fill->mask[m], fill->most, fill->best + m * fill->most);
    for (size_t i = 0; i < fill->masks * fill->most; i++) {
        int32_t id = (int32_t)fill->best[i].index;
        tok_labels(fill->input->model->tok, &id, 1, fill->arena, &fill->name[i]);
    }
}

/* The text with the likeliest token in the place of each mask. */
static void filled_text(const Fill *fill, Buf *text) {
    const RunText *run = &fill->input->text;
    int32_t *ids = ARENA_NEW_N(fill->arena, int32_t, run->count);
    memcpy(ids, run->ids, run->count * sizeof *ids);
    for (size_t m = 0; m < fill->masks; m++)
        ids[fill->mask[m]] = (int32_t)fill->best[m * fill->most].index;
    tok_decode(fill->input->model->tok, ids, run->count, true, text);
}

static const char *cell_of(const Fill *fill, size_t i) {
    return task_cell(fill->arena, "probs", fill->mask[i / fill->most], fill->best[i].index);
}

static void print_table(const Fill *fill) {
    char room[NUMBER_SIZE];
    Buf text = {0};
    Table table = table_new(
        "rrrlr", (const char *const[]){"position", "rank", "id", "token", "probability"});
    for (size_t i = 0; i < fill->masks * fill->most; i++) {
        size_t rank = i % fill->most;
        table_count(&table, rank == 0, fill->mask[i / fill->most]);
        table_cell(&table, "%zu", rank);
        table_cell(&table, "%zu", fill->best[i].index);
        table_cell(&table, "%s", fill->name[i]);
        table_cell(&table, "%s", number_text(fill->best[i].value, room));
    }
    table_print(&table);
    filled_text(fill, &text);
    buf_cstr(&text);
    printf("\nFilled in: %s\n", text_harmless(text.bytes));
    buf_free(&text);
    task_print_hint(cell_of(fill, 0));
}

static void put_mask(const Fill *fill, size_t m, JsonOut *out) {
    json_open(out, NULL, '{');
    json_put_whole(out, "position", fill->mask[m]);
    json_open(out, "candidates", '[');
    for (size_t i = m * fill->most; i < (m + 1) * fill->most; i++) {
        json_open(out, NULL, '{');
        json_put_whole(out, "id", fill->best[i].index);
        json_put_text(out, "token", fill->name[i]);
        json_put_number(out, "probability", fill->best[i].value);
        json_put_text(out, "cell", cell_of(fill, i));
        json_shut(out, '}');
    }
    json_shut(out, ']');
    json_shut(out, '}');
}

static void print_json(const Fill *fill) {
    JsonOut out = {0};
    Buf text = {0};
    filled_text(fill, &text);
    json_open(&out, NULL, '{');
    task_put_text(&out, fill->trace);
    json_put_bytes(&out, "filled", buf_cstr(&text), text.size);
    json_open(&out, "masks", '[');
    for (size_t m = 0; m < fill->masks; m++)
        put_mask(fill, m, &out);
    json_shut(&out, ']');
    json_shut(&out, '}');
    json_print(&out);
    buf_free(&text);
}

static bool run_fill(CliInput *input, const Options *options, Err *err) {
    Fill fill = {.input = input, .arena = &input->arena};
    Trace *trace = find_masks(&fill, err) ? task_run(input, &input->text, options, err) : NULL;
    if (!trace)
        return false;
    fill.trace = trace;
    find_candidates(&fill, (size_t)option_whole(options, OPT_TOP, CANDIDATES));
    if (option_given(options, OPT_JSON))
        print_json(&fill);
    else
        print_table(&fill);
    trace_free(trace);
    return true;
}

static bool run_command(const Options *options, Err *err) {
    CliInput input;
    bool ok = input_open_for(&input, options, TASK_FILL, err) && run_fill(&input, options, err);
    input_close(&input);
    return ok;
}

const Command command_fill = {
    .name = "fill",
    .summary = "fills the masks of a text: the likeliest tokens, with their probabilities",
    .details =
        "For a masked language model (BERT). Write [MASK], or what its tokenizer calls that, "
        "where a token is missing. Five candidates are shown, or as many as --top says.",
    .takes = TAKES_TASK | OPT(PAIR) | OPT(TOP),
    .one_input = true,
    .run = run_command,
};
