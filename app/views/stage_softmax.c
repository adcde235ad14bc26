/* A row of a softmax as it is made: the scores, e to the score less the row's maximum, the shares
 * of their sum as bars. Of keys as of the tokens of a vocabulary. */
#include "app/views/stage_part.h"

#include <math.h>

enum { SUM_LINE = 22, FOOT = 2 * SUM_LINE };

static int row_phase(const Stage *stage, const size_t *first) {
    const OpStep *step = &stage->step;
    int last = stage->node->rank - 1;
    bool here = stage->stepping;
    OpRegion row = {.slot = SLOT_RESULT};
    for (int axis = 0; axis <= last; axis++) {
        row.lo[axis] = axis < last ? first[axis] : 0;
        row.hi[axis] = axis < last ? first[axis] + 1 : stage->node->dim[last];
    }
    if (veil_hides_any(stage->in->state->veil, stage->index, &row))
        return -1;
    for (int axis = 0; axis < last; axis++)
        here = here && step->write.lo[axis] == first[axis];
    if (here)
        return step->phase;
    return progress_done(&stage->progress, first) ? 3 : -1;
}

SoftmaxRow softmax_row(const Stage *stage, const size_t *first) {
    int last = stage->node->rank - 1;
    SoftmaxRow row = {.axis = stage->node->axis[last], .maximum = -INFINITY};
    AxisRun none = {0, 0}, across = {last, 1};
    for (int axis = 0; axis < last; axis++)
        row.first[axis] = first[axis];
    row.scores = matrix_of(stage->call.in[0], none, across, row.first);
    row.shares = matrix_of(stage->call.out, none, across, row.first);
    for (size_t i = 0; i < row.scores.columns; i++) {
        double score = matrix_get(&row.scores, 0, i);
        row.maximum = fmax(row.maximum, score);
        row.seen += !(isinf(score) && score < 0);
    }
    if (row.seen == 0)
        row.maximum = 0; /* as the operation has it where there is nothing to share */
    for (size_t i = 0; i < row.scores.columns; i++)
        row.sum += exp(matrix_get(&row.scores, 0, i) - row.maximum);
    row.phase = row_phase(stage, row.first);
    return row;
}

/* ---- which cells ---- */

typedef struct {
    size_t *cell;
    int count;
    bool hand_last; /* the cell in hand is listed beyond the largest */
    int score_decimals, exp_decimals, share_decimals;
} Listed;

static void keep_order(Listed *listed) {
    for (int i = 1; i < listed->count; i++)
        for (int j = i; j > 0 && listed->cell[j] < listed->cell[j - 1]; j--) {
            size_t other = listed->cell[j];
            listed->cell[j] = listed->cell[j - 1];
            listed->cell[j - 1] = other;
        }
}

/* The cell in hand takes the last place where it is not among the largest. */
static void list_hand(const Stage *stage, Listed *listed, int room) {
    size_t hand = stage->hand[stage->node->rank - 1];
    for (int i = 0; i < listed->count; i++)
        if (listed->cell[i] == hand)
            return;
    listed->hand_last = true;
    if (listed->count < room)
        listed->count++;
    listed->cell[listed->count - 1] = hand;
}

/* So many that neighbours can be told apart; `cell` stands largest first. */
static void choose_decimals(const Stage *stage, const SoftmaxRow *row, Listed *listed) {
    double *value = ARENA_NEW_N(stage->arena, double, (size_t)listed->count);
    Found *found = &stage->in->widgets->found;
    Scale scores = scale_of(found, &row->scores, SCALE_SIGNED),
          shares = scale_of(found, &row->shares, SCALE_SHARE);
    Scale exponentials = {.kind = SCALE_SIGNED, .low = 0, .high = 1, .any = true};
    listed->score_decimals = scale_decimals(&scores);
    for (int i = 0; i < listed->count; i++)
        value[i] = exp(matrix_get(&row->scores, 0, listed->cell[i]) - row->maximum);
    listed->exp_decimals = scale_list_decimals(&exponentials, value, listed->count);
    for (int i = 0; i < listed->count; i++)
        value[i] = matrix_get(&row->shares, 0, listed->cell[i]);
    listed->share_decimals = scale_list_decimals(&shares, value, listed->count);
}

static Listed listed_cells(const Stage *stage, const SoftmaxRow *row, int room) {
    Listed listed = {.cell = ARENA_NEW_N(stage->arena, size_t, (size_t)room)};
    listed.count = stage_largest(&row->scores, room, listed.cell);
    if ((size_t)listed.count < row->scores.columns && (size_t)listed.count > row->seen)
        listed.count = (int)row->seen;
    bool own = stage->has_hand;
    for (int axis = 0; axis + 1 < stage->node->rank; axis++)
        own = own && stage->hand[axis] == row->first[axis];
    choose_decimals(stage, row, &listed);
    if (own)
        list_hand(stage, &listed, room);
    if (axis_is_position(row->axis))
        keep_order(&listed);
    return listed;
}

/* ---- bars ---- */

