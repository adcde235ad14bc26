/* The names of stages and the captions of small steps. */
#include "app/views/words.h"

#include <math.h>
#include <string.h>

/* ---- Stages ---------------------------------------------------------------------------------- */

typedef struct {
    const char *in_map, *title, *about;
} StageWords;

static const struct {
    const char *end;
    StageWords words[LANG_COUNT];
} RECORDS[] = {
#define EN(...)                                                                                    \
    { __VA_ARGS__ }
#define KO(...)                                                                                    \
    { __VA_ARGS__ }
#define RECORD(end, ...) {end, {__VA_ARGS__}},
#include "app/views/words_records.def"
#undef RECORD
#undef EN
#undef KO
};

static bool ends_with(const char *name, const char *end) {
    size_t size = strlen(name), most = strlen(end);
    return size >= most && strcmp(name + size - most, end) == 0 &&
           (size == most || name[size - most - 1] == '.');
}

/* Masked scores by what their mask hides, and whether a position bias is added too; cross-attention
 * has words of its own. */
static const char *mask_words(const Node *node) {
    const MaskParams *mask = &node->param.mask;
    if (mask->zero)
        return "late.hook_pattern";
    if (ends_with(node->name, "cross_attn.hook_attn_scores"))
        return node->name;
    if (node->n_in > 1)
        return "bias.hook_attn_scores";
    if (mask->kind != MASK_FULL)
        return "local.hook_attn_scores";
    if (mask->causal)
        return node->name;
    return mask->keys > 0 ? "padding.hook_attn_scores" : "full.hook_attn_scores";
}

