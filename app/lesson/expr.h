/* expr: what a lesson computes from the trace: the numbers in its texts, the right answer, the
 * condition that a learner is to bring about. An expression is parsed once, when the lesson is
 * loaded, and evaluated on whatever trace is there. docs/lessons.md has the language.
 *
 * A value is a list of numbers in row order with its shape; a scalar has rank 0. Arithmetic is
 * double's, so 0 · ∞ is NaN, as it is on the learner's own machine. Nothing here crashes on what a
 * lesson or a learner's text holds: what can't be evaluated is told in an Err. */
#ifndef LESSON_EXPR_H
#define LESSON_EXPR_H

#include "engine/model/model.h"
#include "engine/trace/trace.h"

typedef struct Expr Expr; /* in the arena that it was parsed into */

typedef struct {
    int rank; /* 0: one number */
    size_t dim[TENSOR_RANK];
    size_t count;
    double *value;
} ExprValue;

typedef struct {
    const char *name;
    double value;
} ExprName;

/* One run that expressions can look into: its trace, and the model that the trace reads. */
typedef struct {
    const Trace *trace; /* NULL: not there (yet) */
    const Model *model;
} ExprRun;

/* A lesson's role: how a position is found in a text. */
typedef struct LessonRole LessonRole;
/* A name for an expression: `let` of the lesson or of the scene. The last of a name counts. */
typedef struct {
    const char *name;
    Expr *value;
} ExprLet;

typedef struct {
    ExprRun main;
    /* The run that `in(NAME, …)` means ("main" too). False with a message, or without one where it is
     * not there yet; NULL: there are none. */
    bool (*named)(void *user, const char *name, ExprRun *run, Err *err);
    /* Tells in the learner's language that the text has not this role; NULL: role_find's words. */
    void (*no_role)(void *user, const char *role, Err *err);
    /* Whether a text shows “?” in the place of a value, for it would tell what is asked; NULL: it
     * shows everything. */
    bool (*hides)(void *user, const Expr *expr);
    void *user;
    const LessonRole *role;
    size_t role_count;
    const ExprLet *let;
    size_t let_count;
    const ExprName *bound; /* variables: drawn, pointed at, a table's */
    size_t bound_count;
    const char *stage; /* what `stage` stands for; NULL: unknown */
    /* Records' numbers are rounded to the digits that the window shows of them, as a learner reads
     * them. */
    bool as_shown;
} ExprScope;

/* NULL with a message that names the column (from 1) and what was expected. */
Expr *expr_parse(Arena *arena, const char *text, size_t size, Err *err);
/* As it was written, for messages. */
const char *expr_text(const Expr *expr);

/* Whether a role, a let or a variable can be called so: a name that stands for nothing else. */
bool expr_can_name(const char *name);

/* The value lives in the arena. False with a message; where a run is not there yet with an empty
 * one. */
bool expr_eval(const Expr *expr, const ExprScope *scope, Arena *arena, ExprValue *value, Err *err);
bool expr_number(const Expr *expr, const ExprScope *scope, double *value, Err *err); /* a scalar */
bool expr_true(const Expr *expr, const ExprScope *scope, bool *value,
               Err *err); /* neither 0 nor NaN */
/* A whole number from 0 to `most` − 1. `what` is for the message. */
bool expr_index(const Expr *expr, const ExprScope *scope, size_t most, const char *what,
                size_t *value, Err *err);

/* What an expression names, for checks when a lesson is loaded and for what must be concealed: names
 * that are neither functions nor sizes, records, runs of in(…), stages as texts. */
typedef enum { EXPR_NAME, EXPR_RECORD, EXPR_RUN, EXPR_STAGE } ExprNameKind;
typedef void ExprVisit(void *user, const char *name, ExprNameKind kind);
void expr_names(const Expr *expr, ExprVisit *visit, void *user);

/* ---- Cells: "blocks.2.attn.hook_pattern[h, pronoun, :]" ---- */

/* Cells of one record: on each axis from ≤ index < to. */
typedef struct {
    int node;
    size_t from[TENSOR_RANK], to[TENSOR_RANK];
} CellRange;

/* Whether the expression is one record with its index, and nothing around it. */
bool expr_is_cells(const Expr *expr);
/* The record's name where it is; else NULL. */
const char *expr_record(const Expr *expr);
/* What stands in `in(RUN, …)`, and that run's name; of all else the expression itself, and NULL. */
const Expr *expr_in_run(const Expr *expr, const char **run);
/* Where these cells are in the scope's main trace, through aliases to the record that holds them. A
 * record without an index means all of it. */
bool expr_cells(const Expr *expr, const ExprScope *scope, CellRange *range, Err *err);
static inline bool cell_range_single(const CellRange *range, const Trace *trace) {
    for (int i = 0; i < trace->graph.node[range->node].rank; i++)
        if (range->to[i] != range->from[i] + 1)
            return false;
    return true;
}
bool cell_range_has(const CellRange *range, const Trace *trace, int node, const size_t *index);

#endif
