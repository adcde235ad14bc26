#include "app/cli/export_figure.h"

#include "app/cli/export_about.h"
#include "app/cli/input.h"
#include "app/cli/place.h"
#include "app/export/figure.h"
#include "app/views/words.h"
#include "engine/base/near.h"
#include "engine/run/run.h"

#include <stdio.h>
#include <string.h>

/* ---- options ---- */

/* Which of the words it is; the first where nothing was given. */
static bool read_word(const Options *options, OptId id, const char *const *word, int count,
                      int *chosen, Err *err) {
    const char *text = option_text(options, id, word[0]);
    Buf all = {0};
    for (*chosen = 0; *chosen < count; ++*chosen)
        if (strcmp(text, word[*chosen]) == 0)
            return true;
    for (int i = 0; i < count; i++)
        buf_printf(&all, "%s%s", !i ? "" : i + 1 < count ? ", " : " or ", word[i]);
    err_set(err, "--%s is \"%.100s\", expected %s", option_name(id), text, all.bytes);
    buf_free(&all);
    return false;
}

/* Millimetres and pixels; what has no meaning for this file is refused. */
static bool read_sizes(const Options *options, FigureSpec *spec, PageFormat format, double *scale,
                       Err *err) {
    bool slide = spec->layout == FIGURE_SLIDE;
    double width = option_real(options, OPT_WIDTH, FIGURE_WIDTH / FIGURE_MM);
    *scale = option_real(options, OPT_SCALE, slide ? FIGURE_SCALE_SLIDE : FIGURE_SCALE_PAPER);
    spec->width = width * FIGURE_MM;
    spec->pixel = format == PAGE_PNG ? 1 / *scale : 0;
    if (slide && option_given(options, OPT_WIDTH))
        return err_set(err, "--width is for --layout paper: a slide is always %.0f × %.0f points",
                       FIGURE_SLIDE_WIDTH, FIGURE_SLIDE_HEIGHT);
    if (spec->width < FIGURE_WIDTH_LEAST - 1e-9 || spec->width > FIGURE_WIDTH_MOST + 1e-9)
        return err_set(err, "--width is %.6g mm, expected %.0f to %.0f", width,
                       FIGURE_WIDTH_LEAST / FIGURE_MM, FIGURE_WIDTH_MOST / FIGURE_MM);
    if (option_given(options, OPT_SCALE) && format != PAGE_PNG)
        return err_set(err, "--scale is for PNG: SVG and PDF have no pixels");
    return (*scale >= 0.1 && *scale <= 100) ||
           err_set(err, "--scale is %.6g, expected 0.1 to 100 pixels a point", *scale);
}

/* The language of the words, which --lang gives, or the environment; the command line that the file
 * keeps always tells it. */
static bool read_language(const Options *given, Options *options, Lang *lang, Err *err) {
    *options = *given;
    *lang = lang_of_environment();
    if (!option_given(given, OPT_LANG))
        return options_set(options, OPT_LANG, lang_code(*lang), err);
    return lang_parse(option_text(given, OPT_LANG, ""), lang, err) || err_prefix(err, "--lang");
}

static bool read_spec(const Options *options, FigureSpec *spec, PageFormat *format, double *scale,
                      Err *err) {
    static const char *const kinds[] = {"heatmap", "grid", "lines"};
    static const char *const themes[] = {"light", "dark", "transparent"};
    static const char *const layouts[] = {"paper", "slide"};
    int kind = 0, theme = 0, layout = 0;
    if (!option_given(options, OPT_STAGE))
        return err_set(err, "--stage NAME is missing");
    if (!option_given(options, OPT_OUTPUT))
        return err_set(err, "--output FILE is missing");
    if (!page_format(option_text(options, OPT_OUTPUT, ""), format, err))
        return err_prefix(err, "--output");
    if (!read_word(options, OPT_THEME, themes, FIGURE_THEMES, &theme, err) ||
        !read_word(options, OPT_LAYOUT, layouts, FIGURE_LAYOUTS, &layout, err))
        return false;
    while (kind + 1 < FIGURE_KINDS && strcmp(options->operand, kinds[kind]) != 0)
        kind++;
    spec->kind = (FigureKind)kind;
    spec->theme = (FigureTheme)theme;
    spec->layout = (FigureLayout)layout;
    return read_sizes(options, spec, *format, scale, err);
}

bool export_figure_check(const Options *options, Err *err) {
    FigureSpec spec = {0};
    PageFormat format;
    double scale;
    Options with_language;
    Lang lang;
    return read_spec(options, &spec, &format, &scale, err) &&
           read_language(options, &with_language, &lang, err);
}

/* ---- which records ---- */

/* Of a pattern the first record that it matches. */
static bool find_stage(const Graph *graph, const Options *options, FigureKind kind, int *node,
                       Err *err) {
    const char *name = option_text(options, OPT_STAGE, "");
    if (kind != FIGURE_GRID || !strpbrk(name, "*?["))
        return place_record(graph, "stage", name, node, err);
    for (*node = 0; *node < graph->count; ++*node)
        if (graph_matches(&graph->node[*node], name))
            return true;
    return err_set(err, "--stage: no record is like %.200s", name);
}

