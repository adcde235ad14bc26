/* How many digits the inspector shows, and a term with its numbers or its symbols.
 *
 * What is shown must bear itself out: the operands get as many decimals as it takes for the
 * arithmetic on the numbers *shown* to give the value *shown*; where that would take too many, the
 * line says "≈". */
#include "app/views/inspector_part.h"

#include <math.h>
#include <string.h>

enum { MORE_MOST = 4, DECIMALS_MOST = 10, FEW_TERMS = 3, SHARE_DECIMALS = 4, SHARE_MOST = 6 };

static double rounded(double value, int decimals) {
    double unit = pow(10, decimals);
    return isfinite(value) ? round(value * unit) / unit : value;
}

static bool is_whole(double value) {
    return isfinite(value) && value == floor(value) && fabs(value) < 1e9;
}

/* ---- one operand ---- */

/* −1: it is shown as a count. */
static int operand_decimals(const Inspected *in, const OpOperand *operand, int column) {
    if (operand->slot >= 0 && in->call.in[operand->slot].type == DTYPE_I32)
        return -1;
    if (operand->slot == SLOT_CONSTANT && is_whole(operand->value))
        return -1;
    double size = fabs(operand->value);
    if (operand->slot == SLOT_CONSTANT && size > 0 && size < 1e-3) /* eps */
        return (int)ceil(-log10(size) - 1e-9);
    int decimals = text_decimals(in->operand_largest[column]) + in->more;
    return decimals > DECIMALS_MOST ? DECIMALS_MOST : decimals;
}

/* Under a veil NaN is what a question hides. */
static bool is_hidden(const Inspected *in, double value) {
    return in->in->state->veil && isnan(value);
}

const char *operand_number(const Inspected *in, const OpOperand *operand, int column) {
    if (is_hidden(in, operand->value))
        return word(WORD_ASKED);
    int decimals = operand_decimals(in, operand, column);
    return decimals < 0 ? text_count(in->arena, (int64_t)operand->value)
                        : text_number(in->arena, operand->value, decimals);
}

const char *term_number(const Inspected *in, const Term *term) {
    return is_hidden(in, term->value) ? word(WORD_ASKED)
                                      : text_number(in->arena, term->value, in->term_decimals);
}

int operand_column_decimals(const Inspected *in, int column) {
    return operand_decimals(in, &in->first.operand[column], column);
}

/* ---- enough digits ---- */

typedef struct {
    const Inspected *in;
    Combiner combiner;
    bool alike; /* each of few terms comes out as it is shown, too */
} Trial;

static void try_term(void *user, size_t number, const Term *term) {
    Trial *trial = user;
    const Inspected *in = trial->in;
    Term shown = *term;
    (void)number;
    for (int i = 0; i < term->n; i++) {
        int decimals = operand_decimals(in, &term->operand[i], i);
        if (decimals >= 0)
            shown.operand[i].value = rounded(term->operand[i].value, decimals);
    }
    shown.value = term_value(shown.form, shown.operand, shown.n);
    combine_term(&trial->combiner, &shown);
    if (in->explanation.terms <= FEW_TERMS && in->explanation.terms > 1 && isfinite(term->value))
        trial->alike = trial->alike && rounded(shown.value, in->term_decimals) ==
                                           rounded(term->value, in->term_decimals);
}

static bool looks_like_value(const Inspected *in, double value) {
    return strcmp(cell_number(in, in->node, value), cell_number(in, in->node, in->value)) == 0;
}

static bool bears_out(const Inspected *in) {
    Trial trial = {.in = in, .alike = true};
    Explanation again;
    combine_start(&trial.combiner, &in->explanation);
    op_explain(&in->call, in->index, try_term, &trial, &again);
    return looks_like_value(in, combine_end(&trial.combiner)) && trial.alike;
}

static bool terms_add_up(const Inspected *in) {
    double sum = 0;
    for (size_t i = 0; i < in->explanation.terms; i++)
        sum += rounded(in->term[i], in->term_decimals);
    return looks_like_value(in, sum);
}

static bool is_arithmetic(Rule rule) {
    return rule == RULE_SUM || rule == RULE_MEAN || rule == RULE_ROOT || rule == RULE_SHARE;
}

