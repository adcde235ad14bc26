/* op: the operations of the transformer, a row of one table each.
 *
 * A row knows everything about its operation: the formula, how to run it on a range of rows
 * (`forward`), how one cell of the result comes from cells of the inputs (`explain`), in which
 * order a person would compute it (`steps`), and how much work it is (`cost`). Whoever steps,
 * explains, counts or draws asks the row; there is no second description of an operation anywhere.
 *
 * A new operation is one file and one line in OP_TABLE. */
#ifndef OPS_OP_H
#define OPS_OP_H

#include "engine/tensor/tensor.h"

#include <stdbool.h>
#include <stddef.h>

#define OP_INPUTS 6

/* id, and the name of its row: op_info_<name>. In the order in which a forward meets them. */
#define OP_TABLE(X)                                                                                \
    X(INPUT, input)                                                                                \
    X(TOKENS, tokens)                                                                              \
    X(EMBED, embed)                                                                                \
    X(POSITION, position)                                                                          \
    X(SINUSOID, sinusoid)                                                                          \
    X(ADD, add)                                                                                    \
    X(SAME, same)                                                                                  \
    X(MEAN, mean)                                                                                  \
    X(DEVIATION, deviation)                                                                        \
    X(NORMALIZE, normalize)                                                                        \
    X(ANGLE, angle)                                                                                \
    X(ROTATE, rotate)                                                                              \
    X(LINEAR, linear)                                                                              \
    X(SCORES, scores)                                                                              \
    X(SCALE, scale)                                                                                \
    X(POS_BIAS_BUCKET, pos_bias_bucket)                                                            \
    X(POS_BIAS_SLOPE, pos_bias_slope)                                                              \
    X(MASK, mask)                                                                                  \
    X(SOFTMAX, softmax)                                                                            \
    X(WEIGHTED_SUM, weighted_sum)                                                                  \
    X(FLASH, flash)                                                                                \
    X(FLASH_SCORES, flash_scores)                                                                  \
    X(FLASH_MAX, flash_max)                                                                        \
    X(FLASH_RESCALE, flash_rescale)                                                                \
    X(FLASH_WEIGHTS, flash_weights)                                                                \
    X(FLASH_SUM, flash_sum)                                                                        \
    X(FLASH_ACC, flash_acc)                                                                        \
    X(KEEP_HEADS, keep_heads)                                                                      \
    X(HEAD_RESULT, head_result)                                                                    \
    X(ROUTE, route)                                                                                \
    X(SHARES, shares)                                                                              \
    X(EXPERT_LINEAR, expert_linear)                                                                \
    X(GATE, gate)                                                                                  \
    X(ACTIVATION, activation)                                                                      \
    X(MIX, mix)                                                                                    \
    X(FIRST, first)                                                                                \
    X(MEAN_ROWS, mean_rows)                                                                        \
    X(SCALE_ROWS, scale_rows)                                                                      \
    X(CARRY, carry)                                                                                \
    X(PRODUCT, product)                                                                            \
    X(BLEND, blend)                                                                                \
    X(TEMPERATURE, temperature)                                                                    \
    X(SORT, sort)                                                                                  \
    X(TOP_K, top_k)                                                                                \
    X(CUMULATIVE, cumulative)                                                                      \
    X(NUCLEUS, nucleus)                                                                            \
    X(DRAW, draw)                                                                                  \
    X(ARGMAX, argmax)

typedef enum {
#define OP_ID(ID, row) OP_##ID,
    OP_TABLE(OP_ID)
#undef OP_ID
        OP_COUNT
} OpId;

typedef enum {
    ACT_GELU_TANH,
    ACT_GELU_ERF,
    ACT_RELU,
    ACT_SILU,
    ACT_TANH,
    ACT_SIGMOID,
    ACT_KINDS
} ActKind;

/* Which keys a query may look at. Causality and padding are conditions of their own, beside the
 * kind. The patterns are those of Beltagy et al. 2020, "Longformer". */
