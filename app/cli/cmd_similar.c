/* attnscope similar: how much alike two texts are, by the angle between their vectors (Reimers and
 * Gurevych 2019, "Sentence-BERT": the mean of the rows, and their cosine). */
#include "app/cli/command.h"
#include "app/cli/table.h"
#include "app/cli/task_input.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    CliInput *input;
    RunText text[2]; /* a batch: the shorter is padded up to the longer, and its padding masked */
    Trace *trace[2];
} Two;

static const char POOLER[] = "pooler.hook_post";

static bool has_pooler(const Two *two) {
    return trace_find(two->trace[0], POOLER) >= 0;
}

static bool encode(const Two *two, const Options *options, int which, size_t pad_to, RunText *text,
                   Err *err) {
    const char *pair = option_text(options, OPT_PAIR, "");
    Prompt prompt = {
        .text = {which ? pair : two->input->prompt, which ? strlen(pair) : two->input->prompt_size},
        .pad_to = pad_to};
    return prompt_encode(two->input->model, &prompt, &two->input->arena, text, NULL, err);
}

static bool encode_batch(Two *two, const Options *options, Err *err) {
    size_t longest = (size_t)option_whole(options, OPT_PAD_TO, 0);
    for (int i = 0; i < 2; i++) {
        if (!encode(two, options, i, 0, &two->text[i], err))
            return i == 0 ? false : err_prefix(err, "--pair");
        longest = two->text[i].count > longest ? two->text[i].count : longest;
    }
    return encode(two, options, 0, longest, &two->text[0], err) &&
           encode(two, options, 1, longest, &two->text[1], err);
}

/* ---- what is shown ---- */

static void print_vector(Table *table, const Two *two, const char *record, const char *what) {
    char room[NUMBER_SIZE];
    double cosine = task_cosine(two->trace[0], two->trace[1], record);
    table_cell(table, "%s", number_text(cosine, room));
    table_cell(table, "%s", what);
    table_cell(table, "%s", record);
}

static void print_text(const Two *two) {
    for (int i = 0; i < 2; i++) {
        const TraceText *own = &two->trace[i]->own;
        printf("%c, %zu tokens", 'A' + i, own->real);
        printf(own->real < own->length ? " and %zu of padding:" : ":", own->length - own->real);
        for (size_t t = 0; t < own->length; t++)
            printf(" %s", own->label[t]);
        putchar('\n');
    }
    putchar('\n');
    Table table = table_new("rll", (const char *const[]){"cosine", "of", "record"});
    print_vector(&table, two, "hook_sentence", "the means of the tokens' rows");
    if (has_pooler(two))
        print_vector(&table, two, POOLER, "the first tokens' rows, through the pooler");
    table_print(&table);
    printf("\nHow a vector came about: attnscope explain --prompt TEXT --pad-to %zu --cell "
           "'hook_sentence[0,0]', and the same options\n",
           two->trace[0]->own.length);
}

static void put_vector(JsonOut *out, const Trace *trace, const char *key, const char *record) {
    int node = trace_find(trace, record);
    json_open(out, key, '[');
    for (size_t i = 0; i < trace->graph.node[node].dim[1]; i++)
        json_put_number(out, NULL, trace_get(trace, node, (size_t[]){0, i}));
    json_shut(out, ']');
}

static void print_json(const Two *two) {
    JsonOut out = {0};
    json_open(&out, NULL, '{');
    json_put_number(&out, "cosine", task_cosine(two->trace[0], two->trace[1], "hook_sentence"));
    if (has_pooler(two))
        json_put_number(&out, "pooler_cosine", task_cosine(two->trace[0], two->trace[1], POOLER));
    json_open(&out, "texts", '[');
    for (int i = 0; i < 2; i++) {
        json_open(&out, NULL, '{');
        task_put_text(&out, two->trace[i]);
        json_put_whole(&out, "real", two->trace[i]->own.real);
        put_vector(&out, two->trace[i], "hook_sentence", "hook_sentence");
        if (has_pooler(two))
            put_vector(&out, two->trace[i], POOLER, POOLER);
        json_shut(&out, '}');
    }
    json_shut(&out, ']');
    json_shut(&out, '}');
    json_print(&out);
}

/* ---- the command ---- */

static bool compare(CliInput *input, const Options *options, Err *err) {
    Two two = {.input = input};
    bool ok = encode_batch(&two, options, err);
    for (int i = 0; i < 2 && ok; i++) {
        two.trace[i] = task_run(input, &two.text[i], options, err);
        ok = two.trace[i] != NULL;
    }
    if (ok && option_given(options, OPT_JSON))
        print_json(&two);
    else if (ok)
        print_text(&two);
    trace_free(two.trace[0]);
    trace_free(two.trace[1]);
    return ok;
}

static bool run_command(const Options *options, Err *err) {
    CliInput input;
    Options alone = *options; /* two texts, not a pair that is read as one */
    alone.value[OPT_PAIR] = alone.value[OPT_PAD_TO] = (OptValue){0};
    bool ok = input_open_for(&input, &alone, TASK_VECTOR, err) && compare(&input, options, err);
    input_close(&input);
    return ok;
}

const Command command_similar = {
    .name = "similar",
    .summary = "tells how much alike two texts are: the cosine of their vectors",
    .details =
        "For a model without a head (BertModel). The two are a batch: the shorter is padded up "
        "to the longer, and no query looks at the padding. 1 is the same direction, 0 nothing "
        "in common.",
    .takes = (TAKES_TASK | OPT(PAIR)) & ~OPT(TOKENS),
    .needs = OPT(PAIR),
    .one_input = true,
    .run = run_command,
};
