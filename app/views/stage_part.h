/* stage_part: what the layouts of the stage share. Private to the stage.
 *
 * A Panel is one operand or the result: a heatmap, its letter in the formula, and how much of it
 * one cell of the result is made of (its reach). A layout makes panels, places them, and hands
 * them to stage_finish, which draws the frames of what is in hand and answers the pointer. */
#ifndef VIEWS_STAGE_PART_H
#define VIEWS_STAGE_PART_H

#include "app/ui/formula.h"
#include "app/views/common_heat.h"
#include "app/views/view.h"
#include "app/views/words.h"

typedef struct {
    const ViewInput *in;
    Ui *ui;
    Arena *arena;
    const Theme *theme;
    const Trace *trace;
    int index; /* the record */
    const Node *node;
    size_t head; /* the place in view of its axis of heads */
    OpCall call;
    bool complete; /* the inputs were kept */
    Progress progress;
    bool stepping; /* a small step is in hand: */
    OpStep step;
    bool has_hand; /* a cell is in hand: */
    size_t hand[TENSOR_RANK];
    bool placed; /* it is in the picture: */
    size_t hand_row, hand_column;
    bool pointed;     /* the pointer is on a cell of the result */
    size_t groups[2]; /* the largest reduction that was drawn: rows and columns in one place */
} Stage;

/* Which cells of an input a cell of the result is made from; BEFORE: the one in the row above. */
typedef enum { REACH_CELL, REACH_ROW, REACH_COLUMN, REACH_ALL, REACH_BEFORE } Reach;

typedef struct {
    int slot; /* an input; −1: the result */
    Heat heat;
    Reach reach;
    Role role;
    const char *letter; /* markup: "K^T" */
    const char *name;   /* in place of what it is made from; NULL: that */
    Scale limits;       /* of its own cells, where the heat's scale is that of several panels */
} Panel;

enum { STAGE_RESULT = -1, STAGE_CAPTION = 20, STAGE_GAP = 8, STAGE_LABELS_MOST = 96 };

/* Finds where the cell in hand is in the picture of the result. */
void stage_place_hand(Stage *stage);

/* ---- panels ---- */

/* With the axes that the record has: rows down, all others but the head in view across. */
Panel stage_panel(const Stage *stage, int slot, const char *letter, Role role, Reach reach);
/* With axes of the layout's own choice; held ones stand at `at`. Row and column axes are named. */
Panel stage_panel_of(const Stage *stage, int slot, const char *letter, Role role, Reach reach,
                     Matrix matrix, Axis row_axis, Axis column_axis);
const Tensor *stage_tensor(const Stage *stage, int slot);
/* The node behind a slot; NULL for a weight. */
const Node *stage_slot_node(const Stage *stage, int slot);
/* The heads of an input that the head in view reads: an index to hold its other axes at. */
void stage_held(const Stage *stage, int slot, size_t *at);

/* All panels get one scale, so that equal colours are equal numbers. */
void panels_share_scale(Panel *panels, int count);

/* The letter, the shape, the name and the limits, on one line of STAGE_CAPTION points: those that
 * have room; of the result the limits before the shape. */
void panel_caption(const Stage *stage, const Panel *panel, int x, int y, int right);
/* The row and column that are in hand in the panel; HEAT_NONE. */
void panel_hand(const Stage *stage, const Panel *panel, size_t *row, size_t *column);
void panel_row_labels(const Stage *stage, const Panel *panel, int right, int width);
void panel_column_labels(const Stage *stage, const Panel *panel, int bottom, int height);
/* Grid and ticks. */
void panel_draw(Stage *stage, const Panel *panel);
/* The frame of what the cell in hand, or the step, reads or writes here. */
bool panel_reach(const Stage *stage, const Panel *panel, MatrixBox *box);