void inspected_digits(Inspected *in) {
    bool few = in->explanation.terms <= FEW_TERMS && in->explanation.rule == RULE_SUM;
    in->term_decimals = text_decimals(fmax(fabs(in->low), fabs(in->high)));
    if (in->explanation.rule == RULE_SHARE)
        in->term_decimals = sum_text(in).decimals < SHARE_MOST ? sum_text(in).decimals : SHARE_MOST;
    for (int i = 0; few && i < FEW_TERMS && !terms_add_up(in); i++)
        in->term_decimals++;
    in->exact = !is_arithmetic(in->explanation.rule);
    for (in->more = 0; !in->exact && in->more <= MORE_MOST; in->more++)
        in->exact = bears_out(in);
    in->more -= in->more > 0;
}

/* ---- sums, and what is made of them ---- */

double sum_of_terms(const Inspected *in) {
    double sum = 0;
    for (size_t i = 0; i < in->explanation.terms; i++)
        sum += in->term[i];
    return sum;
}

static double made_of(const Inspected *in, double chosen, double sum) {
    switch (in->explanation.rule) {
    case RULE_MEAN: return sum / (double)in->explanation.terms;
    case RULE_ROOT: return sqrt(sum);
    case RULE_SHARE: return sum == 0 ? 0 : chosen / sum;
    default: return sum;
    }
}

SumText sum_text(const Inspected *in) {
    double sum = sum_of_terms(in), chosen = 0;
    if (in->explanation.rule == RULE_SHARE)
        chosen = in->term[in->explanation.chosen];
    int decimals = SHARE_DECIMALS;
    bool exact = false;
    for (; decimals <= DECIMALS_MOST && !exact; decimals++)
        exact = looks_like_value(in,
                                 made_of(in, rounded(chosen, decimals), rounded(sum, decimals)));
    decimals -= exact ? 1 : DECIMALS_MOST + 1 - SHARE_DECIMALS;
    return (SumText){text_number(in->arena, chosen, decimals),
                     text_number(in->arena, sum, decimals), decimals, exact};
}

/* ---- a term in one line ---- */

static const char *form_with(Arena *arena, TermForm form, const char *const *v) {
    switch (form) {
    case FORM_PRODUCT: return arena_printf(arena, "%s · %s", v[0], v[1]);
    case FORM_QUOTIENT: return arena_printf(arena, "%s ÷ %s", v[0], v[1]);
    case FORM_SQUARE_SHARE: return arena_printf(arena, "%s² ÷ %s", v[0], v[1]);
    case FORM_SQUARE_DIFF: return arena_printf(arena, "(%s − %s)² ÷ %s", v[0], v[1], v[2]);
    case FORM_NORMED: return arena_printf(arena, "(%s − %s) ÷ %s · %s", v[0], v[1], v[2], v[3]);
    case FORM_NORMED_RMS: return arena_printf(arena, "%s ÷ %s · %s", v[0], v[1], v[2]);
    case FORM_EXP_DIFF: return arena_printf(arena, "e^(%s − %s)", v[0], v[1]);
    case FORM_GELU_TANH:
        return arena_printf(arena, "0.5 · %s · (1 + tanh(√(2/π) · (%s + 0.044715 · %s³)))", v[0],
                            v[0], v[0]);
    case FORM_GELU_ERF: return arena_printf(arena, "0.5 · %s · (1 + erf(%s ÷ √2))", v[0], v[0]);
    case FORM_RELU: return arena_printf(arena, "max(%s, 0)", v[0]);
    case FORM_SILU: return arena_printf(arena, "%s ÷ (1 + e^(−%s))", v[0], v[0]);
    case FORM_TANH: return arena_printf(arena, "tanh(%s)", v[0]);
    case FORM_SIGMOID: return arena_printf(arena, "1 ÷ (1 + e^(−%s))", v[0]);
    case FORM_MINUS_PRODUCT: return arena_printf(arena, "−%s · %s", v[0], v[1]);
    case FORM_COS: return arena_printf(arena, "cos(%s · %s)", v[0], v[1]);
    case FORM_SIN: return arena_printf(arena, "sin(%s · %s)", v[0], v[1]);
    case FORM_GELU_TANH_GATE:
    case FORM_GELU_ERF_GATE: return arena_printf(arena, "GELU(%s) · %s", v[0], v[1]);
    case FORM_RELU_GATE: return arena_printf(arena, "max(%s, 0) · %s", v[0], v[1]);
    case FORM_SILU_GATE: return arena_printf(arena, "%s ÷ (1 + e^(−%s)) · %s", v[0], v[0], v[1]);
    case FORM_TANH_GATE: return arena_printf(arena, "tanh(%s) · %s", v[0], v[1]);
    case FORM_SIGMOID_GATE: return arena_printf(arena, "1 ÷ (1 + e^(−%s)) · %s", v[0], v[1]);
    case FORM_REST_PRODUCT: return arena_printf(arena, "(1 − %s) · %s", v[0], v[1]);
    case FORM_VALUE:
    case FORM_COUNT: break;
    }
    return v[0];
}