typedef enum {
    MASK_FULL,
    MASK_LOCAL,     /* keys fewer than `window` places away */
    MASK_DILATED,   /* every `dilation`-th key of those: `window` to a side, itself among them */
    MASK_LONGFORMER /* MASK_LOCAL, and global positions, which see all and are seen by all */
} MaskKind;
#define MASK_GLOBALS 16
typedef struct {
    MaskKind kind;
    bool causal;             /* no look at what comes later */
    bool zero;               /* applied after the softmax: shares become 0. This breaks attention,
                                for the row no longer adds up to 1 */
    size_t window, dilation; /* both at least 1 where the kind reads them */
    size_t keys;             /* real tokens: those from here on are padding; 0: there is none */
    int globals;
    size_t global[MASK_GLOBALS];
} MaskParams;

/* Why a key is masked: the first of these that holds. */
typedef enum { MASK_SEEN, MASKED_PADDING, MASKED_FUTURE, MASKED_WINDOW } MaskReason;
MaskReason mask_reason(const MaskParams *mask, size_t query, size_t key);
bool mask_allows(const MaskParams *mask, size_t query, size_t key);
bool mask_is_global(const MaskParams *mask, size_t position); /* one of `global` */
/* Whether no query of q0 ≤ i < q1 may look at any key of k0 ≤ j < k1, and whether each may look at all:
 * told from the corners, not cell by cell. */
bool mask_tile_empty(const MaskParams *mask, size_t q0, size_t q1, size_t k0, size_t k1);
bool mask_tile_whole(const MaskParams *mask, size_t q0, size_t q1, size_t k0, size_t k1);
/* A causal query sees no key further back than this many, itself among them; 0: any. */
size_t mask_window(const MaskParams *mask);

typedef enum {
    LINEAR_QUERY,
    LINEAR_KEY,
    LINEAR_VALUE,
    LINEAR_OUTPUT,     /* the heads together, through W_O */
    LINEAR_FFN_IN,     /* up; the gate of a gated FFN */
    LINEAR_FFN_LINEAR, /* a gated FFN's linear branch */
    LINEAR_FFN_OUT,
    LINEAR_UNEMBED,
    LINEAR_ROUTER,     /* a mixture of experts: a score for each */
    LINEAR_POOLER,     /* BERT's, of the first row */
    LINEAR_CLASSIFIER, /* a score for each label */
    LINEAR_MLM_DENSE,  /* BERT's masked-LM head, before the output matrix */
    LINEAR_RNN_IN,     /* a recurrent layer's input */
    LINEAR_RNN_STATE,  /* the state of the token before */
    LINEAR_KINDS
} LinearKind;
/* Over the keys a row is as long as there are keys yet, not as wide as the record. */
typedef enum {
    SOFTMAX_KEYS,
    SOFTMAX_VOCABULARY,
    SOFTMAX_RANKS,
    SOFTMAX_LABELS, /* a classifier's */
    SOFTMAX_QUERIES /* the wrong axis: for each key over the queries. This breaks attention */
} SoftmaxKind;

/* A pair's sine and cosine side by side, or all the sines first (Marian). */
typedef enum { SINUSOID_PAIRS, SINUSOID_HALVES } SinusoidLayout;
/* How a rotary model's angles are slowed for texts longer than it was trained on: all alike (Chen et
 * al. 2023, position interpolation), or the slow pairs fully and the fast ones not at all, as Llama
 * 3.1 does it. */
typedef enum { ROPE_PLAIN, ROPE_LINEAR, ROPE_LLAMA3 } RopeScalingKind;
typedef struct {
    RopeScalingKind kind;
    double factor;
    double low, high; /* ROPE_LLAMA3: a pair that turns less than `low` times within `original`
                         positions is slowed by all of the factor, one above `high` not at all */
    double original;
} RopeScaling;

/* The number that is added to a score for the distance of its two tokens. */
typedef enum {
    POS_BIAS_NONE,
    POS_BIAS_BUCKETS, /* learned, one for each bucket of distances: T5 */
    POS_BIAS_SLOPES   /* minus the distance times the head's slope: ALiBi */
} PosBiasKind;
/* In which of a table's buckets a distance lies. */
typedef struct {
    bool both_ways;      /* later keys have half of the buckets, else they count as distance 0 */
    size_t max_distance; /* more than all the buckets of one distance; far ones share the last */
} BucketParams;

