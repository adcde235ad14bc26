/* A sentence for the cell in hand. Each is made of the trace's own numbers, so it is true. */
#include "app/views/inspector_part.h"

#include <math.h>
#include <string.h>

static bool is_done(const Inspected *in, size_t last_index) {
    size_t at[TENSOR_RANK];
    memcpy(at, in->index, sizeof at);
    at[in->node->rank - 1] = last_index;
    return progress_done(&in->progress, at);
}

/* How many cells of the row are computed by now: nothing is said about the others. */
static size_t done_of_row(const Inspected *in, size_t count) {
    size_t done = 0;
    while (done < count && is_done(in, done))
        done++;
    return done;
}

/* The place of the largest finite cell along the last axis, from 0 to `count`. */
static size_t largest_of_row(const Inspected *in, size_t count) {
    size_t at[TENSOR_RANK], best = 0;
    int last = in->node->rank - 1;
    double most = -INFINITY;
    for (int axis = 0; axis <= last; axis++)
        at[axis] = in->index[axis];
    for (size_t i = 0; i < count; i++) {
        at[last] = i;
        double value = trace_get(in->trace, in->node_index, at);
        if (value > most) {
            most = value;
            best = i;
        }
    }
    return best;
}

static double value_at(const Inspected *in, size_t last_index) {
    size_t at[TENSOR_RANK];
    for (int axis = 0; axis < in->node->rank; axis++)
        at[axis] = in->index[axis];
    at[in->node->rank - 1] = last_index;
    return trace_get(in->trace, in->node_index, at);
}

/* The mask of these scores: their own, or that of a later stage of the block. NULL: there is none. */
static const MaskParams *mask_of(const Inspected *in) {
    for (int i = in->node_index; i < in->trace->graph.count; i++) {
        const Node *node = &in->trace->graph.node[i];
        if (node->layer != in->node->layer || node->stack != in->node->stack)
            return NULL;
        if (node->op == OP_MASK)
            return &node->param.mask;
    }
    return NULL;
}

/* The keys that the row's query may look at: how many, of them with a score by now, and the one
 * that scores highest. */
typedef struct {
    size_t seen, done, best;
} Row;

static Row row_of(const Inspected *in, const MaskParams *mask) {
    Row row = {0};
    double most = -INFINITY;
    for (size_t key = 0; key < in->node->dim[2]; key++) {
        if (mask && !mask_allows(mask, in->index[1], key))
            continue;
        row.seen++;
        if (!is_done(in, key))
            continue;
        double value = value_at(in, key);
        if (row.done++ == 0 || value > most) {
            most = value;
            row.best = key;
        }
    }
    return row;
}

static WordArg number_arg(const Inspected *in, const Node *node, double value) {
    const char *text = cell_number(in, node, value), *unit = strstr(text, " %");
    if (unit) /* no line ends between the number and its sign */
        text = arena_printf(in->arena, "%.*s\u00a0%%", (int)(unit - text), text);
    return (WordArg){.text = text, .role = ROLE_NONE};
}
/* An operand of the first term, with the digits that the list shows. */
static WordArg operand_arg(const Inspected *in, int operand) {
    return (WordArg){.text = operand_number(in, &in->first.operand[operand], operand)};
}
static WordArg count_arg(const Inspected *in, size_t count) {
    return (WordArg){.text = text_count(in->arena, (int64_t)count), .plain = true};
}
static WordArg token_arg(const Inspected *in, const TraceText *text, size_t position, Role role) {
    return (WordArg){.text = word_token(in->arena, text, position), .role = role};
}
/* Of scores and patterns [H Tq Tk]. */
static WordArg query_arg(const Inspected *in, size_t position) {
    return token_arg(in, trace_text(in->trace, in->node_index, 1), position, ROLE_QUERY);
}
static WordArg key_arg(const Inspected *in, size_t position) {
    return token_arg(in, trace_text(in->trace, in->node_index, 2), position, ROLE_KEY);
}
/* Of a record whose rows are tokens. */
static WordArg row_arg(const Inspected *in) {
    return token_arg(in, node_text(in->trace, in->node), in->index[0], ROLE_HAND);
}

