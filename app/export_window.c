#include "app/export_window.h"

#include "app/export/figure.h"
#include "app/views/export.h"
#include "app/views/words.h"
#include "engine/base/file.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const KIND[] = {"heatmap", "grid", "lines"};
static const char *const THEME_NAME[] = {"light", "dark", "transparent"};
static const char *const LAYOUT[] = {"paper", "paper", "slide"};
static const double WIDTH[] = {85, 174, 0}; /* mm */
static const char *const ENDING[] = {".png", ".svg", ".pdf"};

/* What the preview was drawn from. */
typedef struct {
    const Trace *trace;
    const Veil *veil;
    int node;
    size_t head;
    int kind, layout, theme, width, height;
    Lang lang;
    bool stale;
} Drawn;

struct ExportWindow {
    const OpenOptions *options;
    ViewExport view;
    Drawn drawn;
    Arena arena; /* of the preview */
    Err problem, failed;
    char saved[PATH_MAX];
    Buf name; /* the file's name that was proposed; another one is the reader's own */
};

static bool same_drawn(const Drawn *a, const Drawn *b) {
    return a->trace == b->trace && a->veil == b->veil && a->node == b->node && a->head == b->head &&
           a->kind == b->kind && a->layout == b->layout && a->theme == b->theme &&
           a->width == b->width && a->height == b->height && a->lang == b->lang &&
           a->stale == b->stale;
}

ExportWindow *export_window_new(const OpenOptions *options) {
    ExportWindow *export = calloc(1, sizeof *export);
    if (!export)
        abort(); /* small memory, as in arena.h */
    export->options = options;
    export->view.format = PAGE_SVG;
    return export;
}

void export_window_free(ExportWindow *export) {
    if (!export)
        return;
    arena_free(&export->arena);
    buf_free(&export->name);
    free(export);
}

/* ---- The figure ------------------------------------------------------------------------------ */

/* One figure of what the window shows. */
typedef struct {
    const ViewInput *in;
    const ExportWindow *export;
    Arena *arena;
    FigureSpec spec;
    const Node *node;
    const char *record; /* its name, or the pattern of all blocks */
    size_t head;
} Job;

static bool fail(Err *err, WordId id) {
    return err_set(err, "%s", word(id));
}

static bool find_nodes(Job *job, Err *err) {
    const Graph *graph = &job->in->trace->graph;
    int *nodes = ARENA_NEW_N(job->arena, int, (size_t)graph->count);
    nodes[0] = job->in->state->now.node;
    job->node = &graph->node[nodes[0]];
    job->record = job->node->name;
    job->spec.node = nodes;
    job->spec.nodes = 1;
    if (job->spec.kind != FIGURE_GRID)
        return true;
    job->spec.nodes = figure_blocks(graph, nodes[0], nodes);
    if (job->spec.nodes == 0)
        return fail(err, WORD_EXPORT_NO_BLOCK);
    job->record = figure_blocks_name(job->node, job->arena);
    return true;
}

static bool has_head(const Job *job) {
    bool choices = node_has_choices(job->node);
    return job->spec.kind != FIGURE_GRID && !choices && node_head_axis(job->node) >= 0;
}

/* False with what the reader can do about it. */
static bool start_job(Job *job, Err *err) {
    const ViewInput *in = job->in;
    const ViewExport *view = &job->export->view;
    if (in->state->veil)
        return fail(err, WORD_EXPORT_HIDDEN);
    if (!in->trace || in->stale || in->recalling)
        return fail(err, WORD_EXPORT_STALE);
    job->spec = (FigureSpec){
        .kind = (FigureKind)view->kind,
        .trace = in->trace,
        .mask = node_mask,
        .theme = (FigureTheme)view->theme,
        .layout = WIDTH[view->layout] > 0 ? FIGURE_PAPER : FIGURE_SLIDE,
        .width = WIDTH[view->layout] * FIGURE_MM,
        .words = {word(WORD_FIGURE_LAYER), word(WORD_FIGURE_HEAD), word(WORD_MASKED), word_axis}};
    if (!find_nodes(job, err))
        return false;
    job->head = state_head(in->state, in->walk, job->node);
    if (has_head(job))
        job->spec.head = &job->head;
    job->spec.share = node_is_share(job->node);
    job->spec.title = word_stage_title(job->node);
    job->spec.caption = word_figure(job->arena, job->node, job->record, in->model->name,
                                    buf_cstr(&in->widgets->prompt.text),
                                    job->spec.head ? (long)job->head : -1);
    return figure_possible(job->spec.kind, job->node, job->spec.head, job->spec.share, err);
}

/* ---- The preview ----------------------------------------------------------------------------- */

/* On white paper, which transparent figures are made for. */
static void on_white(Color *argb, size_t count) {
    for (size_t i = 0; i < count; i++)
        argb[i] = color_mix(COLOR_RGB(0xffffff), COLOR_RGB(argb[i]), (argb[i] >> 24) / 255.0);
}

