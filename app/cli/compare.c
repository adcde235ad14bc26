#include "app/cli/compare.h"

#include "app/cli/json_out.h"
#include "app/cli/place.h"
#include "app/cli/table.h"
#include "app/ui/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const Node *node_of(const Compared *compared, const RecordDiff *record) {
    return record->left >= 0 ? &compared->run[LEFT].trace->graph.node[record->left]
                             : &compared->run[RIGHT].trace->graph.node[record->right];
}

/* The logits may have been run for the last line alone. */
static bool shown(const Compared *compared, const RecordDiff *record, DiffKind kind) {
    return record->kind == kind && graph_matches(node_of(compared, record), compared->globs);
}

static double value_at(const Compared *compared, const RecordDiff *record, int side) {
    return trace_get(compared->run[side].trace, side == LEFT ? record->left : record->right,
                     record->at);
}

/* ---- notes ---- */

static bool has_note(const Model *model, const char *note) {
    for (int i = 0; i < model->note_count; i++)
        if (strcmp(model->notes[i], note) == 0)
            return true;
    return false;
}

void compare_tell_notes(Compared *compared) {
    const Model *left = compared->run[LEFT].input.model, *right = compared->run[RIGHT].input.model;
    input_tell_notes(&compared->run[LEFT].input);
    for (int i = 0; i < right->note_count; i++)
        if (!has_note(left, right->notes[i]))
            fprintf(stderr, "attnscope: note: right: %s\n", right->notes[i]);
}

/* ---- the last line ---- */

/* What the answer rests on: the logits, else the last record that both have. */
static const RecordDiff *find_answer(const Compared *compared) {
    const RecordDiff *answer = NULL;
    for (size_t i = 0; i < compared->diff.count; i++) {
        const RecordDiff *record = &compared->diff.record[i];
        if (record->kind != DIFF_COMPARED)
            continue;
        answer = record;
        if (strcmp(node_of(compared, record)->name, "logits") == 0)
            break;
    }
    return answer;
}

typedef struct {
    bool there;          /* the answer is a row of the vocabulary for each position */
    size_t rows, same;   /* positions, and those at which the likeliest token is the same */
    int32_t next[SIDES]; /* the likeliest behind the last real token */
} Likeliest;

static int32_t likeliest(const Trace *trace, int node, size_t row) {
    size_t V = trace->graph.node[node].dim[1];
    const float *logits = tensor_f32(&trace->value[node]) + row * V;
    size_t best = 0;
    for (size_t i = 1; i < V; i++)
        best = logits[i] > logits[best] ? i : best;
    return (int32_t)best;
}

static Likeliest find_likeliest(const Compared *compared, const RecordDiff *answer) {
    const Trace *left = compared->run[LEFT].trace, *right = compared->run[RIGHT].trace;
    const Node *node = answer ? node_of(compared, answer) : NULL;
    Likeliest found = {.there = node && node->rank == 2 && node->axis[1] == AXIS_VOCAB};
    for (size_t row = 0; found.there && row < left->own.real; row++) {
        found.next[LEFT] = likeliest(left, answer->left, row);
        found.next[RIGHT] = likeliest(right, answer->right, row);
        found.same += found.next[LEFT] == found.next[RIGHT];
        found.rows++;
    }
    return found;
}

/* A token as a reader sees it; its number where the model has no words. */
static const char *token_label(const Compared *compared, int32_t id, Arena *arena) {
    const Tokenizer *tok = compared->run[LEFT].input.model->tok;
    const char *label = NULL;
    if (tok)
        tok_labels(tok, &id, 1, arena, &label);
    return label ? label : arena_printf(arena, "%d", id);
}

static void print_likeliest(Compared *compared, const Likeliest *found) {
    const int32_t *next = found->next;
    bool says = compared->run[LEFT].input.model->config.task == TASK_TEXT;
    if (says && next[LEFT] == next[RIGHT])
        printf("; the likeliest next token is the same (%s)",
               token_label(compared, next[LEFT], &compared->arena));
    else if (says)
        printf("; the likeliest next token is %s at the left, %s at the right",
               token_label(compared, next[LEFT], &compared->arena),
               token_label(compared, next[RIGHT], &compared->arena));
    if (!says || found->same < found->rows)
        printf("; the likeliest token is the same at %zu of %zu positions", found->same,
               found->rows);
}

/* "2.4e-07"; "∞" */
static const char *small_text(double value, char room[NUMBER_SIZE]) {
    if (isinf(value))
        return "∞";
    snprintf(room, NUMBER_SIZE, "%.2g", value);
    return room;
}

