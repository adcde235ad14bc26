#include "app/views/export.h"

#include "app/views/words.h"

enum {
    MOST_WIDTH = 880,
    MOST_HEIGHT = 560,
    PAD = 20,
    GAP = 8,
    LABEL = 18,
    LEFT = 276,   /* the choices' column, … */
    NARROW = 236, /* … and in a small window */
    SMALL = 700,
    MESSAGE = 44
};

static const char ID[] = "export/panel";

void export_open(Ui *ui) {
    ui_popup_open(ui, ID);
}

bool export_is_open(const Ui *ui) {
    return ui_popup_is_open(ui, ID);
}

/* ---- The choices ----------------------------------------------------------------------------- */

static void label(const ViewInput *in, Rect *column, WordId id) {
    ui_label(in->ui, rect_cut_top(column, LABEL), UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_LABEL,
             in->theme->secondary, word(id));
}

static void choice(const ViewInput *in, Rect *column, const char *id, WordId name,
                   const WordId *words, int count, int chosen, IntentKind intent) {
    const char *labels[4];
    for (int i = 0; i < count; i++)
        labels[i] = word(words[i]);
    label(in, column, name);
    if (ui_segments(in->ui, id, rect_cut_top(column, THEME_BUTTON), labels, count, &chosen))
        intent_value(in->out, intent, chosen);
    rect_cut_top(column, GAP);
}

static void choices(const ViewInput *in, Rect *column) {
    static const WordId kinds[] = {WORD_EXPORT_HEATMAP, WORD_EXPORT_GRID, WORD_EXPORT_LINES};
    static const WordId layouts[] = {WORD_EXPORT_COLUMN, WORD_EXPORT_COLUMNS, WORD_EXPORT_SLIDE};
    static const WordId themes[] = {WORD_LIGHT, WORD_DARK, WORD_EXPORT_TRANSPARENT};
    static const WordId formats[] = {WORD_EXPORT_PNG, WORD_EXPORT_SVG, WORD_EXPORT_PDF};
    const ViewExport *export = in->export;
    choice(in, column, "export/kind", WORD_EXPORT_KIND, kinds, 3, export->kind, INTENT_EXPORT_KIND);
    choice(in, column, "export/layout", WORD_EXPORT_LAYOUT, layouts, 3, export->layout,
           INTENT_EXPORT_LAYOUT);
    choice(in, column, "export/theme", WORD_EXPORT_THEME, themes, 3, export->theme,
           INTENT_EXPORT_THEME);
    choice(in, column, "export/format", WORD_EXPORT_FORMAT, formats, 3, export->format,
           INTENT_EXPORT_FORMAT);
}

static void file(const ViewInput *in, Rect *column) {
    const ViewExport *export = in->export;
    label(in, column, WORD_EXPORT_FILE);
    UiTextEvent event = ui_textbox(in->ui, "export/file", rect_cut_top(column, THEME_BUTTON),
                                   &in->widgets->export_file, word(WORD_EXPORT_FILE_HINT),
                                   FONT_MONO, THEME_SIZE_LABEL);
    if (event.changed)
        intent_emit(in->out, INTENT_EXPORT_FILE);
    rect_cut_top(column, GAP + GAP / 2);
    bool can = !export->problem && export->format >= 0;
    const char *save = word(export->replaces ? WORD_EXPORT_REPLACE : WORD_EXPORT_SAVE);
    Rect button = rect_cut_top(column, THEME_BUTTON);
    bool clicked = ui_button(in->ui, "export/save", button, save, can ? UI_FILLED : UI_DISABLED);
    if (can && (clicked || event.submitted))
        intent_emit(in->out, INTENT_EXPORT_SAVE);
}

/* ---- The preview ----------------------------------------------------------------------------- */

/* What was done, or why it could not be. */
static void message(const ViewInput *in, Rect rect) {
    const ViewExport *export = in->export;
    const Theme *t = in->theme;
    Arena *arena = ui_arena(in->ui);
    if (export->failed)
        ui_paragraph(in->ui, rect, FONT_UI, THEME_SIZE_TEXT, t->error, export->failed);
    else if (export->saved)
        ui_paragraph(in->ui, rect, FONT_UI, THEME_SIZE_TEXT, t->text,
                     WORD_WITH(arena, WORD_EXPORT_SAVED, export->saved));
    else if (export->format < 0)
        ui_paragraph(in->ui, rect, FONT_UI, THEME_SIZE_TEXT, t->secondary,
                     word(WORD_EXPORT_NO_FORMAT));
    else if (export->pixels)
        ui_paragraph(in->ui, rect, FONT_UI, THEME_SIZE_TEXT, t->secondary, export->size);
}

static void preview(const ViewInput *in, Rect rect) {
    const ViewExport *export = in->export;
    const Theme *t = in->theme;
    draw_rect(ui_list(in->ui), rect, t->background);
    in->widgets->export_width = rect.w - 2 * GAP;
    in->widgets->export_height = rect.h - 2 * GAP;
    if (export->problem) {
        ui_paragraph(in->ui, rect_inset(rect, PAD, PAD), FONT_UI, THEME_SIZE_TEXT, t->error,
                     export->problem);
        return;
    }
    if (!export->pixels)
        return;
    Rect picture = rect_center(rect, export->width, export->height);
    draw_cells(
        ui_list(in->ui), picture,
        (DrawCells){.columns = export->width, .rows = export->height, .argb = export->pixels});
    draw_frame(ui_list(in->ui), rect_inset(picture, -1, -1), 0, 1, DRAW_SOLID, t->line);
    ui_mark(in->ui, "export/preview", picture);
}

static void draw_inside(const ViewInput *in, Rect inner, bool small) {
    Rect head = rect_cut_top(&inner, THEME_BUTTON);
    if (ui_icon_button(in->ui, "export/close", rect_cut_right(&head, THEME_BUTTON), ICON_CLOSE,
                       UI_QUIET))
        ui_popup_close(in->ui);
    ui_label(in->ui, head, UI_ALIGN_LEFT, FONT_UI_BOLD, THEME_SIZE_TITLE, in->theme->text,
             word(WORD_EXPORT_TITLE));
    rect_cut_top(&inner, GAP);
    Rect column = rect_cut_left(&inner, small ? NARROW : LEFT);
    choices(in, &column);
    file(in, &column);
    rect_cut_left(&inner, PAD);
    Rect below = rect_cut_bottom(&inner, MESSAGE);
    rect_cut_top(&below, GAP);
    preview(in, inner);
    message(in, below);
}

void export_view(const ViewInput *in, int w, int h) {
    int width = w - 2 * GAP, height = h - 2 * GAP;
    Rect rect = rect_center((Rect){0, 0, w, h}, width < MOST_WIDTH ? width : MOST_WIDTH,
                            height < MOST_HEIGHT ? height : MOST_HEIGHT);
    if (!in->export || !ui_popup_begin(in->ui, ID, rect))
        return;
    DrawList *list = ui_list(in->ui);
    draw_round_rect(list, rect, 2 * THEME_RADIUS, in->theme->panel);
    draw_frame(list, rect, 2 * THEME_RADIUS, 1, DRAW_SOLID, in->theme->line);
    draw_inside(in, rect_inset(rect, PAD, PAD - GAP / 2), w < SMALL);
    ui_popup_end(in->ui);
}