static bool draw_preview(ExportWindow *export, Job *job, PageDoc *doc, Err *err) {
    Page *page = start_job(job, err) ? figure_draw(doc, &job->spec, err) : NULL;
    Color *argb;
    ViewExport *view = &export->view;
    if (!page)
        return false;
    double scale = fmin(export->drawn.width / page->width, export->drawn.height / page->height);
    if (!page_pixels(page, scale, &export->arena, &argb, &view->width, &view->height, err))
        return false;
    if (job->spec.theme == FIGURE_TRANSPARENT)
        on_white(argb, (size_t)view->width * (size_t)view->height);
    view->pixels = argb;
    view->size = WORD_WITH(&export->arena, WORD_EXPORT_SIZE,
                           text_count(&export->arena, lround(page->width / FIGURE_MM)),
                           text_count(&export->arena, lround(page->height / FIGURE_MM)));
    return true;
}

static void renew_preview(ExportWindow *export, const ViewInput *in) {
    Err *err = &export->problem;
    arena_reset(&export->arena);
    export->view.pixels = NULL;
    err->text[0] = '\0';
    Job job = {.in = in, .export = export, .arena = &export->arena};
    PageDoc *doc = page_doc_new(err);
    bool ok = doc && draw_preview(export, &job, doc, err);
    export->view.problem = ok ? NULL : err->text;
    page_doc_free(doc);
}

/* ---- The file's name ------------------------------------------------------------------------- */

static const char *file_name(const ViewInput *in) {
    return buf_cstr(&in->widgets->export_file.text);
}

static void set_name(const ViewInput *in, const char *name) {
    ui_textbox_set(&in->widgets->export_file, name, strlen(name));
}

static int format_of(const char *name) {
    PageFormat format;
    return page_format(name, &format, NULL) ? (int)format : -1;
}

/* "heatmap-blocks.3.attn.hook_pattern-2.svg", as long as the reader has not written one himself. */
static void propose_name(ExportWindow *export, const ViewInput *in) {
    Arena arena = {0};
    Job job = {.in = in, .export = export, .arena = &arena};
    bool own = export->name.size == 0 || strcmp(file_name(in), buf_cstr(&export->name)) == 0;
    int format = export->view.format < 0 ? PAGE_SVG : export->view.format;
    if (own && in->trace) {
        job.spec.kind = (FigureKind) export->view.kind;
        job.node = &in->trace->graph.node[in->state->now.node];
        bool head = has_head(&job);
        size_t at = state_head(in->state, in->walk, job.node);
        buf_clear(&export->name);
        buf_printf(&export->name, "%s-%s", KIND[export->view.kind], job.node->name);
        if (head)
            buf_printf(&export->name, "-%zu", at);
        buf_text(&export->name, ENDING[format]);
        set_name(in, buf_cstr(&export->name));
    }
    arena_free(&arena);
}

static void set_format(ExportWindow *export, const ViewInput *in, int format) {
    const char *name = file_name(in);
    size_t size = strlen(name) - (format_of(name) >= 0 ? 4 : 0);
    bool own = strcmp(name, buf_cstr(&export->name)) != 0;
    Arena arena = {0};
    set_name(in, arena_printf(&arena, "%.*s%s", (int)size, name, ENDING[format]));
    arena_free(&arena);
    if (own)
        return;
    buf_clear(&export->name);
    buf_text(&export->name, file_name(in));
}

/* ---- The file -------------------------------------------------------------------------------- */

static void add_option(Buf *text, const char *name, const char *value) {
    if (!value)
        return;
    buf_printf(text, " --%s ", name);
    about_word(text, value);
}

/* What the command line calls them. */
static void add_knobs(Buf *text, const Job *job) {
    const OpenOptions *options = job->export->options;
    if (options->pad_to > 0)
        add_option(text, "pad-to", arena_printf(job->arena, "%d", options->pad_to));
    const char *set = job->in->set, *mask = job->in->mask;
    add_option(text, "set", set && *set ? set : NULL);
    add_option(text, "mask", mask && *mask ? mask : NULL);
}

static void add_attention(Buf *text, const Job *job) {
    const AttentionOptions *attention = &job->in->attention;
    if (strcmp(job->in->trace->attention, "flash") != 0)
        return;
    add_option(text, "attention", "flash");
    if (attention->tile_rows > 0)
        add_option(
            text, "tile",
            arena_printf(job->arena, "%zux%zu", attention->tile_rows, attention->tile_columns));
}