/* The record as it is called in the figure; of a grid the pattern of them all. */
static bool find_nodes(const Graph *graph, const Options *options, FigureSpec *spec, Arena *arena,
                       const char **record, Err *err) {
    int first, *nodes = ARENA_NEW_N(arena, int, (size_t)graph->count);
    if (!find_stage(graph, options, spec->kind, &first, err))
        return false;
    *record = graph->node[first].name;
    spec->node = nodes;
    nodes[spec->nodes++] = first;
    if (spec->kind != FIGURE_GRID)
        return true;
    spec->nodes = figure_blocks(graph, first, nodes);
    if (spec->nodes == 0)
        return err_set(err, "--stage: %s is in no block, and a grid shows a stage of every block",
                       *record);
    *record = figure_blocks_name(&graph->node[first], arena);
    return true;
}

static bool check_head(const FigureSpec *spec, const Node *node, Err *err) {
    bool ok = figure_possible(spec->kind, node, spec->head, node_is_share(node), err);
    Err without = *err;
    if (!ok && !spec->head && spec->kind != FIGURE_GRID && node_head_axis(node) >= 0 &&
        node->rank == 3)
        err_set(err, "%s: give --head, 0 to %zu", without.text,
                node->dim[node_head_axis(node)] - 1);
    return ok || err_prefix(err, spec->head ? "--head" : "--stage");
}

/* ---- the file ---- */

typedef struct {
    const Options *options;
    CliInput *input;
    FigureSpec spec;
    PageFormat format;
    double scale;
    const char *record;
    size_t head;
} Job;

static void set_words(Job *job, const ExportAbout *about) {
    Arena *arena = &job->input->arena;
    const Node *node = &job->spec.trace->graph.node[job->spec.node[0]];
    long head = job->spec.head ? (long)job->head : -1;
    job->spec.words = (FigureWords){word(WORD_FIGURE_LAYER), word(WORD_FIGURE_HEAD),
                                    word(WORD_MASKED), word_axis};
    job->spec.title = option_text(job->options, OPT_TITLE, word_stage_title(node));
    const char *caption = word_figure(arena, node, job->record, about->model, about->prompt, head);
    job->spec.caption = option_text(job->options, OPT_CAPTION, caption);
}

static void set_notes(const Job *job, PageDoc *doc, const ExportAbout *about) {
    AboutField field[ABOUT_FIELDS];
    size_t count = about_fields(about, field);
    const char *title = *job->spec.title ? job->spec.title : job->record;
    page_doc_title(doc, title, job->spec.caption);
    for (size_t i = 0; i < count; i++)
        page_doc_note(doc, field[i].key, field[i].value);
    page_doc_note(doc, "command",
                  export_command(job->input, job->options, "export", &job->input->arena));
}

static void tell(const Job *job, const Page *page) {
    const char *path = option_text(job->options, OPT_OUTPUT, "");
    if (output_is_file(path))
        printf("%s: %s of %s, %.0f × %.0f mm\n", path, job->options->operand, job->record,
               page->width / FIGURE_MM, page->height / FIGURE_MM);
}

static bool draw(Job *job, Err *err) {
    PageDoc *doc = page_doc_new(err);
    if (!doc)
        return false;
    ExportAbout about = export_about(job->input, job->options, &job->input->arena);
    about.record = job->record;
    about.head = job->spec.head ? option_text(job->options, OPT_HEAD, NULL) : NULL;
    set_words(job, &about);
    set_notes(job, doc, &about);
    Page *page = figure_draw(doc, &job->spec, err);
    bool ok = page && page_save(doc, option_text(job->options, OPT_OUTPUT, ""), job->format,
                                job->scale, err);
    if (ok) {
        input_tell_notes(job->input);
        tell(job, page);
    }
    page_doc_free(doc);
    return ok;
}

/* Only the figure's own records are kept. */
static const char *stages_of(const FigureSpec *spec, const Graph *graph, Arena *arena) {
    const char *stages = graph->node[spec->node[0]].name;
    for (size_t i = 1; i < spec->nodes; i++)
        stages = arena_printf(arena, "%s,%s", stages, graph->node[spec->node[i]].name);
    return stages;
}

static bool run_job(Job *job, Err *err) {
    Budget budget = input_budget(job->options);
    Arena *arena = &job->input->arena;
    Graph graph;
    if (!input_graph(job->input, NULL, arena, &graph, err) ||
        !find_nodes(&graph, job->options, &job->spec, arena, &job->record, err))
        return false;
    const Node *node = &graph.node[job->spec.node[0]];
    job->head = (size_t)option_whole(job->options, OPT_HEAD, 0);
    if (option_given(job->options, OPT_HEAD) && !op_shows_tiles(node->op))
        job->spec.head = &job->head;
    if (!check_head(&job->spec, node, err))
        return false;
    job->spec.share = node_is_share(node);
    job->spec.mask = node_mask;
    RunOptions run = {.stages = stages_of(&job->spec, &graph, arena),
                      .max_bytes = &budget.bytes,
                      .attention = job->input->attention,
                      .pool = job->input->pool};
    Trace *trace = run_trace(job->input->model, &job->input->text, &run, err);
    job->spec.trace = trace;
    bool ok = trace && draw(job, err);
    if (!trace)
        input_tell_budget(&budget, err);
    trace_free(trace);
    return ok;
}

bool export_figure(const Options *given, Err *err) {
    CliInput input = {0};
    Options with_language, *options = &with_language;
    Job job = {.options = options, .input = &input};
    Lang lang;
    if (!read_language(given, options, &lang, err))
        return false;
    words_set_language(lang);
    bool ok = read_spec(options, &job.spec, &job.format, &job.scale, err) &&
              output_possible(option_text(options, OPT_OUTPUT, ""), err) &&
              input_open(&input, options, "", err) && input_continue(&input, options, err) &&
              run_job(&job, err);
    input_close(&input);
    return ok;
}
