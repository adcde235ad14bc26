/* state: where the reader is in a trace, and how that changes. No window, no drawing: a test walks
 * the whole trace with it.
 *
 * The *walk* is the list of stages in the order of computation: every kept record that is not
 * merely another's values under a second name, and those that were left out for the budget: they
 * come back when someone goes there (recall.h), and then have the same place and steps. A stage is taken in *small steps* (op.h); a stage
 * with a head axis in those of the head in view alone. `step` counts the steps that are done: 0
 * shows an empty result, walk_steps() the whole one. So the position in a walk is (stage, step),
 * and stepping forward goes (s, 0) … (s, n), (s + 1, 0) …. The tokens are taken in the steps of the
 * tokenizer (tok_steps.h), where these are known.
 *
 * The tiles of flash attention are one stage of several records (common_tiles.h): while it is taken in steps,
 * the place is in one of these, and where it is whole in its result.
 *
 * Views never change the state. They emit intents (view.h), and state_apply applies them.
 *
 * The state refers to records by their index in the trace's graph; when a new trace replaces the
 * old one, state_rebind carries it over by name. Nothing here allocates but walk_make. */
#ifndef VIEWS_STATE_H
#define VIEWS_STATE_H

#include "app/ui/theme.h"
#include "app/views/common_tiles.h"
#include "app/views/common_veil.h"
#include "engine/text/tok_steps.h"
#include "engine/trace/trace.h"

/* ---- The walk -------------------------------------------------------------------------------- */

typedef struct {
    int count;     /* stages */
    int *node;     /* [count] in the order of computation */
    size_t *steps; /* [count] small steps, of one head where there are heads */
    int *stage;    /* [graph.count] -1: the record is no stage */
    /* of the model's own stack, and of the encoder beside it: */
    size_t heads[STACK_COUNT]; /* query heads; 0: none seen */
    int layers[STACK_COUNT];
    const TokSteps *tok_steps; /* how the tokens came to be; NULL: not known */
    int tok_node;              /* the stage that they belong to */
} Walk;

/* Everything is taken from `arena`; a trace has at least its tokens, so count ≥ 1. */
void walk_make(const Trace *trace, Arena *arena, Walk *walk);
/* Takes the tokens in the tokenizer's steps. `steps` may be NULL, and must outlive the walk. */
void walk_tok_steps(Walk *walk, const Trace *trace, const TokSteps *steps);
/* The stage of a record, through aliases; -1: it was not kept. */
int walk_stage(const Walk *walk, const Trace *trace, int node);
/* The node that stands for the stage of `node`, which is one: itself where it is a record of tiles. */
int walk_node(const Walk *walk, const Trace *trace, int node);
/* What stands in `trace` in the place of a node between the queries and hook_z, where attention is
 * computed the other way there. -1: nothing does. */
int walk_counterpart(const Trace *old, int node, const Trace *trace);
/* The same stage of the same block in an encoder, where the old model had one stack; or back. -1: there
 * is none. */
int walk_counterpart_stack(const Trace *old, int node, const Trace *trace);
/* The stage that does the same so many blocks on or back in the same stack; beyond its blocks what
 * stands after or before them, and from there the other stack, or the end. `node` is a stage. */
int walk_layer(const Walk *walk, const Trace *trace, int node, long layers);

/* ---- Records as the views need them ---------------------------------------------------------- */

/* The axis of which one place at a time is in view: heads (query or key/value heads), or the experts
 * that a token chose. -1: none. */