/* Frames, pointer and marks of panels that are drawn. */
void stage_finish(Stage *stage, const Panel *panels, int count);
/* The role of the mark that a cell of the result has for itself; ROLE_NONE: it has none. */
Role stage_cell_mark(const Stage *stage, const size_t *index);
/* A thin line that joins a frame to the cell in hand. */
void stage_join(const Stage *stage, Role role, int x1, int y1, int x2, int y2);
/* One quiet line. */
void stage_note(const Stage *stage, Rect line, const char *text);
/* The row that a list shows: the one in hand, the step's, else the one that is asked about (a
 * masked token), or the last. */
size_t stage_row(const Stage *stage);
/* The expert that a row of the record takes by the choice in view; false where none is chosen. */
bool stage_expert(const Stage *stage, const Node *node, size_t row, size_t choice, size_t *expert);
/* What the tokens of the record's rows are called. */
const char *stage_row_label(const Stage *stage, size_t row);
/* Emits that the pointer is on a cell of the result, or that it was clicked. */
void stage_point(Stage *stage, const size_t *index, bool clicked);

/* ---- the KV cache, where the run is shown with one ---- */

/* Which rows of a record's grid are new, from the cache, or not computed again. NULL: a weight. */
void stage_cache_marks(const Stage *stage, const Heat *heat, const Node *node);
/* What this means for the stage, and what the step takes: cuts its lines off the top. */
void stage_cache_bar(const Stage *stage, Rect *area);

/* ---- lists of bars ---- */

enum { BAR_COLUMNS = 2 };
typedef struct {
    const char *label;
    const char *column[BAR_COLUMNS]; /* numbers between the label and the bar; NULL: none yet */
    bool column_hand[BAR_COLUMNS];   /* in the colour of what is in hand */
    const char *number;              /* behind the bar; NULL: no bar yet */
    double share; /* of the longest bar, −1 … 1; negative ones grow to the left of the zero */
    Color color;
    bool hand;  /* framed */
    bool quiet; /* ruled out */
    bool cell;  /* stands for a cell of the result, that can be pinned: */
    size_t index[TENSOR_RANK];
    Role role; /* of the label when it is in hand */
} Bar;

typedef struct {
    const Bar *bar;
    int count;
    const char *head[BAR_COLUMNS]; /* markup above the columns; NULL: no such column */
    double mark;                   /* 0 … 1: a line through all bars; < 0: none */
} BarList;

enum { BAR_LEAST = 14, BAR_MOST = 26 };
/* ---- rows of a softmax ---- */

typedef struct {
    size_t first[TENSOR_RANK]; /* index of the row's first cell */
    Axis axis;                 /* what its cells are: keys, tokens of the vocabulary, ranks */
    Matrix scores, shares;     /* one row each */
    size_t seen;               /* cells that are not masked */
    double maximum, sum;
    int phase; /* how far the row is: −1 scores only, 0 maximum, 1 exponentials, 2 sum, 3 shares */
} SoftmaxRow;

/* `first` is the index of the row's first cell. */
SoftmaxRow softmax_row(const Stage *stage, const size_t *first);
/* Its scores, exponentials and shares as far as they are computed: keys in the order of the text,
 * others largest first, at most `most`; below them the maximum and the sum. */
void softmax_table(Stage *stage, Rect area, const SoftmaxRow *row, const Scale *scale, int most);

/* How many bars have room. */
int stage_bar_room(const BarList *list, int height);
/* Draws them from the top down, with their pointer; returns the y below the last. */
int stage_bars(Stage *stage, Rect area, const BarList *list);

/* The `most` largest cells of a row of numbers, largest first; returns how many. */
int stage_largest(const Matrix *row, int most, size_t *column);
/* The id of the token that a cell of the vocabulary, or a rank of it, stands for. */
size_t stage_vocab_id(const Stage *stage, Axis axis, size_t cell);
/* What a cell of the vocabulary, a rank of it, or a class is called. */
const char *stage_choice_label(const Stage *stage, Axis axis, size_t cell);

/* ---- layouts ---- */

typedef void StageLayout(Stage *stage, Rect area);
StageLayout stage_tokens, stage_lookup, stage_beside, stage_norm, stage_product,
    stage_attention_row, stage_vocabulary, stage_single, stage_experts, stage_flash;

#endif
