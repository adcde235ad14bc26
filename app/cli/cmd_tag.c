/* attnscope tag: the label of each token, and the entities that the words make. */
#include "app/cli/command.h"
#include "app/cli/table.h"
#include "app/cli/task_input.h"

#include <stdio.h>

static const char RECORD[] = "classifier.hook_probs";

typedef struct {
    const CliInput *input;
    const Trace *trace;
    int probs;
    TokenList list; /* the text's tokens, without padding */
    TokWord *word;
    size_t words;
    TaskEntity *entity;
    size_t entities;
    Arena *arena;
} Tags;

/* Ids that were given have no place in a text; a tokenizer's special ones stand for no word. */
static void list_ids(Tags *tags) {
    const RunText *text = &tags->input->text;
    const Tokenizer *tok = tags->input->model->tok;
    tags->list.count = text->real ? text->real : text->count;
    tags->list.token = ARENA_NEW_N(tags->arena, Token, tags->list.count);
    for (size_t i = 0; i < tags->list.count; i++)
        tags->list.token[i] = (Token){.id = text->ids[i],
                                      .added = tok && tok_is_special(tok, text->ids[i])};
}

static const char *text_of(const Tags *tags) {
    return tags->input->tokens.count > 0 ? tags->input->prompt : NULL;
}

static void find_words(Tags *tags) {
    const Tokenizer *tok = tags->input->model->tok;
    tags->list = tags->input->tokens;
    if (!text_of(tags))
        list_ids(tags);
    tags->probs = trace_find(tags->trace, RECORD);
    tags->words = tok_words(tok, text_of(tags), &tags->list, tags->arena, &tags->word);
    tags->entities = task_entities(tags->trace, tags->word, tags->words, tags->arena,
                                   &tags->entity);
}

/* The text of the tokens [first, last), which is the prompt's own where there is one. */
static const char *spelled(const Tags *tags, size_t first, size_t last, size_t start, size_t end) {
    const char *text = text_of(tags);
    if (text)
        return arena_copy_bytes(tags->arena, text + start, end - start);
    Buf out = {0};
    int32_t *ids = ARENA_NEW_N(tags->arena, int32_t, last - first);
    for (size_t i = first; i < last; i++)
        ids[i - first] = tags->list.token[i].id;
    if (tags->input->model->tok)
        tok_decode(tags->input->model->tok, ids, last - first, true, &out);
    else
        for (size_t i = 0; i < last - first; i++)
            buf_printf(&out, i ? " %d" : "%d", ids[i]);
    const char *copy = arena_copy_text(tags->arena, buf_cstr(&out));
    buf_free(&out);
    return copy;
}

static const char *word_text(const Tags *tags, size_t w) {
    const TokWord *word = &tags->word[w];
    return spelled(tags, word->first, word->last, word->start, word->end);
}

static const char *entity_text(const Tags *tags, const TaskEntity *entity) {
    return spelled(tags, tags->word[entity->first].first, tags->word[entity->last - 1].last,
                   entity->start, entity->end);
}

/* The word that a token stands in; `words`: none. */
static size_t word_of(const Tags *tags, size_t token) {
    size_t w = 0;
    while (w < tags->words && !(token >= tags->word[w].first && token < tags->word[w].last))
        w++;
    return w;
}

static TaskChoice label_of(const Tags *tags, size_t token) {
    TaskChoice best;
    task_best(tags->trace, tags->probs, token, 1, &best);
    return best;
}

/* ---- text ---- */

static void print_tokens(const Tags *tags) {
    char room[NUMBER_SIZE];
    Table table = table_new(
        "rlllr", (const char *const[]){"position", "token", "word", "label", "probability"});
    for (size_t i = 0; i < tags->list.count; i++) {
        TaskChoice best = label_of(tags, i);
        size_t w = word_of(tags, i);
        table_cell(&table, "%zu", i);
        table_cell(&table, "%s", tags->trace->own.label[i]);
        table_cell(&table, "%s", w < tags->words ? word_text(tags, w) : "");
        table_cell(&table, "%s", tags->trace->class_name[best.index]);
        table_cell(&table, "%s", number_text(best.value, room));
    }
    table_print(&table);
}