static void print_answer(Compared *compared) {
    const RecordDiff *answer = find_answer(compared);
    char room[NUMBER_SIZE];
    if (!answer) {
        puts("no record stands on both sides in the same shape");
        return;
    }
    const char *name = node_of(compared, answer)->name;
    if (answer->absolute == 0)
        printf("%s: no number differs", name);
    else if (strcmp(name, "logits") == 0)
        printf("logits differ by at most %s", small_text(answer->absolute, room));
    else
        printf("%s differs by at most %s", name, small_text(answer->absolute, room));
    Likeliest found = find_likeliest(compared, answer);
    if (found.there)
        print_likeliest(compared, &found);
    putchar('\n');
}

/* ---- text ---- */

/* What the difference weighs beside the record's numbers: a relative one is large where a cell is
 * near 0. */
static double share_of_largest(const RecordDiff *record) {
    return record->absolute > 0 ? record->absolute / record->largest : 0;
}

static void record_cells(const Compared *compared, const RecordDiff *record, Table *table,
                         Buf *text) {
    const Node *node = node_of(compared, record);
    char room[NUMBER_SIZE];
    table_cell(table, "%s", node->name);
    buf_clear(text);
    place_shape(node->rank, node->dim, text);
    table_cell(table, "%s", buf_cstr(text));
    table_cell(table, "%s", small_text(record->absolute, room));
    table_cell(table, "%s", small_text(share_of_largest(record), room));
    table_cell(table, "%s", small_text(record->relative, room));
    table_count(table, record->unequal > 0, record->unequal);
    buf_clear(text);
    if (record->unequal > 0)
        place_words(compared->run[LEFT].trace, record->left, record->at, text);
    table_cell(table, "%s", buf_cstr(text));
}

static void print_records(const Compared *compared) {
    Table table = table_new("llrrrrl",
                            (const char *const[]){"record", "shape", "max |Δ|", "÷ largest",
                                                  "max relative", "cells", "where"});
    Buf text = {0};
    for (size_t i = 0; i < compared->diff.count; i++)
        if (shown(compared, &compared->diff.record[i], DIFF_COMPARED))
            record_cells(compared, &compared->diff.record[i], &table, &text);
    table_print(&table);
    putchar('\n');
    buf_free(&text);
}

/* "blocks.3.attn.hook_z" as "blocks.*.attn.hook_z", so that a line serves all layers. */
static void any_layer(const char *name, char *room, size_t size) {
    size_t used = 0;
    for (const char *at = name; *at && used + 1 < size; at++) {
        bool number = at > name && at[-1] == '.' && isdigit((unsigned char)*at);
        room[used++] = number ? '*' : *at;
        while (number && isdigit((unsigned char)at[1]))
            at++;
    }
    room[used] = '\0';
}

static bool listed_before(const Compared *compared, size_t upto, DiffKind kind, const char *name) {
    char room[200];
    for (size_t i = 0; i < upto; i++) {
        any_layer(node_of(compared, &compared->diff.record[i])->name, room, sizeof room);
        if (shown(compared, &compared->diff.record[i], kind) && strcmp(room, name) == 0)
            return true;
    }
    return false;
}

static void print_unlike(const Compared *compared, DiffKind kind, const char *what) {
    char name[200];
    bool any = false;
    for (size_t i = 0; i < compared->diff.count; i++) {
        const RecordDiff *record = &compared->diff.record[i];
        any_layer(node_of(compared, record)->name, name, sizeof name);
        if (!shown(compared, record, kind) || listed_before(compared, i, kind, name))
            continue;
        printf("%s %s", any ? "," : what, name);
        any = true;
    }
    if (any)
        putchar('\n');
}

static void table_ratio(Table *table, double left, double right) {
    if (left > 0)
        table_cell(table, "%.3g", right / left);
    else
        table_cell(table, "%s", "");
}

static void count_cells(Compared *compared, Table *table, const char *what, double left,
                        double right) {
    table_cell(table, "%s", what);
    table_cell(table, "%s", text_count(&compared->arena, (int64_t)left));
    table_cell(table, "%s", text_count(&compared->arena, (int64_t)right));
    table_ratio(table, left, right);
}

/* Of flash attention's tiles those that one thread has. */
static size_t working_bytes(const ComparedRun *run) {
    return run->plan.slot_bytes + run->plan.work_bytes + run->tile_bytes;
}

static void print_counts(Compared *compared) {
    const ComparedRun *left = &compared->run[LEFT], *right = &compared->run[RIGHT];
    Table table = table_new("lrrr", (const char *const[]){"", "left", "right", "right ÷ left"});
    count_cells(compared, &table, "operations", left->cost.flops, right->cost.flops);
    count_cells(compared, &table, "bytes read and written", left->cost.bytes, right->cost.bytes);
    count_cells(compared, &table, "bytes of memory kept", (double)left->plan.kept_bytes,
                (double)right->plan.kept_bytes);
    count_cells(compared, &table, "bytes of working memory", (double)working_bytes(left),
                (double)working_bytes(right));
    if (left->tiles + right->tiles > 0) {
        count_cells(compared, &table, "tiles", (double)left->tiles, (double)right->tiles);
        count_cells(compared, &table, "tiles skipped", (double)left->skipped,
                    (double)right->skipped);
    }
    table_cell(&table, "milliseconds");
    table_cell(&table, "%.3f", left->ms);
    table_cell(&table, "%.3f", right->ms);
    table_ratio(&table, left->ms, right->ms);
    table_print(&table);
    printf("milliseconds are the least of %zu run%s each, taking turns\n\n", compared->runs,
           compared->runs == 1 ? "" : "s");
}