static void add_command(Buf *text, const Job *job) {
    const ViewInput *in = job->in;
    const ViewExport *view = &job->export->view;
    buf_printf(text, "attnscope export %s", KIND[view->kind]);
    add_option(text, "model", in->model->name);
    add_option(text, "prompt", buf_cstr(&in->widgets->prompt.text));
    add_knobs(text, job);
    add_option(text, "output", arena_printf(job->arena, "figure%s", ENDING[view->format]));
    add_attention(text, job);
    if (job->spec.head)
        add_option(text, "head", arena_printf(job->arena, "%zu", job->head));
    add_option(text, "stage", job->node->name);
    add_option(text, "layout", LAYOUT[view->layout]);
    if (WIDTH[view->layout] > 0)
        add_option(text, "width", arena_printf(job->arena, "%g", WIDTH[view->layout]));
    add_option(text, "theme", THEME_NAME[view->theme]);
    add_option(text, "lang", lang_code(words_language()));
}

static void set_notes(const Job *job, PageDoc *doc) {
    Buf numbers = {0}, command = {0};
    AboutField field[ABOUT_FIELDS];
    add_knobs(&numbers, job);
    add_attention(&numbers, job);
    add_command(&command, job);
    const char *head = job->spec.head ? arena_printf(job->arena, "%zu", job->head) : NULL;
    ExportAbout about = {.version = ATTNSCOPE_VERSION,
                         .model = job->in->model->name,
                         .prompt = buf_cstr(&job->in->widgets->prompt.text),
                         .options = buf_cstr(&numbers) + (numbers.size > 0), /* without a space */
                         .record = job->record,
                         .head = head};
    size_t count = about_fields(&about, field);
    page_doc_title(doc, job->spec.title, job->spec.caption);
    for (size_t i = 0; i < count; i++)
        page_doc_note(doc, field[i].key, field[i].value);
    page_doc_note(doc, "command", buf_cstr(&command));
    buf_free(&numbers);
    buf_free(&command);
}

static bool write_file(Job *job, PageDoc *doc, Err *err) {
    PageFormat format = (PageFormat)job->export->view.format;
    if (!start_job(job, err))
        return false;
    double scale = job->spec.layout == FIGURE_SLIDE ? FIGURE_SCALE_SLIDE : FIGURE_SCALE_PAPER;
    job->spec.pixel = format == PAGE_PNG ? 1 / scale : 0;
    set_notes(job, doc);
    return figure_draw(doc, &job->spec, err) &&
           page_save(doc, file_name(job->in), format, scale, err);
}

static void forget_result(ExportWindow *export) {
    export->view.saved = export->view.failed = NULL;
}

static void save(ExportWindow *export, const ViewInput *in) {
    Arena arena = {0};
    Job job = {.in = in, .export = export, .arena = &arena};
    Err *err = &export->failed;
    PageDoc *doc = page_doc_new(err);
    bool ok = doc && write_file(&job, doc, err);
    page_doc_free(doc);
    arena_free(&arena);
    forget_result(export);
    if (!ok)
        export->view.failed = err->text;
    else
        export->view.saved = realpath(file_name(in), export->saved) ? export->saved : file_name(in);
}

/* ---- Frames ---------------------------------------------------------------------------------- */

const ViewExport *export_window_frame(ExportWindow *export, const ViewInput *in) {
    const ViewState *state = in->state;
    if (!export_is_open(in->ui))
        return NULL;
    const Node *node = in->trace ? &in->trace->graph.node[state->now.node] : NULL;
    Drawn now = {.trace = in->trace,
                 .veil = state->veil,
                 .node = state->now.node,
                 .head = node ? state_head(state, in->walk, node) : 0,
                 .kind = export->view.kind,
                 .layout = export->view.layout,
                 .theme = export->view.theme,
                 .width = in->widgets->export_width,
                 .height = in->widgets->export_height,
                 .lang = words_language(),
                 .stale = in->stale || in->recalling};
    if (now.width > 0 && !same_drawn(&now, &export->drawn)) {
        export->drawn = now;
        renew_preview(export, in);
    }
    if (now.width == 0)
        ui_redraw(in->ui); /* the first frame tells how much room there is */
    export->view.format = format_of(file_name(in));
    export->view.replaces = file_exists(file_name(in));
    return &export->view;
}

bool export_window_apply(ExportWindow *export, const ViewInput *in, const Intent *intent) {
    int value = (int)intent->value;
    switch (intent->kind) {
    case INTENT_EXPORT:
        export->drawn.width = 0; /* a new trace may lie where the old one lay */
        propose_name(export, in);
        export_open(in->ui);
        break;
    case INTENT_EXPORT_KIND:
        export->view.kind = value;
        propose_name(export, in);
        break;
    case INTENT_EXPORT_LAYOUT: export->view.layout = value; break;
    case INTENT_EXPORT_THEME: export->view.theme = value; break;
    case INTENT_EXPORT_FORMAT: set_format(export, in, value); break;
    case INTENT_EXPORT_FILE: break;
    case INTENT_EXPORT_SAVE: save(export, in); return true;
    default: return false;
    }
    forget_result(export);
    return true;
}
