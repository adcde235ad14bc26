/* inspector_part: what the parts of the inspector share. Private to the inspector.
 *
 * The panel is laid out twice a frame: once to know how high it is, once to draw it scrolled. A
 * section takes the pen, draws at its y if `pen->draw`, and moves it down. */
#ifndef VIEWS_INSPECTOR_PART_H
#define VIEWS_INSPECTOR_PART_H

#include "app/ui/formula.h"
#include "app/views/view.h"
#include "app/views/words.h"

enum { PEN_LINE = 20 }; /* of a list */

/* What is known of the cell in hand. */
typedef struct {
    const ViewInput *in;
    Ui *ui;
    Arena *arena;
    const Theme *theme;
    const Trace *trace;
    int node_index;
    const Node *node;
    OpCall call;
    bool complete; /* the inputs were kept, so that it can be explained */
    bool has_cell; /* a cell is in hand: */
    bool asked;    /* a question asks for it: its value is not told */
    size_t index[TENSOR_RANK];
    double value;
    Explanation explanation;
    double *term;                          /* [explanation.terms] values of the terms */
    double low, high;                      /* of the finite terms, and 0 */
    double operand_largest[TERM_OPERANDS]; /* magnitudes, for the digits of each column */
    size_t *order;     /* the terms as they are listed; NULL: in the order of addition */
    Term first;        /* the first term */
    int more;          /* decimals beyond those that the operands' sizes deserve */
    int term_decimals; /* of the terms' own values */
    bool exact;        /* the arithmetic on what is shown gives what is shown */
    Progress progress;
    bool has_limits; /* with no cell in hand: of the record's finite cells, of the head in view … */
    double least, largest;
    double all_least, all_largest; /* … and of all heads */
} Inspected;

typedef struct {
    Inspected *inspected;
    int x, w, y;
    Rect visible; /* what is outside need not be drawn */
    bool draw;
} Pen;

Inspected inspected_now(const ViewInput *in);
/* Visits the terms once and copies those whose place in the list is in [first, first + count). */
void inspected_terms(Inspected *inspected, size_t first, size_t count, Term *terms);
/* The term of this number in the order of addition, however the list is sorted. */
Term inspected_term(Inspected *inspected, size_t number);
/* Chooses `more`, `term_decimals` and `exact`. */
void inspected_digits(Inspected *inspected);
/* The cell in hand is the one whose terms were listed in the frame before. */
bool inspected_listed(const Inspected *inspected);

/* ---- the pen ---- */

bool pen_sees(const Pen *pen, int height);
void pen_space(Pen *pen, int height);
/* "TERMS": a quiet heading. */
void pen_heading(Pen *pen, const char *text);
void pen_text(Pen *pen, FontRole font, int size, Color color, const char *text);
/* A message with coloured arguments. */
void pen_words(Pen *pen, int size, Color color, const char *message, const WordArg *args,
               size_t count);
/* A name at the left, a value in mono at the right, on one line. */
void pen_pair(Pen *pen, const char *name, const char *value, Color color);

/* ---- sections ---- */

void inspector_who(Pen *pen);                         /* whose cell it is, its value */
void inspector_substituted(Pen *pen);                 /* the numbers in the formula */
bool inspector_has_table(const Inspected *inspected); /* its terms are many */
void inspector_terms_head(Pen *pen);
void inspector_terms(Pen *pen);
int inspector_terms_place(const Inspected *inspected, int *height); /* of the term in hand */
void inspector_total(Pen *pen);                                     /* what they come to */
void inspector_weight(Pen *pen);   /* the number of a weight that was chosen among the operands */
void inspector_next(Pen *pen);     /* where the value goes */
void inspector_in_words(Pen *pen); /* a true sentence */

/* ---- words ---- */

/* "·Lily", "·little", "5": the place on one axis of a record. */
const char *axis_place(const Inspected *inspected, int node, int axis, size_t index);
/* Of a record of chosen experts: which one the cell's token takes there. */
bool cell_expert(const Inspected *inspected, const Node *node, const size_t *index, size_t *expert);
/* A number with as many decimals as its size deserves; percent for shares. */
const char *cell_number(const Inspected *inspected, const Node *node, double value);
const char *operand_number(const Inspected *inspected, const OpOperand *operand, int column);
/* What a term comes to. */
const char *term_number(const Inspected *in, const Term *term);
int operand_column_decimals(const Inspected *inspected, int column);
/* The name of an operand, as a reader knows it: "Q of ·Lily, d_head 5", "h.0.attn.c_attn.weight".
 * */
const char *operand_words(const Inspected *inspected, const OpOperand *operand);
Role operand_role(const Inspected *inspected, const OpOperand *operand);
/* What an operand that is no constant is a cell of. */
Ref operand_ref(const Inspected *inspected, const OpOperand *operand);
/* "x", "μ", "s″": its sign in the formula; "" where it needs none. */
const char *operand_symbol(const Inspected *inspected, const OpOperand *operand);
/* "(−0.428) · 2.552": a term with its numbers; "(x − μ) ÷ σ · w": with the formula's symbols. */
const char *term_text(const Inspected *inspected, const Term *term);
const char *form_words(const Inspected *inspected, const Term *term);
/* "d_model 83", "head 2, d_head 19", "the bias": which term it is, in a sentence. */
const char *term_words(const Inspected *inspected, const Term *term);

double sum_of_terms(const Inspected *inspected);
/* The chosen term and the sum, with so many digits that they give the value shown. */
typedef struct {
    const char *chosen, *sum;
    int decimals;
    bool exact;
} SumText;
SumText sum_text(const Inspected *inspected);

#endif