static void say(Pen *pen, WordId id, const WordArg *args, size_t count) {
    pen_words(pen, THEME_SIZE_TEXT, pen->inspected->theme->text, word(id), args, count);
}
#define SAY(pen, id, ...)                                                                          \
    say((pen), (id), (const WordArg[]){__VA_ARGS__},                                               \
        sizeof((const WordArg[]){__VA_ARGS__}) / sizeof(WordArg))

/* ---- attention ---- */

static void say_scores(Pen *pen) {
    const Inspected *in = pen->inspected;
    const MaskParams *mask = mask_of(in);
    size_t query = in->index[1], key = in->index[2];
    MaskReason reason = mask ? mask_reason(mask, query, key) : MASK_SEEN;
    static const WordId hidden[] = {[MASKED_PADDING] = WORD_SAY_PADDING,
                                    [MASKED_FUTURE] = WORD_SAY_FUTURE,
                                    [MASKED_WINDOW] = WORD_SAY_OUTSIDE};
    Row row = row_of(in, mask);
    if (reason != MASK_SEEN)
        SAY(pen, hidden[reason], key_arg(in, key), query_arg(in, query));
    else if (row.done < row.seen)
        SAY(pen, WORD_SAY_SCORES_SO_FAR, count_arg(in, row.done), count_arg(in, row.seen),
            query_arg(in, query), key_arg(in, row.best),
            number_arg(in, in->node, value_at(in, row.best)));
    else if (row.seen > 1)
        SAY(pen, WORD_SAY_SCORES, count_arg(in, row.seen), query_arg(in, query),
            key_arg(in, row.best), number_arg(in, in->node, value_at(in, row.best)));
    else
        SAY(pen, query == 0 && mask && mask->causal ? WORD_SAY_ALONE : WORD_SAY_ONE_KEY,
            query_arg(in, query), key_arg(in, key));
}

/* By the reason that the mask of the scores gives. */
static void say_hidden(Pen *pen, const MaskParams *mask, const WordId *words) {
    const Inspected *in = pen->inspected;
    MaskReason reason = mask_reason(mask, in->index[1], in->index[2]);
    if (reason != MASK_SEEN)
        SAY(pen, words[reason], key_arg(in, in->index[2]), query_arg(in, in->index[1]));
}

static void say_masked(Pen *pen) {
    static const WordId words[] = {[MASKED_PADDING] = WORD_SAY_MASKED_PADDING,
                                   [MASKED_FUTURE] = WORD_SAY_MASKED,
                                   [MASKED_WINDOW] = WORD_SAY_MASKED_OUTSIDE};
    say_hidden(pen, &pen->inspected->node->param.mask, words);
}

static void say_no_share(Pen *pen, const Node *scores) {
    static const WordId words[] = {[MASKED_PADDING] = WORD_SAY_NO_SHARE_PADDING,
                                   [MASKED_FUTURE] = WORD_SAY_NO_SHARE,
                                   [MASKED_WINDOW] = WORD_SAY_NO_SHARE_OUTSIDE};
    if (scores->op == OP_MASK)
        say_hidden(pen, &scores->param.mask, words);
}

static void say_pattern(Pen *pen) {
    const Inspected *in = pen->inspected;
    size_t query = in->index[1], key = in->index[2], best = largest_of_row(in, in->node->dim[2]);
    double score = trace_get(in->trace, in->node->in[0].index, in->index);
    if (isinf(score))
        say_no_share(pen, &in->trace->graph.node[in->node->in[0].index]);
    else if (key == best)
        SAY(pen, WORD_SAY_MOST, query_arg(in, query), key_arg(in, key),
            number_arg(in, in->node, in->value));
    else
        SAY(pen, WORD_SAY_SHARE, query_arg(in, query), key_arg(in, key),
            number_arg(in, in->node, in->value), key_arg(in, best),
            number_arg(in, in->node, value_at(in, best)));
}

/* ---- sums ---- */

static size_t largest_term(const Inspected *in) {
    size_t best = 0;
    for (size_t i = 1; i < in->explanation.terms; i++)
        if (fabs(in->term[i]) > fabs(in->term[best]))
            best = i;
    return best;
}

