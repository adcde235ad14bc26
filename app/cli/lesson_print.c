#include "app/cli/lesson_run.h"
#include "app/lesson/shown.h"

#include "app/ui/text.h"

#include <string.h>

void tell(const Teller *teller, SaidId id, const char *first, const char *second) {
    puts(said(teller->lang, id, first, second, teller->arena));
}

static const char *count_text(const Teller *teller, size_t count) {
    return arena_printf(teller->arena, "%zu", count);
}

/* Paragraphs with a line between them; points of a list close together. */
void tell_body(const LessonBody *body, const char *before) {
    fputs(body->count ? before : "", stdout);
    for (size_t i = 0; i < body->count; i++) {
        LessonBody one = {&body->paragraph[i], 1};
        Buf text = {0};
        body_plain(&one, &text);
        bool list = i > 0 && one.paragraph->bullet && body->paragraph[i - 1].bullet;
        printf("%s%s", i > 0 && !list ? "\n" : "", buf_cstr(&text));
        buf_free(&text);
    }
}

/* ---- Cells -------------------------------------------------------------------------------------- */

enum { ROWS_MOST = 24, ITEMS_MOST = 32 };

typedef struct {
    const Teller *teller;
    const CellRange *cells;
    const Node *node;
    int decimals; /* as the window has them; −1: whole numbers */
} Printer;

static const char *place_text(const Printer *printer, int axis, size_t index) {
    const Teller *teller = printer->teller;
    const TraceText *text = trace_text(teller->trace, printer->cells->node, axis);
    if (text)
        return token_quoted(text, index, teller->arena);
    if (printer->node->axis[axis] == AXIS_VOCAB)
        return piece_quoted(teller->model, index, teller->arena);
    return count_text(teller, index);
}

static const char *cell_text(const Printer *printer, const size_t *index) {
    const Teller *teller = printer->teller;
    int node = printer->cells->node;
    if (play_conceals(teller->play, node, index))
        return "?";
    double value = trace_get(teller->trace, node, index);
    if (printer->decimals < 0)
        return text_number(teller->arena, value, 0);
    return node_is_share(printer->node) ? text_percent(teller->arena, value, printer->decimals - 2)
                                        : text_number(teller->arena, value, printer->decimals);
}

static const char *axis_text(const Printer *printer, int axis, size_t index) {
    const char *place = place_text(printer, axis, index);
    return arena_printf(printer->teller->arena, "%s %s",
                        said_axis(printer->teller->lang, printer->node->axis[axis]), place);
}

/* "query “·Tom”", without the last axis and the head, of which the title tells. */
static const char *row_text(const Printer *printer, const size_t *index) {
    Arena *arena = printer->teller->arena;
    const char *text = "";
    for (int axis = 0; axis + 1 < printer->node->rank; axis++)
        if (!axis_is_head(printer->node->axis[axis]) ||
            printer->cells->to[axis] > printer->cells->from[axis] + 1)
            text = arena_printf(arena, "%s%s%s", text, text[0] ? ", " : "",
                                axis_text(printer, axis, index[axis]));
    return text;
}

static void print_row(const Printer *printer, size_t *index) {
    const CellRange *cells = printer->cells;
    Arena *arena = printer->teller->arena;
    int last = printer->node->rank - 1;
    size_t from = cells->from[last], to = cells->to[last];
    const char *row = row_text(printer, index);
    if (to == from + 1) {
        index[last] = from;
        printf("%s%s%s: %s\n", row, row[0] ? ", " : "", axis_text(printer, last, from),
               cell_text(printer, index));
        return;
    }
    printf("%s: ", row[0] ? row : said_axis(printer->teller->lang, printer->node->axis[last]));
    for (size_t i = from; i < to; i++) {
        if (i - from == ITEMS_MOST) {
            printf("; %s", said(printer->teller->lang, SAID_RUN_MORE,
                                count_text(printer->teller, to - i), NULL, arena));
            break;
        }
        index[last] = i;
        printf("%s%s %s", i > from ? "; " : "", place_text(printer, last, i),
               cell_text(printer, index));
    }
    putchar('\n');
}