static const char *bracketed(const Inspected *in, const OpOperand *operand, int column) {
    const char *text = operand_number(in, operand, column);
    return operand->value < 0 ? arena_printf(in->arena, "(%s)", text) : text;
}

const char *term_text(const Inspected *in, const Term *term) {
    const char *v[TERM_OPERANDS] = {"", "", "", "", ""};
    int n = 0;
    for (int i = 0; i < term->n; i++)
        if (!term->operand[i].selects)
            v[n++] = bracketed(in, &term->operand[i], i);
    return form_with(in->arena, term->form, v);
}

/* ---- the symbols of the formula ---- */

static const char *constant_symbol(OpId op, const char *name) {
    if (strcmp(name, "eps") == 0)
        return "ε";
    switch (op) {
    case OP_DEVIATION: return "M";
    case OP_SHARES:
    case OP_SOFTMAX: return "m";
    case OP_SCALE: return "√d";
    case OP_TEMPERATURE: return "τ";
    case OP_EMBED: return "√M";
    case OP_SINUSOID: return strcmp(name, "position") == 0 ? "i" : "ω";
    case OP_POS_BIAS_SLOPE: return strcmp(name, "slope") == 0 ? "m" : "|i − j|";
    case OP_KEEP_HEADS:
    case OP_SCALE_ROWS: return "c";
    case OP_ANGLE: return strcmp(name, "position") == 0 ? "i" : "θ";
    default: return "";
    }
}

const char *operand_symbol(const Inspected *in, const OpOperand *operand) {
    static const char *const normal[] = {"x", "μ", "σ", "w", "b"}, *const rms[] = {"x", "σ", "w"};
    static const char *const blend[] = {"z", "n", "h"};
    static const char *const score[] = {[SOFTMAX_KEYS] = "s″",
                                        [SOFTMAX_QUERIES] = "s″",
                                        [SOFTMAX_LABELS] = "l",
                                        [SOFTMAX_VOCABULARY] = "l",
                                        [SOFTMAX_RANKS] = "l″"};
    if (operand->slot == SLOT_CONSTANT)
        return constant_symbol(in->call.op, operand->name);
    switch (in->call.op) {
    case OP_NORMALIZE: return in->call.n_in == 3 ? rms[operand->slot] : normal[operand->slot];
    case OP_DEVIATION: return normal[operand->slot];
    case OP_SOFTMAX: return score[in->call.param.softmax.kind];
    case OP_SCALE: return "s";
    case OP_EMBED: return in->call.param.embed.scale == 0 ? "" : operand->slot ? "E" : "t";
    case OP_KEEP_HEADS: return "z";
    case OP_SCALE_ROWS: return "x";
    case OP_SHARES: return operand->slot ? "e" : "r";
    case OP_MIX: return operand->slot ? "g" : "y";
    case OP_TEMPERATURE: return "l";
    case OP_ACTIVATION: return "u";
    case OP_GATE: return operand->slot ? "l" : "u";
    case OP_ADD:
    case OP_PRODUCT: return operand->slot ? "b" : "a";
    case OP_CARRY: return "h";
    case OP_BLEND: return blend[operand->slot];
    default: return "";
    }
}

const char *form_words(const Inspected *in, const Term *term) {
    const char *v[TERM_OPERANDS] = {"", "", "", "", ""};
    int n = 0;
    for (int i = 0; i < term->n; i++) {
        const char *symbol = operand_symbol(in, &term->operand[i]);
        if (!symbol[0])
            return term_form(term);
        if (!term->operand[i].selects)
            v[n++] = symbol;
    }
    return form_with(in->arena, term->form, v);
}