/* What a node fixes beyond its inputs. */
typedef union {
    struct {
        double divisor; /* √d_head, or 1 where a model doesn't scale */
        bool none;      /* it doesn't */
    } scale;
    struct {
        double eps;
    } deviation;
    MaskParams mask;
    struct {
        double scale; /* each cell times this: √d_model; 0: as it is */
    } embed;
    struct {
        size_t offset; /* rows of the table before that of the first position: BART's 2 */
    } position;
    struct {
        SinusoidLayout layout;
        size_t offset; /* of the first position */
    } sinusoid;
    BucketParams bucket;
    struct {
        double scale;    /* of each score: 1 ÷ √d_head */
        bool unscaled;   /* it is 1: the model doesn't scale */
        MaskParams mask; /* never `zero` */
        PosBiasKind bias;
        BucketParams bucket;
        size_t rows, columns; /* of a tile: queries × keys */
        size_t head;          /* whose tiles the six records show */
    } flash;
    struct {
        double theta; /* the base of the wavelengths: 10,000 */
        bool sine;    /* else the cosine */
        RopeScaling scaling;
    } angle;
    struct {
        uint64_t zeroed; /* bit h: head h's output is set to 0 */
    } heads;
    struct {
        size_t count; /* rows that are meant, from the first; 0: all that are known */
    } mean_rows;
    struct {
        double by;
        bool divide;      /* else each cell is multiplied */
        const char *name; /* constant: "1 ÷ √d_model" */
    } scale_rows;
    struct {
        LinearKind kind; /* which letters the formula has */
    } linear;
    struct {
        SoftmaxKind kind;
    } softmax;
    struct {
        ActKind kind;
    } act;
    struct {
        double temperature;
        size_t k; /* ranks from k on are ruled out; 0: none is */
        double p; /* the nucleus: the fewest ranks that reach p; 1: all */
        double u; /* the draw's uniform random number in [0, 1) */
    } sample;
} OpParams;

/* One call: the operation with its tensors in place. Inputs may be records or weights. */
typedef struct {
    OpId op;
    OpParams param;
    Tensor out;
    Tensor in[OP_INPUTS];
    int n_in;
    size_t length;                /* positions that are known so far: keys beyond are not read */
    size_t oldest;                /* nor are keys before this one, all masked (FORGETS_OLDEST) */
    size_t first;                 /* for op_cost of a few rows: the first of them */
    size_t part_first, part_last; /* forward's share of each row (OpInfo.parts); 0, 0: all of it */
} OpCall;

/* ---- explain: a cell, and the terms that it was made of ------------------------------------- */

/* Where an operand or a region lies if it is in none of the inputs. */
enum { SLOT_RESULT = -1, SLOT_CONSTANT = -2 };

/* An operand: a cell of an input, an earlier cell of the result itself, or a constant of the
 * operation. */
typedef struct {
    int slot; /* which input; or SLOT_RESULT, SLOT_CONSTANT */
    int rank;
    size_t index[TENSOR_RANK];
    double value;
    const char *name; /* constants only: "√d_head", "eps", "row maximum" */
    bool selects;     /* it chose the cell that was read, and takes no part in the arithmetic */
} OpOperand;

/* How a term's value comes from its operands a, b, c, d (those that don't merely select). */
typedef enum {
    FORM_VALUE,          /* a */
    FORM_PRODUCT,        /* a · b (· c …) */
    FORM_QUOTIENT,       /* a ÷ b */
    FORM_SQUARE_SHARE,   /* a² ÷ b */
    FORM_SQUARE_DIFF,    /* (a − b)² ÷ c */
    FORM_NORMED,         /* (a − b) ÷ c · d */
    FORM_NORMED_RMS,     /* a ÷ b · c */
    FORM_EXP_DIFF,       /* e^(a − b) */
    FORM_GELU_TANH,      /* 0.5 · a · (1 + tanh(√(2/π) · (a + 0.044715 · a³))) */
    FORM_GELU_ERF,       /* a · Φ(a) */
    FORM_RELU,           /* max(a, 0) */
    FORM_SILU,           /* a ÷ (1 + e^−a) */
    FORM_TANH,           /* tanh(a) */
    FORM_SIGMOID,        /* 1 ÷ (1 + e^−a) */
    FORM_MINUS_PRODUCT,  /* −a · b */
    FORM_COS,            /* cos(a · b) */
    FORM_SIN,            /* sin(a · b) */
    FORM_GELU_TANH_GATE, /* the activation of a, times b; and so for each kind */
    FORM_GELU_ERF_GATE,
    FORM_RELU_GATE,
    FORM_SILU_GATE,
    FORM_TANH_GATE,
    FORM_SIGMOID_GATE,
    FORM_REST_PRODUCT, /* (1 − a) · b */
    FORM_COUNT
} TermForm;