static void say_weighted_sum(Pen *pen) {
    Inspected *in = pen->inspected;
    size_t best = largest_term(in);
    size_t at[TENSOR_RANK] = {in->index[1], in->index[0], best};
    int pattern = in->node->in[0].index;
    SAY(pen, WORD_SAY_GATHERED, token_arg(in, trace_text(in->trace, pattern, 2), best, ROLE_VALUE),
        number_arg(in, &in->trace->graph.node[pattern], trace_get(in->trace, pattern, at)),
        token_arg(in, trace_text(in->trace, pattern, 1), in->index[0], ROLE_QUERY),
        number_arg(in, in->node, in->term[best]));
}

static void say_products(Pen *pen) {
    Inspected *in = pen->inspected;
    size_t best = largest_term(in), up = 0;
    Term term = inspected_term(in, best);
    for (size_t i = 0; i < in->explanation.terms; i++)
        up += in->term[i] > 0;
    SAY(pen, WORD_SAY_PRODUCTS, count_arg(in, in->explanation.terms), count_arg(in, up),
        (WordArg){.text = term_words(in, &term), .plain = true},
        number_arg(in, in->node, in->term[best]));
}

static void say_add(Pen *pen) {
    const Inspected *in = pen->inspected;
    if (in->explanation.terms != 2)
        return;
    bool state = in->node->axis[in->node->rank - 1] == AXIS_D_HIDDEN;
    bool cell = in->trace->graph.node[in->node->in[0].index].op == OP_PRODUCT;
    WordId id = in->node->layer < 0 ? WORD_SAY_ADD_PLACE
                : !state            ? WORD_SAY_ADD_STREAM
                : cell              ? WORD_SAY_ADD_CELL
                                    : WORD_SAY_ADD_STATE;
    SAY(pen, id, number_arg(in, in->node, in->term[1]), number_arg(in, in->node, in->term[0]),
        number_arg(in, in->node, in->value));
}

/* ---- the others ---- */

static void say_normalize(Pen *pen) {
    const Inspected *in = pen->inspected;
    if (in->first.form != FORM_NORMED)
        return;
    const OpOperand *x = in->first.operand;
    double distance = (x[0].value - x[1].value) / x[2].value;
    SAY(pen, distance < 0 ? WORD_SAY_BELOW_MEAN : WORD_SAY_ABOVE_MEAN, operand_arg(in, 0),
        number_arg(in, in->node, fabs(distance)));
}

static void say_activation(Pen *pen) {
    const Inspected *in = pen->inspected;
    SAY(pen, WORD_SAY_ACTIVATION, operand_arg(in, 0), number_arg(in, in->node, in->value));
}

/* ---- recurrent ---- */

static void say_carry(Pen *pen) {
    const Inspected *in = pen->inspected;
    size_t row = in->index[0];
    const TraceText *text = node_text(in->trace, in->node);
    if (row == 0)
        SAY(pen, WORD_SAY_NO_STATE, row_arg(in));
    else
        SAY(pen, WORD_SAY_CARRIED, row_arg(in), token_arg(in, text, row - 1, ROLE_HAND));
}

static void say_product(Pen *pen) {
    const Inspected *in = pen->inspected;
    SAY(pen, WORD_SAY_GATED, operand_arg(in, 0), operand_arg(in, 1),
        number_arg(in, in->node, in->value));
}

static void say_blend(Pen *pen) {
    Inspected *in = pen->inspected;
    Term old = inspected_term(in, 1);
    SAY(pen, WORD_SAY_BLEND, operand_arg(in, 0),
        (WordArg){.text = operand_number(in, &old.operand[1], 1)}, operand_arg(in, 1));
}

static void say_vocabulary(Pen *pen) {
    const Inspected *in = pen->inspected;
    int last = in->node->rank - 1;
    bool here = view_task(in->in) == TASK_FILL;
    size_t position = last > 0 ? in->index[0] : in->trace->own.length - 1;
    WordArg row = token_arg(in, node_text(in->trace, in->node), position, ROLE_HAND);
    size_t best = largest_of_row(in, in->node->dim[last]), cell = in->index[last];
    WordArg token = {.text = word_vocab(in->arena, in->in->model, cell), .role = ROLE_HAND};
    WordArg top = {.text = word_vocab(in->arena, in->in->model, best), .role = ROLE_HAND};
    if (cell == best)
        SAY(pen, here ? WORD_SAY_FITS : WORD_SAY_BEST, row, token,
            number_arg(in, in->node, in->value));
    else
        SAY(pen, here ? WORD_SAY_FITS_LESS : WORD_SAY_NOT_BEST, row, token,
            number_arg(in, in->node, in->value), top, number_arg(in, in->node, value_at(in, best)));
}