static const char *side_text(const Compared *compared, int side) {
    const char *text = compared->run[side].side.text;
    return *text ? text : "as it stands";
}

void compare_print(Compared *compared) {
    const Trace *left = compared->run[LEFT].trace;
    printf("model %s, %zu token%s; left: %s; right: %s\n\n", left->model, left->own.length,
           left->own.length == 1 ? "" : "s", side_text(compared, LEFT), side_text(compared, RIGHT));
    print_records(compared);
    if (compared->seen)
        puts("kv-cache=on: a token after the other; what it can't see yet is not compared");
    print_unlike(compared, DIFF_LEFT_ONLY, "only left:");
    print_unlike(compared, DIFF_RIGHT_ONLY, "only right:");
    print_unlike(compared, DIFF_SHAPES, "of another shape:");
    print_counts(compared);
    print_answer(compared);
}

/* ---- JSON ---- */

static void put_side(JsonOut *out, const ComparedRun *run) {
    json_open(out, run->side.name, '{');
    json_put_text(out, "switches", run->side.text);
    json_put_number(out, "flops", run->cost.flops);
    json_put_number(out, "bytes", run->cost.bytes);
    json_put_whole(out, "kept_bytes", run->plan.kept_bytes);
    json_put_whole(out, "working_bytes", working_bytes(run));
    if (run->tiles + run->skipped > 0) {
        json_put_whole(out, "tiles", run->tiles);
        json_put_whole(out, "tiles_skipped", run->skipped);
    }
    json_put_number(out, "min_ms", run->ms);
    json_shut(out, '}');
}

static void put_record(JsonOut *out, const Compared *compared, const RecordDiff *record) {
    const Node *node = node_of(compared, record);
    json_open(out, NULL, '{');
    json_put_text(out, "name", node->name);
    json_put_sizes(out, "shape", node->dim, (size_t)node->rank);
    json_put_number(out, "max_absolute", record->absolute);
    json_put_number(out, "max_relative", record->relative);
    json_put_number(out, "largest", record->largest);
    json_put_whole(out, "cells", record->cells);
    json_put_whole(out, "unequal", record->unequal);
    json_put_sizes(out, "at", record->at, (size_t)node->rank);
    json_put_number(out, "left", value_at(compared, record, LEFT));
    json_put_number(out, "right", value_at(compared, record, RIGHT));
    json_shut(out, '}');
}

static void put_names(JsonOut *out, const Compared *compared, const char *key, DiffKind kind) {
    json_open(out, key, '[');
    for (size_t i = 0; i < compared->diff.count; i++)
        if (shown(compared, &compared->diff.record[i], kind))
            json_put_text(out, NULL, node_of(compared, &compared->diff.record[i])->name);
    json_shut(out, ']');
}

static void put_answer(JsonOut *out, const Compared *compared) {
    const RecordDiff *answer = find_answer(compared);
    Likeliest found = find_likeliest(compared, answer);
    if (!answer)
        return;
    json_open(out, "answer", '{');
    json_put_text(out, "record", node_of(compared, answer)->name);
    json_put_number(out, "max_absolute", answer->absolute);
    if (found.there) {
        json_put_whole(out, "positions", found.rows);
        json_put_whole(out, "same_likeliest", found.same);
        json_put_ids(out, "last_likeliest", found.next, SIDES);
    }
    json_shut(out, '}');
}

void compare_print_json(Compared *compared) {
    const Trace *left = compared->run[LEFT].trace;
    JsonOut out = {0};
    json_open(&out, NULL, '{');
    json_put_text(&out, "model", left->model);
    json_put_ids(&out, "ids", left->own.ids, left->own.length);
    json_put_whole(&out, "runs", compared->runs);
    for (int side = 0; side < SIDES; side++)
        put_side(&out, &compared->run[side]);
    json_open(&out, "records", '[');
    for (size_t i = 0; i < compared->diff.count; i++)
        if (shown(compared, &compared->diff.record[i], DIFF_COMPARED))
            put_record(&out, compared, &compared->diff.record[i]);
    json_shut(&out, ']');
    put_names(&out, compared, "left_only", DIFF_LEFT_ONLY);
    put_names(&out, compared, "right_only", DIFF_RIGHT_ONLY);
    put_names(&out, compared, "other_shape", DIFF_SHAPES);
    put_answer(&out, compared);
    json_shut(&out, '}');
    json_print(&out);
}