#define TERM_OPERANDS 5
typedef struct {
    TermForm form;
    int n;
    OpOperand operand[TERM_OPERANDS];
    double value; /* of the form with these operands, in double */
} Term;

/* How the terms make the cell. */
typedef enum {
    RULE_SUM,    /* Σ terms */
    RULE_MEAN,   /* Σ terms ÷ how many */
    RULE_ROOT,   /* √(Σ terms) */
    RULE_SHARE,  /* the chosen term ÷ Σ terms: softmax */
    RULE_RANK,   /* the place of the chosen-th largest term; of equals the first comes first */
    RULE_REACH,  /* how many terms it takes until one reaches the threshold, and at least 1 */
    RULE_DRAW,   /* the first term whose first selecting operand exceeds the threshold */
    RULE_ARGMAX, /* the place of the largest term; of equals the first */
    RULE_MAX,    /* the largest term */
    RULE_COUNT
} Rule;

typedef struct {
    Rule rule;
    size_t chosen;    /* RULE_SHARE, RULE_RANK: which term, from 0 */
    double threshold; /* RULE_REACH, RULE_DRAW */
    size_t terms;
    double recomputed; /* the terms combined by the rule */
} Explanation;

typedef void TermVisitor(void *user, size_t number, const Term *term);

/* Visits the terms of the cell `index` in the order in which they are added. `visit` may be NULL.
 * */
void op_explain(const OpCall *call, const size_t *index, TermVisitor *visit, void *user,
                Explanation *explanation);

double term_value(TermForm form, const OpOperand *operand, int n);
/* "(a − b) ÷ c · d"; of a product with its factors, operands that select left out. */
const char *term_form(const Term *term);
const char *rule_text(Rule rule); /* "sum", "share of the sum", … */

/* Combining by hand, for a test that changes an operand: feed the terms, then ask. */
typedef struct {
    Explanation head;
    double sum, picked, best;
    bool found;
    double *kept; /* RULE_RANK alone looks at all the terms at once */
    size_t capacity;
} Combiner;
void combine_start(Combiner *combiner, const Explanation *head); /* rule, chosen, threshold */
void combine_term(Combiner *combiner, const Term *term);
double combine_end(Combiner *combiner);

/* ---- steps: the order in which a person would compute it ------------------------------------ */

/* The half-open box lo ≤ index < hi of an input (slot ≥ 0) or of the result (SLOT_RESULT). */
typedef struct {
    int slot;
    size_t lo[TENSOR_RANK], hi[TENSOR_RANK];
} OpRegion;

