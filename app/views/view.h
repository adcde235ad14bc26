/* view: what each view is given. A view is a function of (state, finished trace): it draws with the
 * kit into its rectangle and emits intents. It knows no SDL and no other view, and changes nothing
 * but the widgets' own state below.
 *
 *   void map_view(const ViewInput *in, Rect area);
 *   void stage_view(const ViewInput *in, Rect area);
 *
 * Words on screen come from words.h; scale, formats and heatmaps from common_*.h. Ids of widgets
 * begin with the view's name: "map/blocks.0.attn.hook_q", "stage/head/1", "inspector/back". */
#ifndef VIEWS_VIEW_H
#define VIEWS_VIEW_H

#include "app/ui/ui.h"
#include "app/views/common_found.h"
#include "app/views/state.h"
#include "engine/model/forward.h"

/* State of widgets that lasts between frames; the kit changes it. The program owns it. */
typedef struct {
    Found found;
    UiTextBox prompt;
    int mouse_x, mouse_y; /* where the pointer was in the frame before */
    UiScroll map;
    int map_shown;  /* one more than the stage that the map has scrolled to already … */
    int map_height; /* … at this height */
    UiScroll chips;
    int chip_shown; /* the line of chips that they have scrolled to */
    UiScroll inspector, help;
    UiScroll stage_rows, stage_columns; /* where a picture is larger than its panel */
    int stage_node;                     /* the stage that they belong to */
    int flash_weights;                  /* the tiles show weights, else scores */
    int listed_node;                    /* one more than the stage whose terms are listed … */
    size_t listed_cell[TENSOR_RANK];    /* … and its cell: another one is listed from its place */
    bool weight_chosen;                 /* an operand was clicked that is a number of a weight: */
    OpOperand weight;                   /* of listed_node and listed_cell */
    UiTextBox export_file;              /* the figure's name, */
    int export_width, export_height;    /* and the room for its preview */
} ViewWidgets;

/* What the last switch of attention has changed in the results hook_z, the text being the same. */
typedef struct {
    bool known;           /* it was measured: */
    AttentionKind before; /* how attention was computed then */
    int worst;            /* the node that differs the most */
    double *apart;        /* of each node the largest difference; NaN where nothing was compared */
} Switched;

/* The last token as a step of generation. */
typedef struct {
    size_t row;                  /* its row: the ones before it were computed in earlier steps */
    double flops, flops_without; /* operations of this step with a KV cache, and without */
    size_t bytes,
        source_bytes; /* of the keys and values kept: of the model's own text, of the source */
    bool *kept;       /* [graph.count]: keys or values that later steps read */
} CacheStep;

/* A figure of the stage shown, while its panel is open: as it was chosen, and as it will look. */
typedef struct {
    int kind;            /* heatmap, grid, lines */
    int layout;          /* a column of a paper, two, a slide */
    int theme;           /* light, dark, transparent */
    int format;          /* PNG, SVG, PDF, as the file's name ends; −1: none of them */
    const Color *pixels; /* [height × width]; NULL: none … */
    int width, height;   /* points */
    const char *size;    /* "85 × 90 mm" */
    const char *problem; /* … because of this; NULL: it can be drawn */
    bool replaces;       /* a file of that name is there already */
    const char *saved;   /* what was written last; NULL: nothing */
    const char *failed;  /* why it could not be written; NULL */
} ViewExport;

/* What is framed in a colour, and asked to be looked at: cells of a record, a token's chip, a head's
 * button, a stage in the map. */
typedef enum { VIEW_MARK_CELLS, VIEW_MARK_TOKEN, VIEW_MARK_HEAD, VIEW_MARK_STAGE } ViewMarkKind;
typedef struct {
    ViewMarkKind kind;
    Role role;
    int node;       /* cells, stage */
    OpRegion cells; /* of the record's shape */
    size_t index;   /* token (of the model's own text), head */
} ViewMark;

typedef struct {
    Ui *ui;
    const Theme *theme;
    const Trace *trace; /* NULL until the first run is finished; then always a finished one */
    const Model *model; /* that made it: pieces of vocabulary ids, weights. NULL with the trace */
    const Walk *walk;   /* of the trace */
    /* for each token what was typed, where the vocabulary does not have it, else NULL; NULL with
     * the trace, and where nothing is known about that */
    const char *const *typed;
    const ViewState *state;
    ViewWidgets *widgets;
    Intents *out;
    AttentionOptions attention; /* as it is asked for */
    const char *no_flash;       /* why this model can't do flash attention; NULL: it can */
    const Switched *switched;   /* NULL with the trace */
    const char *no_tiles;       /* why the records of tiles can't be had; NULL: they can */
    const CacheStep
        *cached; /* the run is shown as the last step of a generation with a KV cache; NULL:
                                it is not */
    const char *no_cache; /* why it can't be; NULL: it can */
    /* about the program */
    bool computing;             /* a newer text is being run */
    bool stale;                 /* the trace is not that of the text in the box */
    bool recalling;             /* the stage shown was left out and is being computed again */
    const char *recall_problem; /* … or why it can't be; NULL */
    const char *problem;        /* why the text could not be run; NULL: it could */
    bool tiled;                /* flash attention, because the standard one takes too much memory */
    const char *still_open;    /* after a model could not be opened: the one that is; else NULL */
    const char *const *models; /* names to choose from */
    const char *const
        *model_problems; /* for each why it can't be opened, else NULL; NULL: all can */
    int model_count, model_chosen;
    const char *set,
        *mask; /* knobs that the trace was run with: "scale=off", "full"; "", NULL: none */
    const ViewMark *mark; /* [mark_count] */
    size_t mark_count;
    const ViewExport *export;        /* NULL: the panel is closed */
    const struct LessonView *lesson; /* lesson.h; NULL: there are none here */
} ViewInput;

/* The role of the mark on a token, a head or a stage; ROLE_NONE: there is none. */
static inline Role view_marked(const ViewInput *in, ViewMarkKind kind, size_t is) {
    for (size_t i = 0; i < in->mark_count; i++) {
        const ViewMark *mark = &in->mark[i];
        if (mark->kind == kind &&
            is == (kind == VIEW_MARK_STAGE ? (size_t)mark->node : mark->index))
            return mark->role;
    }
    return ROLE_NONE;
}

/* What the model says at its end. */
static inline Task view_task(const ViewInput *in) {
    return in->model ? in->model->config.task : TASK_TEXT;
}

#endif