/* An expert's own stages. */
static const char *expert_words(const Node *node) {
    static const char *const names[] = {"expert.mlp.hook_pre", "expert.mlp.hook_pre_linear",
                                        "expert.mlp.hook_post"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (ends_with(node->name, names[i] + strlen("expert.")))
            return names[i];
    return node->name;
}

/* A sum of three: the embeddings with token types, or both halves of a parallel block. */
static const char *sum_words(const Node *node) {
    if (node->n_in < 3)
        return node->name;
    return node->layer < 0 ? "types.hook_full_embed_pre" : "parallel.hook_resid_post";
}

/* Records of one name that another operation made: RMSNorm's for LayerNorm's, the gate's for the
 * activation's. */
static const char *other_words(const Node *node) {
    if (node_has_choices(node))
        return expert_words(node);
    switch (node->op) {
    case OP_NORMALIZE:
        return node->n_in == 3 && !ends_with(node->name, "hook_normalized_resid_post")
                   ? "rms.hook_normalized"
                   : node->name;
    case OP_DEVIATION: return node->n_in == 1 ? "rms.hook_scale" : node->name;
    case OP_SINUSOID: return "sinusoid.hook_pos_embed";
    case OP_SCALE: return node->param.scale.none ? "unscaled.hook_attn_scores_scaled" : node->name;
    case OP_MASK: return mask_words(node);
    case OP_SOFTMAX: return node_is_turned(node) ? "turned.hook_pattern" : node->name;
    case OP_MIX: return "mix.hook_mlp_out";
    case OP_GATE: return "gate.hook_post";
    case OP_FLASH: return "tiles.hook_z";
    case OP_ADD: return sum_words(node);
    default: return node->name;
    }
}

/* A record without words of its own is called as its operation is. */
static StageWords stage_words(const Node *node) {
    const char *name = other_words(node), *title = word_name(op_info(node->op)->title);
    for (size_t i = 0; i < sizeof RECORDS / sizeof *RECORDS; i++)
        if (ends_with(name, RECORDS[i].end))
            return RECORDS[i].words[words_language()];
    return (StageWords){title, title, title};
}

const char *word_stage_title(const Node *node) {
    return stage_words(node).title;
}

const char *word_stage_short(const Node *node) {
    return stage_words(node).in_map;
}

const char *word_stage_about(const Node *node) {
    return stage_words(node).about;
}

const char *word_block(Arena *arena, const Node *node, bool alone) {
    static const WordId ids[][2] = {
        [BLOCK_PLAIN] = {WORD_WHERE_BLOCK, WORD_BLOCK},
        [BLOCK_ENCODER] = {WORD_WHERE_ENCODER_BLOCK, WORD_ENCODER_BLOCK},
        [BLOCK_DECODER] = {WORD_WHERE_DECODER_BLOCK, WORD_DECODER_BLOCK}};
    return WORD_WITH(arena, ids[node_block_kind(node)][alone], text_count(arena, node->layer));
}

static void add_part(Buf *out, const char *part) {
    if (out->size > 0)
        buf_text(out, " · ");
    buf_text(out, part);
}

const char *word_stage_where(Arena *arena, const Node *node, long head) {
    Buf out = {0};
    if (node->layer >= 0)
        add_part(&out, word_block(arena, node, false));
    else if (node_block_kind(node) != BLOCK_PLAIN)
        add_part(&out,
                 word(node->stack == STACK_ENCODER ? WORD_WHERE_ENCODER : WORD_WHERE_DECODER));
    if (head >= 0 && node_has_choices(node))
        add_part(&out, WORD_WITH(arena, WORD_CHOICE, word_ordinal(arena, (size_t)head)));
    else if (head >= 0)
        add_part(&out, WORD_WITH(arena, WORD_HEAD, text_count(arena, head)));
    const char *shape = "";
    for (int axis = 0; axis < node->rank; axis++)
        if (head < 0 || axis != node_head_axis(node))
            shape = arena_printf(arena, "%s%s%s", shape, *shape ? " × " : "",
                                 text_count(arena, (int64_t)node->dim[axis]));
    add_part(&out, shape);
    const char *text = arena_copy_text(arena, buf_cstr(&out));
    buf_free(&out);
    return text;
}

/* ---- Captions -------------------------------------------------------------------------------- */

enum { VARIANTS = 4 };

static const char *const CAPTIONS[CAPTION_COUNT][VARIANTS][LANG_COUNT] = {
#define CAPTION(ID, variant, ...) [CAPTION_##ID][variant] = {__VA_ARGS__},
#include "app/views/words_captions.def"
#undef CAPTION
};

/* Several heads of queries share each head of this record. */
static bool shares_heads(const Graph *graph, const Node *node) {
    if (node->rank < 2 || node->axis[1] != AXIS_KV_HEAD)
        return false;
    for (int i = 0; i < graph->count; i++) {
        const Node *other = &graph->node[i];
        if (other->stack == node->stack && other->rank > 1 && other->axis[1] == AXIS_HEAD)
            return other->dim[1] != node->dim[1];
    }
    return false;
}

static int caption_variant(const Graph *graph, const Node *node, const OpStep *step) {
    switch (step->caption) {
    case CAPTION_TOKEN_READ:
    case CAPTION_EMBED_ROW: return strstr(node->name, "hook_token_type") != NULL;
    case CAPTION_LINEAR_ROW: return node->n_in > 2; /* there is a bias */
    case CAPTION_LINEAR_HEAD_ROW: return (node->n_in > 2) + 2 * shares_heads(graph, node);
    case CAPTION_ROTATE_ROW: return shares_heads(graph, node);
    case CAPTION_MASK_ROW:
    case CAPTION_MASK_FULL_ROW:
    case CAPTION_MASK_GLOBAL_ROW:
    case CAPTION_MASK_BIAS_ROW:
    case CAPTION_MASK_ZERO_ROW: return step->arg[3].value <= 0; /* nothing is masked */
    case CAPTION_SOFTMAX_MAX:
    case CAPTION_SOFTMAX_EXP:
    case CAPTION_SOFTMAX_SUM:
    case CAPTION_SOFTMAX_DIVIDE: return node->param.softmax.kind == SOFTMAX_QUERIES;
    case CAPTION_KEEP_HEADS_ROW: return step->arg[3].value > 0;
    case CAPTION_TOP_K_ALL: return step->arg[0].value <= 0; /* no limit */
    default: return 0;
    }
}

static const char *bare_number(Arena *arena, const CaptionArg *arg) {
    if (arg->kind == ARG_VALUE)
        return text_number(arena, arg->value, text_decimals(fabs(arg->value)));
    return text_count(arena, (int64_t)arg->value);
}

/* The first position of a step is a row; the second a key, or another row. */
static WordArg said_position(Arena *arena, const Trace *trace, const Node *node, size_t n,
                             bool *row_said) {
    int row = node_row_axis(node), index = (int)(node - trace->graph.node);
    const TraceText *text = row < 0 ? node_text(trace, node) : trace_text(trace, index, row);
    Role role = row < 0 ? ROLE_HAND : node_axis_role(node, row);
    if (*row_said) {
        const TraceText *keys = trace_text(trace, index, node->rank - 1);
        text = keys ? keys : text;
        role = node_axis_role(node, node->rank - 1);
    }
    *row_said = true;
    return (WordArg){word_token(arena, text, n), role, false};
}

static WordArg said(Arena *arena, const Trace *trace, const Model *model, const Node *node,
                    const CaptionArg *arg, bool *row_said) {
    size_t n = (size_t)arg->value;
    switch (arg->kind) {
    case ARG_POSITION: return said_position(arena, trace, node, n, row_said);
    case ARG_TOKEN_ID: return (WordArg){word_vocab(arena, model, n), ROLE_HAND, false};
    case ARG_VALUE: return (WordArg){bare_number(arena, arg), ROLE_HAND, false};
    default: return (WordArg){bare_number(arena, arg), ROLE_NONE, true};
    }
}

/* "“·red” … “·Tom”": from a tile's first query, or key, to its last. */
static WordArg said_of_tile(Arena *arena, const Trace *trace, const Tiles *tiles,
                            const OpStep *step, int arg) {
    bool keys = arg == 2, division = step->caption == CAPTION_FLASH_DIVIDE;
    if (arg != 0 && (!keys || division))
        return (WordArg){bare_number(arena, &step->arg[arg]), ROLE_NONE, true};
    const TraceText *text = trace_text(trace, tiles->record[TILE_SCORES], keys);
    size_t first = (size_t)step->arg[arg].value, last = (size_t)step->arg[arg + 1].value;
    const char *range = word_token(arena, text, first);
    if (last > first)
        range = WORD_WITH(arena, WORD_RANGE, range, word_token(arena, text, last));
    return (WordArg){range, keys ? ROLE_KEY : ROLE_QUERY, false};
}

size_t word_caption(Arena *arena, const Theme *theme, const Trace *trace, const Model *model,
                    const Node *node, const OpStep *step, UiSpan **spans) {
    WordArg args[2 * STEP_ARGS] = {{0}};
    bool row_said = false;
    Tiles tiles;
    bool tiled = tiles_of(&trace->graph, (int)(node - trace->graph.node), &tiles);
    for (int i = 0; i < step->n_args; i++) {
        args[i] = tiled ? said_of_tile(arena, trace, &tiles, step, i)
                        : said(arena, trace, model, node, &step->arg[i], &row_said);
        args[STEP_ARGS + i] = (WordArg){bare_number(arena, &step->arg[i]), ROLE_NONE, true};
    }
    int variant = caption_variant(&trace->graph, node, step);
    const char *message = CAPTIONS[step->caption][variant][words_language()];
    return word_spans(arena, theme, message, theme->text, args, 2 * STEP_ARGS, spans);
}