int node_head_axis(const Node *node);
bool node_has_choices(const Node *node); /* it is that of the chosen experts */
/* How many places there are to choose from: query heads of its stack, or choices. 0: no such axis. */
size_t node_heads(const Node *node, const Walk *walk);
/* The axis of positions that is the row, the first one: query before key; -1: none. */
int node_row_axis(const Node *node);
/* Whether it is a softmax down the columns, over the queries. */
bool node_is_turned(const Node *node);
/* The mask that hides cells of scores or of a pattern, NULL: none does. */
const MaskParams *node_mask(const Trace *trace, const Node *node);
/* Of the same block: which experts each token chose. -1: there are none, or they were not kept. */
int node_choices(const Trace *trace, const Node *node);
/* Which block, for folding: those of the model's own stack, then the encoder's. -1: none. */
int node_block(const Node *node);
/* The block's layer from 0, and whose it is. */
typedef enum { BLOCK_PLAIN, BLOCK_ENCODER, BLOCK_DECODER } BlockKind;
BlockKind node_block_kind(const Node *node);
/* The row that a reader would ask about first: that of a masked token, else the last real one. */
size_t node_asked_row(const Trace *trace, const Node *node);
/* Whether a token of the text is the mask that a masked LM fills in. */
bool text_is_mask(const TraceText *text, size_t position);
/* Whose tokens its rows are, where it has no axis of them. */
const TraceText *node_text(const Trace *trace, const Node *node);
/* What the record's numbers are: query, key or value for hook_q, hook_k, hook_v (and after RoPE),
 * else ROLE_NONE. */
Role node_role(const Node *node);
/* The letter of the gate that a recurrent layer's stage belongs to: i, f, g, o; r, z, n; NULL: none. */
const char *node_gate(const Node *node);
/* The colour of an axis' tokens: what the record is, else query axes and key axes, else ROLE_HAND.
 * */
Role node_axis_role(const Node *node, int axis);

/* The steps of one place on the axis of heads: [first, first + count) of trace_step_at. */
void state_step_range(const Trace *trace, int node, size_t held, size_t *first, size_t *count);

/* ---- The state ------------------------------------------------------------------------------- */

typedef struct {
    int node;      /* the stage shown */
    size_t step;   /* how many of its small steps are done */
    size_t head;   /* the query head in view, … */
    size_t choice; /* … and which of a token's experts, best first */
    bool pinned;   /* the reader chose a cell: */
    size_t cell[TENSOR_RANK];
} Place;

enum { STATE_HISTORY = 64, STATE_LAYERS = 1024, STATE_SPEEDS = 5 };
extern const double STATE_SPEED[STATE_SPEEDS]; /* 0.5, 1, 2, 4, 8 */

typedef struct {
    Place now;
    bool hovering; /* the pointer is on a cell of the stage shown that is done: */
    size_t hover[TENSOR_RANK];
    bool hover_asleep; /* since the last move through the walk the pointer has only rested */
    bool playing;
    int speed;             /* into STATE_SPEED */
    uint64_t next_step_ms; /* when playing */
    Place history[STATE_HISTORY];
    int history_at, history_count;                  /* `now` stands for history[history_at] */
    uint64_t open[STACK_COUNT * STATE_LAYERS / 64]; /* bits: blocks (node_block) open in the map */
    int opened;                                     /* the block that opened by itself; -1 */
    bool no_tiles;       /* the records of tiles are too large: their stage is its result alone */
    TileRecord followed; /* which record of tiles the steps keep in view */
    bool stepped;        /* came here by small steps, playing or seeking, not by a jump */
    bool light;          /* theme; the program changes it */
    const Veil *veil;    /* what an open question hides in the trace shown; NULL: nothing */
    bool
        terms_turned; /* the inspector's terms: in the order (by size, as they are added) that isn't
                          theirs by default */
} ViewState;

/* At the stage named `name` (NULL or unknown: the first), whole. */
void state_start(ViewState *state, const Trace *trace, const Walk *walk, const char *name);
/* A new trace takes the old one's place: the same stage, cell and head as far as they exist. False,
 * at the first stage, where the new one has no such stage. */
bool state_rebind(ViewState *state, const Trace *old, const Walk *old_walk, const Trace *trace,
                  const Walk *walk);

/* The records of tiles can't be had in this trace: out of them, to the result. */
void state_give_up_tiles(ViewState *state, const Trace *trace);

bool state_block_open(const ViewState *state, int block);
/* The place of a record's axis of heads that is in view (groups share one, GQA); 0 where it has
 * none. */