static void print_entities(const Tags *tags) {
    char room[NUMBER_SIZE];
    bool text = text_of(tags) != NULL;
    if (tags->entities == 0) {
        printf("\nNo entity.\n");
        return;
    }
    putchar('\n');
    Table table = table_new("llrrr",
                            (const char *const[]){"entity", "kind", "start", "end", "probability"});
    for (size_t i = 0; i < tags->entities; i++) {
        const TaskEntity *entity = &tags->entity[i];
        table_cell(&table, "%s", entity_text(tags, entity));
        table_cell(&table, "%s", entity->kind);
        table_count(&table, text, entity->start);
        table_count(&table, text, entity->end);
        table_cell(&table, "%s", number_text(entity->probability, room));
    }
    table_print(&table);
}

static void print_text(const Tags *tags) {
    size_t at = tags->entities > 0 ? tags->word[tags->entity[0].first].first : 0;
    print_tokens(tags);
    print_entities(tags);
    task_print_hint(task_cell(tags->arena, RECORD, at, label_of(tags, at).index));
}

/* ---- JSON ---- */

static void put_label(const Tags *tags, size_t token, JsonOut *out) {
    TaskChoice best = label_of(tags, token);
    size_t w = word_of(tags, token);
    json_open(out, NULL, '{');
    json_put_text(out, "token", tags->trace->own.label[token]);
    if (w < tags->words) {
        json_put_text(out, "word", word_text(tags, w));
        json_put_whole(out, "word_number", w);
    }
    json_put_text(out, "label", tags->trace->class_name[best.index]);
    json_put_number(out, "probability", best.value);
    json_put_text(out, "cell", task_cell(tags->arena, RECORD, token, best.index));
    json_shut(out, '}');
}

static void put_entity(const Tags *tags, const TaskEntity *entity, JsonOut *out) {
    json_open(out, NULL, '{');
    json_put_text(out, "text", entity_text(tags, entity));
    json_put_text(out, "kind", entity->kind);
    if (text_of(tags)) {
        json_put_whole(out, "start", entity->start);
        json_put_whole(out, "end", entity->end);
    }
    json_put_number(out, "probability", entity->probability);
    json_shut(out, '}');
}

static void print_json(const Tags *tags) {
    JsonOut out = {0};
    json_open(&out, NULL, '{');
    task_put_text(&out, tags->trace);
    json_open(&out, "labels", '[');
    for (size_t i = 0; i < tags->list.count; i++)
        put_label(tags, i, &out);
    json_shut(&out, ']');
    json_open(&out, "entities", '[');
    for (size_t i = 0; i < tags->entities; i++)
        put_entity(tags, &tags->entity[i], &out);
    json_shut(&out, ']');
    json_shut(&out, '}');
    json_print(&out);
}

/* ---- the command ---- */

static bool tag(CliInput *input, const Options *options, Err *err) {
    Tags tags = {.input = input, .arena = &input->arena};
    Trace *trace = task_run(input, &input->text, options, err);
    if (!trace)
        return false;
    tags.trace = trace;
    find_words(&tags);
    if (option_given(options, OPT_JSON))
        print_json(&tags);
    else
        print_text(&tags);
    trace_free(trace);
    return true;
}

static bool run_command(const Options *options, Err *err) {
    CliInput input;
    bool ok = input_open_for(&input, options, TASK_TAG, err) && tag(&input, options, err);
    input_close(&input);
    return ok;
}

const Command command_tag = {
    .name = "tag",
    .summary = "labels each token of a text, and joins the words of one kind to entities",
    .details =
        "For a model that labels tokens (BERT). A word has the label of its first token. B-X "
        "begins "
        "an entity of the kind X and I-X goes on with it; labels without that go on with their "
        "like; O is none.\n"
        "Start and end count bytes of the text; an entity's probability is the mean of its words'.",
    .takes = TAKES_TASK,
    .one_input = true,
    .run = run_command,
};
