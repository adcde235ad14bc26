/* Any bytes as a lesson: four parts between lines of "====" are lesson.json, en.md, ko.md and an
 * expression. What is refused is told; what is taken has its texts, and expressions that can be
 * evaluated on a small trace. */
#include "app/lesson/lesson.h"
#include "app/lesson/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PARTS = 4, TOKENS = 5, HEADS = 2 };
#define LINE "\n====\n"

/* Behind `*at`, as far as the next line; the last part takes the rest. */
static LessonBytes next_part(const char **at, const char *end, bool last) {
    const char *from = *at, *line = NULL;
    for (const char *c = from; c + strlen(LINE) <= end && !line && !last; c++)
        if (memcmp(c, LINE, strlen(LINE)) == 0)
            line = c;
    *at = line ? line + strlen(LINE) : end;
    return (LessonBytes){from, (size_t)((line ? line : end) - from)};
}

/* ---- a trace ---- */

static void add_record(Trace *trace, const char *name, int rank, const size_t *dim,
                       const Axis *axis, const float *value) {
    Node node = {.name = name, .op = OP_EMBED, .rank = rank, .alias = -1, .layer = -1};
    memcpy(node.dim, dim, (size_t)rank * sizeof *dim);
    memcpy(node.axis, axis, (size_t)rank * sizeof *axis);
    int number = graph_add(&trace->graph, &node);
    trace->value[number] = tensor_dense(
        DTYPE_F32, rank, dim,
        arena_copy_bytes(&trace->arena, value, node_count(&node) * sizeof *value));
    trace->asked[number] = true;
}

static void make_trace(Trace *trace, Model *model) {
    static const float value[HEADS * TOKENS * TOKENS] = {0.5f, -1, 1e-30f, 3e38f, 0, 7};
    static const int32_t ids[TOKENS] = {1, 2, 3, 4, 5};
    static const char *labels[TOKENS] = {"·Mina", "·gave", "·Tom", "·it", "."};
    Arena *arena = &trace->arena;
    trace->graph.arena = arena;
    trace->value = ARENA_NEW_N(arena, Tensor, 4);
    trace->asked = ARENA_NEW_N(arena, bool, 4);
    trace->own = (TraceText){TOKENS, TOKENS, ids, labels, labels};
    add_record(trace, "hook_embed", 2, (size_t[]){TOKENS, TOKENS},
               (Axis[]){AXIS_POSITION, AXIS_D_MODEL}, value);
    add_record(trace, "probs", 2, (size_t[]){TOKENS, HEADS}, (Axis[]){AXIS_POSITION, AXIS_VOCAB},
               value);
    add_record(trace, "blocks.0.attn.hook_pattern", 3, (size_t[]){HEADS, TOKENS, TOKENS},
               (Axis[]){AXIS_HEAD, AXIS_QUERY, AXIS_KEY}, value);
    model->name = "fuzz";
    model->config.d_head = 4;
    model->config.d_model = TOKENS;
    model->config.n_heads = HEADS;
    model->config.n_vocab = HEADS;
}

/* ---- what was taken ---- */

static bool own_run(void *user, const char *name, ExprRun *run, Err *err) {
    *run = *(ExprRun *)user;
    return strcmp(name, "main") == 0 || err_set(err, "no run %s", name);
}

/* The shape tells how many there are, and each can be read. */
static void use_numbers(const ExprValue *value) {
    size_t count = 1, truth = 0;
    for (int i = 0; i < value->rank; i++)
        count *= value->dim[i];
    for (size_t i = 0; i < value->count; i++)
        truth += value->value[i] != 0;
    if (count != value->count || truth > count)
        abort();
}

static void use_value(const Expr *expr, const ExprScope *scope) {
    Arena arena = {0};
    Err err = {""};
    ExprValue value;
    CellRange range;
    if (expr_eval(expr, scope, &arena, &value, &err))
        use_numbers(&value);
    else if (!err.text[0])
        abort(); /* refused without a word */
    err.text[0] = '\0';
    if (!expr_cells(expr, scope, &range, &err) && !err.text[0])
        abort();
    arena_free(&arena);
}

static void use_expression(LessonBytes text, const ExprScope *scope) {
    Arena arena = {0};
    Err err = {""};
    const Expr *expr = expr_parse(&arena, text.bytes, text.size, &err);
    if (!expr && strncmp(err.text, "column ", 7) != 0)
        abort();
    if (expr)
        use_value(expr, scope);
    arena_free(&arena);
}

static void use_text(const char *text, const ExprScope *scope) {
    Arena arena = {0};
    Err err = {""};
    LessonBody body;
    Buf plain = {0};
    if (!text)
        abort();
    if (markup_render(text, scope, &arena, &body, &err))
        body_plain(&body, &plain);
    else if (!err.text[0])
        abort();
    buf_free(&plain);
    arena_free(&arena);
}

static void use_scene(const Lesson *lesson, size_t at, ExprScope scope) {
    const LessonScene *scene = &lesson->scene[at];
    LessonRun run;
    scope.let = scene->let;
    scope.let_count = scene->let_count;
    if (!lesson_scene_run(lesson, at, scene->shows, &run))
        abort();
    if (!run.model || !run.prompt || !run.set || !run.mask || !run.attention || !run.kv_cache)
        abort();
    for (int lang = 0; lang < LANG_COUNT; lang++)
        use_text(lesson_text(lesson, (Lang)lang, scene->id), &scope);
    for (size_t i = 0; i < scene->mark_count; i++)
        if (scene->mark[i].where)
            use_value(scene->mark[i].where, &scope);
    for (size_t i = 0; i < scene->check_count; i++)
        if (scene->check[i].when)
            use_value(scene->check[i].when, &scope);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *at = (const char *)data, *end = at + size;
    LessonBytes part[PARTS];
    Err err = {""};
    Trace trace = {0};
    Model model = {0};
    for (int i = 0; i < PARTS; i++)
        part[i] = next_part(&at, end, i + 1 == PARTS);
    make_trace(&trace, &model);
    ExprRun run = {&trace, &model};
    ExprScope scope = {.main = run, .named = own_run, .user = &run};
    use_expression(part[3], &scope);
    Lesson *lesson = lesson_parse("fuzz", part[0], &part[1], &err);
    if (!lesson && strncmp(err.text, "fuzz/", 5) != 0)
        abort();
    scope.role = lesson ? lesson->role : NULL;
    scope.role_count = lesson ? lesson->role_count : 0;
    for (size_t i = 0; lesson && i < lesson->scene_count; i++)
        use_scene(lesson, i, scope);
    lesson_close(lesson);
    arena_free(&trace.arena);
    return 0;
}
