/* expr_node: an expression as it was parsed. Private to expr*.c. */
#ifndef LESSON_EXPR_NODE_H
#define LESSON_EXPR_NODE_H

#include "app/lesson/expr.h"

typedef enum {
    EX_NUMBER,
    EX_NAME,
    EX_TEXT,   /* 'text' */
    EX_STAGE,  /* the variable `stage`: a text */
    EX_RECORD, /* with `axis`, or whole where axes is −1 */
    EX_CALL,
    EX_IN,
    EX_UNARY,
    EX_BINARY
} ExprKind;

typedef enum {
    SIGN_ADD,
    SIGN_SUB,
    SIGN_MUL,
    SIGN_DIV,
    SIGN_POWER,
    SIGN_LESS,
    SIGN_LESS_SAME,
    SIGN_MORE,
    SIGN_MORE_SAME,
    SIGN_SAME,
    SIGN_OTHER,
    SIGN_AND,
    SIGN_OR,
    SIGN_NOT,
    SIGN_MINUS
} ExprSign;

/* One axis of a record: all of it, one index (`to` NULL), or from … to. */
typedef struct {
    bool all;
    const Expr *from, *to;
} ExprAxis;

typedef struct ExprFunction ExprFunction;

struct Expr {
    ExprKind kind;
    const char *source; /* the whole expression as it was written */
    size_t column;      /* where this part of it begins, from 1 */
    double number;
    const char *name; /* a name, a record's, a run's; a text */
    const ExprFunction *function;
    ExprSign sign;
    const Expr *const *arg; /* [args] */
    int args;
    ExprAxis axis[TENSOR_RANK];
    int axes; /* of a record; −1: it has no index */
};

enum {
    EXPR_DEEPEST = 64,     /* brackets in each other */
    EXPR_LONGEST = 8000,   /* bytes of an expression */
    EXPR_PARTS = 256,      /* of it: so deep may a sum be, and EXPR_LETS of them in each other */
    EXPR_ARGS = 8,         /* of a function */
    EXPR_CELLS = 1 << 22,  /* of one value */
    EXPR_WORK = 1 << 24,   /* cells that an evaluation makes in all … */
    EXPR_NODES = 1 << 18,  /* … and parts that it goes through */
    EXPR_RANDOM = 1 << 28, /* products of one random_scores */
    EXPR_LETS = 16         /* names that stand for each other */
};

/* What an evaluation carries along. */
typedef struct {
    const ExprScope *scope;
    Arena *arena;
    Err *err;
    size_t work, nodes;
    int depth; /* of let */
} Eval;

bool eval_node(Eval *eval, const Expr *expr, ExprValue *value);
/* A message that begins with the column. Always false. */
bool eval_fail(Eval *eval, const Expr *expr, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A value of this shape, not filled; refused where it is too large. */
bool eval_room(Eval *eval, const Expr *expr, int rank, const size_t *dim, ExprValue *value);
bool eval_scalar(Eval *eval, const Expr *expr, double number, ExprValue *value);
bool eval_whole(Eval *eval, const Expr *expr, size_t most, const char *what, size_t *whole);

/* expr_cells.c */
bool eval_record(Eval *eval, const Expr *expr, ExprValue *value);
bool eval_range(Eval *eval, const Expr *expr, CellRange *range);

/* expr_functions.c */
const ExprFunction *expr_function(const char *name, size_t size);
/* Appends the nearest name; false where none is near. */
bool expr_function_near(const char *name, Buf *near);
/* "max is given 0, expected at least 1": false with a message. */
bool expr_function_takes(const ExprFunction *function, int args, Err *err);
bool expr_function_text(const ExprFunction *function); /* its argument is a text */
bool eval_call(Eval *eval, const Expr *expr, ExprValue *value);

bool number_is_true(double number); /* neither 0 nor NaN */

#endif