/* To the next row of the range; false after the last. */
static bool next_row(const Printer *printer, size_t *index) {
    const CellRange *cells = printer->cells;
    for (int axis = printer->node->rank - 2; axis >= 0; axis--) {
        if (++index[axis] < cells->to[axis])
            return true;
        index[axis] = cells->from[axis];
    }
    return false;
}

static const char *cells_title(const Printer *printer) {
    const Teller *teller = printer->teller;
    const Node *node = printer->node;
    for (int axis = 0; axis < node->rank; axis++)
        if (axis_is_head(node->axis[axis]) &&
            printer->cells->to[axis] == printer->cells->from[axis] + 1)
            return arena_printf(teller->arena, "%s, %s", node->name,
                                said(teller->lang, SAID_HEAD,
                                     count_text(teller, printer->cells->from[axis]), NULL,
                                     teller->arena));
    return node->name;
}

void tell_cells(const Teller *teller, const CellRange *cells) {
    Printer printer = {.teller = teller,
                       .cells = cells,
                       .node = &teller->trace->graph.node[cells->node],
                       .decimals = shown_decimals(teller->trace, cells->node, cells->from)};
    size_t index[TENSOR_RANK], rows = 0;
    if (!trace_kept(teller->trace, cells->node)) {
        tell(teller, SAID_RUN_NOT_KEPT, printer.node->name, NULL);
        return;
    }
    memcpy(index, cells->from, sizeof index);
    printf("%s\n", cells_title(&printer));
    do {
        print_row(&printer, index);
    } while (next_row(&printer, index) && ++rows < ROWS_MOST);
    if (rows == ROWS_MOST)
        puts("…");
}

void tell_stage(const Teller *teller) {
    int node = teller->stage ? trace_find(teller->trace, teller->stage) : -1;
    if (node < 0)
        return;
    const Node *record = &teller->trace->graph.node[node];
    CellRange all = {.node = node};
    for (int axis = 0; axis < record->rank; axis++) {
        bool one = axis_is_head(record->axis[axis]) && teller->head >= 0 &&
                   (size_t)teller->head < record->dim[axis];
        all.from[axis] = one ? (size_t)teller->head : 0;
        all.to[axis] = one ? all.from[axis] + 1 : record->dim[axis];
    }
    tell_cells(teller, &all);
}

/* ---- A scene ------------------------------------------------------------------------------------ */

void tell_tokens(const Teller *teller) {
    const TraceText *text = &teller->trace->own;
    const char *list = "";
    for (size_t i = 0; i < text->length; i++)
        list = arena_printf(teller->arena, "%s%s%zu %s", list, i ? ", " : "", i + 1,
                            text->label[i]);
    tell(teller, SAID_RUN_TEXT, list, NULL);
}

static void tell_choices(const Teller *teller) {
    size_t count = play_choices(teller->play);
    if (count == 0)
        return;
    const char *list = "";
    for (size_t i = 0; i < count; i++) {
        const char *id = i ? play_scene_now(teller->play)->named[i - 1].name : "main";
        list = arena_printf(teller->arena, "%s%s%s (%s)", list, i ? "; " : "", id,
                            play_choice_label(teller->play, i));
    }
    tell(teller, SAID_RUN_CHOICE, play_choice_label(teller->play, play_chosen(teller->play)), NULL);
    tell(teller, SAID_RUN_CHOICES, list, NULL);
}

static void tell_place(const Teller *teller) {
    if (!teller->stage)
        return;
    int node = trace_find(teller->trace, teller->stage);
    bool heads = node >= 0 && node_heads_axis(&teller->trace->graph.node[node]) >= 0;
    if (heads && teller->head >= 0)
        tell(teller, SAID_RUN_STAGE_HEAD, teller->stage, count_text(teller, (size_t)teller->head));
    else
        tell(teller, SAID_RUN_STAGE, teller->stage, NULL);
}