/* Captions are message ids with typed arguments; the program puts them into words. */
#define CAPTION_TABLE(X)                                                                           \
    X(INPUT_ROW)           /* position */                                                          \
    X(TOKEN_READ)          /* position, id */                                                      \
    X(EMBED_ROW)           /* position, id */                                                      \
    X(POSITION_ROW)        /* position */                                                          \
    X(SINUSOID_ROW)        /* position, cells */                                                   \
    X(ADD_ROW)             /* position, how many summands, cells */                                \
    X(SAME_ROW)            /* position, cells */                                                   \
    X(MEAN_ROW)            /* position, cells, value */                                            \
    X(DEVIATION_ROW)       /* position, cells, value */                                            \
    X(NORMALIZE_ROW)       /* position, cells */                                                   \
    X(ANGLE_ROW)           /* position, cells */                                                   \
    X(ROTATE_ROW)          /* position, head, cells */                                             \
    X(LINEAR_ROW)          /* position, operands, cells */                                         \
    X(LINEAR_HEAD_ROW)     /* position, head, operands, cells */                                   \
    X(SCORE_CELL)          /* query position, key position, head, products, value */               \
    X(SCALE_ROW)           /* query position, head, divisor, cells */                              \
    X(POS_BIAS_BUCKET_ROW) /* query position, head, keys */                                        \
    X(POS_BIAS_SLOPE_ROW)  /* query position, head, keys, slope */                                 \
    /* query position, head, keys seen, keys masked, and what is named: */                         \
    X(MASK_ROW)            /* causal */                                                            \
    X(MASK_PADDED_ROW)     /* causal, with padding */                                              \
    X(MASK_FULL_ROW)       /* all but padding */                                                   \
    X(MASK_WINDOW_ROW)     /* causal: window */                                                    \
    X(MASK_LOCAL_ROW)      /* window */                                                            \
    X(MASK_DILATED_ROW)    /* dilation */                                                          \
    X(MASK_LONGFORMER_ROW) /* window, of a query that is not global */                             \
    X(MASK_GLOBAL_ROW)     /* a query that is */                                                   \
    X(MASK_BIAS_ROW)       /* a position bias is added as well */                                  \
    X(MASK_ZERO_ROW)       /* after the softmax */                                                 \
    X(SOFTMAX_MAX)         /* position, cells, value */                                            \
    X(SOFTMAX_EXP)         /* position, cells, maximum */                                          \
    X(SOFTMAX_SUM)         /* position, cells, value */                                            \
    X(SOFTMAX_DIVIDE)      /* position, cells, sum */                                              \
    X(WEIGHTED_SUM_ROW)    /* query position, head, rows added, cells */                           \
    /* first query, last query, first key, last key, and head: */                                  \
    X(FLASH_TILE)                                                                                  \
    X(FLASH_TILE_SKIPPED)                                                                          \
    X(FLASH_SCORES_TILE)                                                                           \
    X(FLASH_MAX_TILE)                                                                              \
    X(FLASH_RESCALE_TILE)                                                                          \
    X(FLASH_WEIGHTS_TILE)                                                                          \
    X(FLASH_SUM_TILE)                                                                              \
    X(FLASH_ACC_TILE)                                                                              \
    X(FLASH_DIVIDE)          /* first query, last query, head, cells */                            \
    X(KEEP_HEADS_ROW)        /* query position, head, cells, 1: it is kept, 0: zeroed */           \
    X(HEAD_RESULT_ROW)       /* query position, head, operands, cells */                           \
    X(ROUTE_ROW)             /* position, experts, how many are chosen, the best */                \
    X(SHARES_ROW)            /* position, how many, sum of the exponentials */                     \
    X(EXPERT_LINEAR_ROW)     /* position, expert, operands, cells */                               \
    X(MIX_ROW)               /* position, how many, cells */                                       \
    X(GATE_EXPERT_ROW)       /* position, cells, which of the chosen, from 1 */                    \
    X(ACTIVATION_EXPERT_ROW) /* likewise */                                                        \
    X(GATE_ROW)              /* position, cells */                                                 \
    X(ACTIVATION_ROW)        /* position, cells */                                                 \
    X(CARRY_FIRST)           /* position, cells */                                                 \
    X(CARRY_ROW)             /* position, the position before, cells */                            \
    X(PRODUCT_ROW)           /* position, cells */                                                 \
    X(BLEND_ROW)             /* position, cells */                                                 \
    X(FIRST_ROW)             /* position, cells */                                                 \
    X(MEAN_ROWS_ALL)         /* rows, cells */                                                     \
    X(TIMES_ROW)             /* position, cells, factor */                                         \
    X(DIVIDE_ROW)            /* position, cells, divisor */                                        \
    X(EMBED_SCALED_ROW)      /* position, id, factor */                                            \
    X(TEMPERATURE_ROW)       /* position, temperature, cells */                                    \
    X(SORT_ALL)              /* cells, id of the first */                                          \
    X(TOP_K_ALL)             /* k, cells */                                                        \
    X(CUMULATIVE_ALL)        /* cells */                                                           \
    X(NUCLEUS_COUNT)         /* p, how many are kept */                                            \
    X(DRAW_TOKEN)            /* u, rank, id */                                                     \
    X(ARGMAX_TOKEN)          /* cells, id */