static Bar row_bar(const Stage *stage, const SoftmaxRow *row, const Listed *listed,
                   const Scale *scale, size_t cell) {
    double score = matrix_get(&row->scores, 0, cell), share = matrix_get(&row->shares, 0, cell);
    bool key = axis_is_position(row->axis), masked = isinf(score) && score < 0;
    int last = stage->node->rank - 1;
    Bar bar = {.label = key ? trace_text(stage->trace, stage->index, last)->label[cell]
                            : stage_choice_label(stage, row->axis, cell),
               .color = scale_color(stage->theme, scale, share),
               .quiet = masked,
               .cell = true,
               .role = key ? ROLE_KEY : ROLE_NONE,
               .share = share};
    for (int axis = 0; axis < last; axis++)
        bar.index[axis] = row->first[axis];
    bar.index[last] = cell;
    bar.hand = stage->has_hand && !stage->stepping;
    for (int axis = 0; axis <= last; axis++)
        bar.hand = bar.hand && stage->hand[axis] == bar.index[axis];
    if (!stage->in->state->veil || !isnan(score)) /* a question may hide the scores, too */
        bar.column[0] = text_number(stage->arena, score, listed->score_decimals);
    bar.column_hand[0] = row->phase >= 0 && row->phase < 3 && score == row->maximum;
    if (row->phase >= 1 && !(masked && row->phase >= 3))
        bar.column[1] = text_number(stage->arena, exp(score - row->maximum), listed->exp_decimals);
    if (row->phase >= 3)
        bar.number = masked ? word(WORD_MASKED)
                            : text_percent(stage->arena, share, listed->share_decimals);
    return bar;
}

static const char *exponential(const Stage *stage) {
    static const char *const text[] = {[SOFTMAX_KEYS] = "e^(s″ − m)",
                                       [SOFTMAX_VOCABULARY] = "e^(l − m)",
                                       [SOFTMAX_RANKS] = "e^(l″ − m)",
                                       [SOFTMAX_LABELS] = "e^(l − m)"};
    return text[stage->call.param.softmax.kind];
}

static const char *sums_text(const Stage *stage, const SoftmaxRow *row, int decimals) {
    if (row->phase < 0)
        return "";
    const char *text = WORD_WITH(stage->arena, WORD_ROW_MAXIMUM,
                                 text_number(stage->arena, row->maximum, decimals));
    if (row->phase < 2)
        return text;
    return arena_printf(stage->arena, "%s · %s", text,
                        WORD_WITH(stage->arena, WORD_ROW_SUM,
                                  text_number(stage->arena, row->sum, 3), exponential(stage)));
}

static void row_foot(const Stage *stage, Rect area, const SoftmaxRow *row, const Listed *listed) {
    bool now = stage->stepping && row->phase < 3;
    ui_label(stage->ui, rect_cut_top(&area, SUM_LINE), UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_LABEL,
             now ? stage->theme->hand : stage->theme->secondary,
             sums_text(stage, row, listed->score_decimals));
    bool titled = !axis_is_position(row->axis); /* the title counts them */
    if ((size_t)listed->count >= row->scores.columns || (titled && !listed->hand_last))
        return;
    int largest = listed->count - listed->hand_last;
    bool seen = (size_t)largest >= row->seen;
    WordId id = listed->hand_last ? (seen ? WORD_ROW_SEEN_HAND : WORD_ROW_SOME_HAND)
                                  : (seen ? WORD_ROW_SEEN : WORD_ROW_SOME);
    stage_note(stage, rect_cut_top(&area, SUM_LINE),
               WORD_WITH(stage->arena, id, text_count(stage->arena, largest),
                         text_count(stage->arena, (int64_t)row->scores.columns)));
}

void softmax_table(Stage *stage, Rect area, const SoftmaxRow *row, const Scale *scale, int most) {
    static const char *const score[] = {[SOFTMAX_KEYS] = "s''",
                                        [SOFTMAX_VOCABULARY] = "l",
                                        [SOFTMAX_RANKS] = "l''",
                                        [SOFTMAX_LABELS] = "l"};
    static const char *const power[] = {[SOFTMAX_KEYS] = "e^{s''−m}",
                                        [SOFTMAX_VOCABULARY] = "e^{l−m}",
                                        [SOFTMAX_RANKS] = "e^{l''−m}",
                                        [SOFTMAX_LABELS] = "e^{l−m}"};
    Rect foot = rect_cut_bottom(&area, FOOT);
    SoftmaxKind kind = stage->call.param.softmax.kind;
    BarList list = {.head = {score[kind], power[kind]}, .mark = -1};
    int room = stage_bar_room(&list, area.h);
    Listed listed = listed_cells(stage, row, room < most ? room : most);
    Bar *bars = ARENA_NEW_N(stage->arena, Bar, (size_t)listed.count);
    double largest = exp(0) / row->sum; /* the share of the maximum */
    for (int i = 0; i < listed.count; i++) {
        bars[i] = row_bar(stage, row, &listed, scale, listed.cell[i]);
        bars[i].share = largest > 0 ? bars[i].share / largest : 0;
    }
    list.bar = bars;
    list.count = listed.count;
    foot.y = stage_bars(stage, area, &list) + 4;
    row_foot(stage, foot, row, &listed);
}