static void tell_marks(const Teller *teller) {
    const PlayMark *mark = NULL;
    size_t count = play_marks(teller->play, &mark);
    if (count > 0)
        tell(teller, SAID_RUN_MARKED, NULL, NULL);
    for (size_t i = 0; i < count; i++)
        switch (mark[i].kind) {
        case MARK_CELLS: tell_cells(teller, &mark[i].cells); break;
        case MARK_TOKEN:
            tell(teller, SAID_RUN_TOKEN,
                 token_quoted(&teller->trace->own, mark[i].index, teller->arena), NULL);
            break;
        case MARK_HEAD: tell(teller, SAID_HEAD, count_text(teller, mark[i].index), NULL); break;
        case MARK_STAGE:
            tell(teller, SAID_RUN_STAGE, teller->trace->graph.node[mark[i].node].name, NULL);
            break;
        }
}

static void tell_tables(const Teller *teller) {
    const PlayTable *table = NULL;
    size_t count = play_tables(teller->play, &table);
    for (size_t t = 0; t < count; t++) {
        printf("\n%s\n", table[t].caption);
        for (size_t row = 0; row < table[t].rows; row++)
            for (size_t i = 0; i < table[t].columns; i++)
                printf("%s %s%s", table[t].heading[i], table[t].cell[row * table[t].columns + i],
                       i + 1 < table[t].columns ? "; " : "\n");
    }
}

void tell_scene(const Teller *teller) {
    const Lesson *lesson = play_lesson(teller->play);
    const char *title = play_title(teller->play);
    printf("\n%s%s%s\n\n",
           said(teller->lang, SAID_RUN_SCENE, count_text(teller, play_scene(teller->play) + 1),
                count_text(teller, lesson->scene_count), teller->arena),
           title[0] ? ": " : "", title);
    const LessonBody *body = play_body(teller->play);
    if (body)
        tell_body(body, "");
    putchar('\n');
    tell_tokens(teller);
    tell_choices(teller);
    if (play_scene_now(teller->play)->prompt_free)
        tell(teller, SAID_RUN_FREE, NULL, NULL);
    tell_place(teller);
    tell_marks(teller);
    tell_tables(teller);
}

/* ---- A question --------------------------------------------------------------------------------- */

void tell_question(const Teller *teller, size_t number, const PlayCheck *check) {
    SaidId id = check->check->predict ? SAID_RUN_PREDICT : SAID_RUN_QUESTION;
    printf("\n%s%s%s\n", said(teller->lang, id, count_text(teller, number), NULL, teller->arena),
           check->title ? ": " : "", check->title ? check->title : "");
    tell_body(&check->question, "");
    for (size_t i = 0; i < check->items; i++) {
        if (check->item) {
            printf("%c) ", (char)('a' + (int)i));
            tell_body(&check->item[i], "");
        } else {
            printf("%zu) %s\n", i + 1, check->stage[i]);
        }
    }
}

static const char *point_shape(const Teller *teller, const LessonCheck *check) {
    bool korean = teller->lang == LANG_KO;
    switch (check->at) {
    case POINT_CELL: return korean ? "쿼리 … 키 …" : "query … key …";
    case POINT_HEAD: return said(teller->lang, SAID_HEAD, "0", NULL, teller->arena);
    case POINT_STAGE: return "hook_embed";
    default: return teller->trace->own.label[teller->trace->own.length / 2];
    }
}

void tell_ask(const Teller *teller, const PlayCheck *check) {
    char last[2] = {(char)('a' + (int)check->items - 1), '\0'};
    switch (check->check->kind) {
    case CHECK_FILL: tell(teller, SAID_RUN_ASK_FILL, NULL, NULL); break;
    case CHECK_CHOOSE: tell(teller, SAID_RUN_ASK_CHOOSE, last, NULL); break;
    case CHECK_ORDER: tell(teller, SAID_RUN_ASK_ORDER, NULL, NULL); break;
    case CHECK_POINT:
        tell(teller, SAID_RUN_ASK_POINT, point_shape(teller, check->check), NULL);
        break;
    case CHECK_MAKE: tell(teller, SAID_RUN_ASK_MAKE, NULL, NULL); break;
    }
}