typedef enum {
#define CAPTION_ID(ID) CAPTION_##ID,
    CAPTION_TABLE(CAPTION_ID)
#undef CAPTION_ID
        CAPTION_COUNT
} CaptionId;

typedef enum { ARG_POSITION, ARG_TOKEN_ID, ARG_HEAD, ARG_COUNT, ARG_VALUE } ArgKind;
typedef struct {
    ArgKind kind;
    double value;
} CaptionArg;

#define STEP_READS 5
#define STEP_ARGS 5
typedef struct {
    int n_reads;
    OpRegion read[STEP_READS];
    OpRegion write;    /* the cells in hand */
    bool writes;       /* false: a phase on the way (a maximum, a sum), which writes no cell yet */
    int phase, phases; /* softmax: 0 … 3 of 4; others: 0 of 1 */
    CaptionId caption;
    int n_args;
    CaptionArg arg[STEP_ARGS];
} OpStep;

/* The steps that write cells cover each cell exactly once. Where the result has a head axis, the
 * steps of head h are those from h × count ÷ heads on; and so for each of a token's experts. */
size_t op_step_count(const OpCall *call);
void op_step_at(const OpCall *call, size_t number, OpStep *step);

/* ---- the table ------------------------------------------------------------------------------ */

typedef struct {
    double flops; /* each addition, multiplication, division, comparison, exp … counts one */
    double bytes; /* read and written, each input and the result once */
} OpCost;

typedef struct ExplainSink ExplainSink; /* row.h */

/* What forward does about keys that a mask hides from all the rows it computes: reads them all the
 * same, begins at OpCall.oldest, or skips the tiles that they fill. */
typedef enum { FORGETS_NOTHING, FORGETS_OLDEST, FORGETS_TILES } Forgets;

typedef struct {
    const char *name; /* as the trace file has it: "linear" */
    /* A little TeX: _{} ^{} \frac{}{} \sqrt{} \sum_{} \mathrm{}; \q{} \k{} \v{} colour. */
    const char *formula;
    const char *title; /* what a reader calls it: "Linear map" */
    /* Computes the rows [first, last) of the result, whole cells each, reading no row that is not
     * known yet. Operations with no row axis get [0, 1). */
    void (*forward)(const OpCall *call, size_t first, size_t last);
    /* Into how many parts (heads, groups of columns) a row falls that can be computed apart, so that
     * one row can keep several threads busy; forward then computes parts [part_first, part_last) of
     * its rows. NULL: a row is computed whole. */
    size_t (*parts)(const OpCall *call);
    /* The parts are heads, and an input [H Tq Tk] is read at the part's own head and rows alone: so a
     * few rows of one head can run through several such operations while they lie in the cache. */
    bool by_head;
    void (*explain)(const OpCall *call, const size_t *index, ExplainSink *sink);
    size_t (*step_count)(const OpCall *call);
    void (*step_at)(const OpCall *call, size_t number, OpStep *step);
    double (*flops)(const OpCall *call);
    size_t
        scratch; /* bytes that forward takes for itself while it runs, for each cell of the result */
    Forgets forgets;
    /* How many cells of an input are read, where it isn't all of them; NULL: all. */
    double (*reads)(const OpCall *call, int slot);
    /* The formula of this very call, where a bias or a mean may be missing or a kind is chosen;
     * NULL: `formula` serves all. */
    const char *(*variant)(const OpCall *call);
    /* The vector-Jacobian product has its place here. */
} OpInfo;

const OpInfo *op_info(OpId op);
/* The formula of this call. */
const char *op_formula(const OpCall *call);
size_t op_parts(const OpCall *call); /* at least 1 */
void op_forward(const OpCall *call, size_t first, size_t last);
OpCost op_cost(const OpCall *call);
/* Whether a row reads this input's rows up to the newest, not its own alone: keys and values. */
bool op_reads_all_rows(OpId op, int slot);
/* A record of flash attention's tiles: of one head, OpParams.flash.head. */
bool op_shows_tiles(OpId op);

#endif