size_t state_head(const ViewState *state, const Walk *walk, const Node *node);
int state_stage(const ViewState *state, const Walk *walk);    /* of the stage shown */
size_t state_steps(const ViewState *state, const Walk *walk); /* of it */
bool state_whole(const ViewState *state, const Walk *walk);   /* all are done */
/* Where in the walk, 0 … 1: each stage is as wide as any other. */
double state_at(const ViewState *state, const Walk *walk);

/* The stage shown is the tokens, taken in the tokenizer's steps: these are no small steps in the
 * sense of op.h, and state_step and state_current_step don't know them. */
bool state_tokenizing(const ViewState *state, const Walk *walk);
/* The small step that was done last. False at step 0 (nothing is done), and where the stage has no
 * steps (its inputs were not kept). */
bool state_current_step(const ViewState *state, const Trace *trace, const Walk *walk, OpStep *step);

/* Small step `number`, from 0, of the stage shown. */
void state_step(const ViewState *state, const Trace *trace, const Walk *walk, size_t number,
                OpStep *step);
/* Which of them writes the cell of the stage shown. False where the stage has no steps. */
bool state_step_of_cell(const ViewState *state, const Trace *trace, const Walk *walk,
                        const size_t *index, size_t *number);

/* Which cells of the stage shown are written by now. Ask once a frame, then each cell: cheap. All
 * heads count as far as the one in view. Cells that are not done are drawn empty, never as a
 * number; nor are those that a question hides. */
typedef struct {
    bool all, none;
    int rank, head_axis;
    OpRegion written; /* by the last step that wrote: what comes before it is done, too */
    bool tiled;       /* a record of tiles: */
    Tiles tiles;
    TileRecord record;
    const TokSteps *tok_steps; /* the stage is taken in these: */
    size_t step;               /* so many are done, of these or of the tiles */
    const Veil *veil;          /* it hides cells of … */
    int node;                  /* … this record; then `all` is false */
    bool whole;                /* all steps are done */
} Progress;
Progress state_progress(const ViewState *state, const Trace *trace, const Walk *walk);
/* The same of another record of the stage shown. */
Progress state_progress_of(const ViewState *state, const Trace *trace, const Walk *walk, int node);
bool progress_done(const Progress *progress, const size_t *index);
bool state_cell_done(const ViewState *state, const Trace *trace, const Walk *walk,
                     const size_t *index);

/* The cell in hand: the pinned one, else the hovered one, else the last that the current step wrote
 * or is about to write. False where there is none (step 0).
 *
 * A pointer that rests somewhere must not stop the picture: every move through the walk lets go of
 * the pin and puts hovering to sleep until the pointer moves again, and a cell that is not done is
 * never taken in hand. */
bool state_cell(const ViewState *state, const Trace *trace, const Walk *walk, size_t *index);

/* ---- Intents --------------------------------------------------------------------------------- */