static WordArg label_arg(const Inspected *in, size_t label) {
    return (WordArg){.text = axis_place(in, in->node_index, in->node->rank - 1, label),
                     .role = ROLE_HAND};
}

static void say_label(Pen *pen) {
    const Inspected *in = pen->inspected;
    int last = in->node->rank - 1;
    size_t best = largest_of_row(in, in->node->dim[last]), cell = in->index[last];
    if (cell == best)
        SAY(pen, WORD_SAY_LABEL, label_arg(in, cell), number_arg(in, in->node, in->value));
    else
        SAY(pen, WORD_SAY_NOT_LABEL, label_arg(in, cell), number_arg(in, in->node, in->value),
            label_arg(in, best), number_arg(in, in->node, value_at(in, best)));
}

static void say_chosen(Pen *pen) {
    const Inspected *in = pen->inspected;
    size_t expert = (size_t)in->value;
    SAY(pen, WORD_SAY_CHOSEN, count_arg(in, expert),
        (WordArg){.text = text_number(in->arena, in->term[expert],
                                      text_decimals(fmax(fabs(in->low), fabs(in->high))))},
        row_arg(in), (WordArg){.text = word_ordinal(in->arena, in->index[1]), .plain = true});
}

static void say_expert_share(Pen *pen) {
    const Inspected *in = pen->inspected;
    size_t expert;
    if (cell_expert(in, in->node, in->index, &expert))
        SAY(pen, WORD_SAY_EXPERT_SHARE, count_arg(in, expert), number_arg(in, in->node, in->value),
            row_arg(in));
}

static void say_embed(Pen *pen) {
    const Inspected *in = pen->inspected;
    double id = in->first.operand[1].value;
    bool type = strstr(in->node->name, "hook_token_type") != NULL;
    SAY(pen, type ? WORD_SAY_TYPE : WORD_SAY_EMBED, row_arg(in), count_arg(in, (size_t)id),
        count_arg(in, in->index[1]));
}

typedef void Sentence(Pen *pen);

static Sentence *sentence_of(const Inspected *in) {
    static Sentence *const table[OP_COUNT] = {
        [OP_SCORES] = say_scores,
        [OP_SCALE] = say_scores,
        [OP_MASK] = say_scores,
        [OP_WEIGHTED_SUM] = say_weighted_sum,
        [OP_LINEAR] = say_products,
        [OP_HEAD_RESULT] = say_products,
        [OP_EXPERT_LINEAR] = say_products,
        [OP_ADD] = say_add,
        [OP_NORMALIZE] = say_normalize,
        [OP_ACTIVATION] = say_activation,
        [OP_EMBED] = say_embed,
        [OP_CARRY] = say_carry,
        [OP_PRODUCT] = say_product,
        [OP_BLEND] = say_blend,
        [OP_ROUTE] = say_chosen,
        [OP_SHARES] = say_expert_share,
    };
    Axis last = in->node->axis[in->node->rank - 1];
    if (last == AXIS_VOCAB && in->node->type == DTYPE_F32)
        return say_vocabulary;
    if (last == AXIS_LABEL)
        return say_label;
    if (in->node->op == OP_SOFTMAX && in->node->rank == 3)
        return node_is_turned(in->node) ? NULL : say_pattern;
    if (in->node->op == OP_MASK && in->node->param.mask.zero)
        return NULL;
    if (in->node->op == OP_MASK && isinf(in->value))
        return say_masked;
    return table[in->node->op];
}

/* It names the largest of its row. */
static bool needs_row(const Inspected *in) {
    Axis last = in->node->axis[in->node->rank - 1];
    return in->node->op == OP_SOFTMAX || last == AXIS_VOCAB || last == AXIS_LABEL;
}

void inspector_in_words(Pen *pen) {
    const Inspected *in = pen->inspected;
    size_t width = in->node->dim[in->node->rank - 1];
    Sentence *sentence = sentence_of(in);
    if (!sentence || in->asked || (needs_row(in) && done_of_row(in, width) < width))
        return;
    pen_heading(pen, word(WORD_IN_WORDS));
    sentence(pen);
}