typedef enum {
    /* applied by state_apply */
    INTENT_GO,      /* node: show it, whole. Aliases lead to their owner */
    INTENT_GO_CELL, /* node, index: show it, whole, and pin the cell */
    INTENT_PIN,     /* node, index: a cell of the stage shown; the pinned one again: unpins. A cell
                         that is not done yet: goes on to the step that writes it */
    INTENT_UNPIN,
    INTENT_HOVER, /* node, index: of the stage shown. Emit each frame that the pointer is on a cell */
    INTENT_HOVER_END, /* … and when it is on none */
    INTENT_POINTER,   /* the pointer has moved. Emit it before the two above */
    INTENT_HEAD,      /* value: the head, or the choice, in view; the pinned cell follows */
    INTENT_ROW,       /* value: a position of `text`: pin the cell in hand's column in its row, or
                         its row in that column */
    INTENT_MOVE,  /* value: the cell in hand goes up, left, down, right (0 … 3), and is pinned */
    INTENT_STEP,  /* value: so many small steps on, or back */
    INTENT_STAGE, /* value: so many stages on, or back; shown whole */
    INTENT_LAYER, /* value: the same stage so many blocks on or back; else into the blocks */
    INTENT_FIRST, /* the first stage, nothing done */
    INTENT_LAST,  /* the last stage, whole */
    INTENT_SEEK,  /* real: 0 … 1, as state_at */
    INTENT_PLAY,  /* play or pause; a stage that is whole starts over */
    INTENT_SPEED, /* value: into STATE_SPEED */
    INTENT_BACK,
    INTENT_FORWARD,
    INTENT_FOLD,  /* value: open or close that block (node_block) in the map */
    INTENT_TERMS, /* order of the inspector's terms */
    /* for the program, which owns the text, the model and the window */
    INTENT_PROMPT,      /* the text box changed */
    INTENT_SUBMIT,      /* run at once */
    INTENT_MODEL,       /* value: into the list of models */
    INTENT_FLASH,       /* value: flash attention, or 0: standard */
    INTENT_TILE,        /* value: a tile of so many queries × keys; 0: the default */
    INTENT_CACHE,       /* value: KV cache on, or 0: off */
    INTENT_LANG,        /* value: a Lang, for the whole process (words.h) */
    INTENT_THEME,       /* dark or light: the program keeps it, for there may be no trace yet */
    INTENT_EXPORT,      /* open the panel of figures; there: */
    INTENT_EXPORT_KIND, /* value, as ViewExport has it, here and in the next three */
    INTENT_EXPORT_LAYOUT,
    INTENT_EXPORT_THEME,
    INTENT_EXPORT_FORMAT,
    INTENT_EXPORT_FILE, /* its name changed */
    INTENT_EXPORT_SAVE,
    INTENT_HELP, /* show or hide */
    /* lessons, for the program too */
    INTENT_CONTENTS,      /* show or hide the list of lessons, or a lesson's scenes */
    INTENT_LESSON,        /* value: into the list of lessons; −1: leave the one that is open */
    INTENT_SCENE,         /* value: a scene of the lesson */
    INTENT_SCENE_RUN,     /* value: which of the scene's runs is shown */
    INTENT_SCENE_PICTURE, /* the window stands as the scene has it again */
    INTENT_QUESTION,      /* to the open question */
    INTENT_ANSWER,        /* value: a check of the scene; its answer lies in the panel's state */
    INTENT_HINT,          /* value: the same: one more hint, … */
    INTENT_REVEAL,        /* … or the answer */
    INTENT_TOKEN,         /* value: a token of the model's own text was pointed at */
    INTENT_SIDE           /* value: in a narrow window the lesson, or 0: the cell */
} IntentKind;

typedef struct {
    IntentKind kind;
    int node;
    TextId text;
    long value;
    double real;
    size_t index[TENSOR_RANK];
} Intent;

enum { INTENTS_MAX = 32 };
typedef struct {
    Intent intent[INTENTS_MAX];
    int count;
} Intents;

/* More than INTENTS_MAX in one frame: the rest is dropped. */
void intent_emit(Intents *intents, IntentKind kind);
void intent_value(Intents *intents, IntentKind kind, long value);
void intent_row(Intents *intents, TextId text, size_t position);
void intent_seek(Intents *intents, double at);
void intent_go(Intents *intents, int node);
void intent_cell(Intents *intents, IntentKind kind, int node, const size_t *index);

/* True if anything changed. Intents for the program, and those that make no sense now, change
 * nothing. */
bool state_apply(ViewState *state, const Trace *trace, const Walk *walk, const Intent *intent,
                 uint64_t now_ms);

/* ---- Playing --------------------------------------------------------------------------------- */

/* How long a small step stays at the chosen speed, in milliseconds: 700 at 1×, shorter in stages of
 * many steps so that a stage takes at most 12 s; longer before the first and after the last. */
double state_delay(const ViewState *state, const Walk *walk);
/* Does what is due by now. Returns when the next step is due; UINT64_MAX: not playing. */
uint64_t state_tick(ViewState *state, const Trace *trace, const Walk *walk, uint64_t now_ms);

#endif
