/* A line of text that can be edited: keys and the mouse on one side, the picture on the other.
 * What an edit does is in edit.c. */
#include "app/ui/edit.h"
#include "app/ui/ui_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PAD = 10, BLINK_MS = 530 };

/* ---- Keys ---- */

typedef struct {
    int key;
    unsigned mods; /* without UI_SHIFT, which extends the selection */
    EditStep step;
} Binding;

static const Binding MOVES[] = {
    {UI_KEY_LEFT, 0, EDIT_LEFT},
    {UI_KEY_RIGHT, 0, EDIT_RIGHT},
    {UI_KEY_LEFT, UI_CTRL, EDIT_WORD_LEFT},
    {UI_KEY_RIGHT, UI_CTRL, EDIT_WORD_RIGHT},
    {UI_KEY_HOME, 0, EDIT_HOME},
    {UI_KEY_END, 0, EDIT_END},
    {UI_KEY_UP, 0, EDIT_HOME},
    {UI_KEY_DOWN, 0, EDIT_END},
    {UI_KEY_HOME, UI_CTRL, EDIT_HOME},
    {UI_KEY_END, UI_CTRL, EDIT_END},
};

static const Binding DELETES[] = {
    {UI_KEY_BACKSPACE, 0, EDIT_LEFT},
    {UI_KEY_DELETE, 0, EDIT_RIGHT},
    {UI_KEY_BACKSPACE, UI_CTRL, EDIT_WORD_LEFT},
    {UI_KEY_DELETE, UI_CTRL, EDIT_WORD_RIGHT},
};

static void copy_selection(const Ui *ui, const UiTextBox *box) {
    if (ui->clipboard.set == NULL || !edit_has_selection(box)) {
        return;
    }
    Buf part = {0};
    buf_add(&part, buf_cstr(&box->text) + edit_from(box), edit_to(box) - edit_from(box));
    ui->clipboard.set(ui->clipboard.user, buf_cstr(&part));
    buf_free(&part);
}

static bool paste(const Ui *ui, UiTextBox *box) {
    char *text = ui->clipboard.get == NULL ? NULL : ui->clipboard.get(ui->clipboard.user);
    bool changed = text != NULL && text[0] != '\0' && edit_insert(box, text, strlen(text));
    free(text);
    return changed;
}

/* What Ctrl does with a letter. False: it means nothing here. */
static bool control_key(const Ui *ui, UiTextBox *box, int key, bool shift, bool *changed) {
    switch (key) {
    case 'a': edit_select(box, 0, box->text.size); return true;
    case 'c': copy_selection(ui, box); return true;
    case 'x':
        copy_selection(ui, box);
        *changed = edit_has_selection(box) && edit_delete(box, EDIT_LEFT);
        return true;
    case 'v': *changed = paste(ui, box); return true;
    case 'z': *changed = shift ? edit_redo(box) : edit_undo(box); return true;
    case 'y': *changed = edit_redo(box); return true;
    default: return false;
    }
}

static const Binding *bound(const Binding *table, size_t count, int key, unsigned mods) {
    for (size_t i = 0; i < count; i++) {
        if (table[i].key == key && table[i].mods == mods) {
            return &table[i];
        }
    }
    return NULL;
}

#define BOUND(table, key, mods) bound(table, sizeof(table) / sizeof(table)[0], key, mods)

/* One event; false when it is not for a text box. */
static bool handle_key(Ui *ui, UiTextBox *box, const UiKeyEvent *event, UiTextEvent *result) {
    if (event->key == 0) {
        result->changed |= edit_insert(box, event->text, strlen(event->text));
        return true;
    }
    bool shift = (event->mods & UI_SHIFT) != 0;
    unsigned mods = event->mods & ~(unsigned)UI_SHIFT;
    const Binding *move = BOUND(MOVES, event->key, mods);
    if (move != NULL) {
        edit_move(box, move->step, shift);
        return true;
    }
    const Binding *remove = BOUND(DELETES, event->key, mods);
    if (remove != NULL) {
        result->changed |= edit_delete(box, remove->step);
        return true;
    }
    if (mods == UI_CTRL) {
        bool changed = false;
        bool known = control_key(ui, box, event->key, shift, &changed);
        result->changed |= changed;
        return known;
    }
    if (event->key == UI_KEY_ENTER && event->mods == 0) {
        result->submitted = true;
        return true;
    }
    if (event->key == UI_KEY_ESCAPE && event->mods == 0) {
        result->canceled = true;
        return true;
    }
    return mods == 0 && event->key >= ' ' && event->key < 0x7f; /* its text event follows */
}

static void handle_keys(Ui *ui, UiTextBox *box, UiTextEvent *result) {
    if (ui->input.composition[0] != '\0') {
        /* the input method has the keys; what it commits comes as text */
        for (int i = 0; i < ui->input.key_count; i++) {
            ui->input.keys[i].used |= ui->input.keys[i].key != 0;
        }
    }
    for (int i = 0; i < ui->input.key_count && !result->canceled; i++) {
        UiKeyEvent *event = &ui->input.keys[i];
        if (!event->used && handle_key(ui, box, event, result)) {
            event->used = true;
            box->touched_ms = ui->input.now_ms;
        }
    }
}

/* ---- Mouse ---- */

static void handle_mouse(Ui *ui, UiTextBox *box, const UiSignal *signal, FontRole font, int size) {
    if (!signal->held && !signal->pressed) {
        return;
    }
    const char *text = buf_cstr(&box->text);
    size_t at = text_hit(ui->measure, font, size, text, box->text.size,
                         (float)(signal->x - PAD) + box->scroll);
    size_t before = box->caret;
    if (signal->pressed && signal->clicks == 2) {
        size_t from, to;
        text_word_around(text, box->text.size, at, &from, &to);
        edit_select(box, from, to);
    } else if (signal->pressed && signal->clicks >= 3) {
        edit_select(box, 0, box->text.size);
    } else if (signal->pressed) {
        bool extend = (ui->input.mouse_mods & UI_SHIFT) != 0;
        edit_select(box, extend ? box->anchor : at, at);
    } else if (ui->input.mouse_clicks <= 1) {
        edit_select(box, box->anchor, at);
    }
    if (box->caret != before || signal->pressed) {
        box->touched_ms = ui->input.now_ms;
        ui->redraw = true;
    }
}

/* ---- Picture ---- */

typedef struct {
    Ui *ui;
    UiTextBox *box;
    Rect inner;
    FontRole font;
    int size;
    const char *text; /* with the composition in it */
    size_t bytes;
    size_t caret;
    size_t compose_from, compose_to;
} Picture;

static float x_of(const Picture *p, size_t at) {
    float width = text_width_n(p->ui->measure, p->font, p->size, p->text, at);
    return (float)p->inner.x - p->box->scroll + width;
}

/* The text as it will be when what is composed has been put in. */
static void with_composition(Picture *p) {
    const char *composed = p->ui->input.composition;
    size_t length = strlen(composed);
    size_t at = p->box->caret;
    size_t size = p->box->text.size;
    char *text = arena_alloc(ui_arena(p->ui), size + length + 1);
    memcpy(text, buf_cstr(&p->box->text), at);
    memcpy(text + at, composed, length);
    memcpy(text + at + length, buf_cstr(&p->box->text) + at, size - at);
    p->text = text;
    p->bytes = size + length;
    p->compose_from = at;
    p->compose_to = at + length;
    size_t caret = at;
    for (int i = 0; i < p->ui->input.composition_caret && caret < p->compose_to; i++) {
        caret = text_next_grapheme(text, p->compose_to, caret);
    }
    p->caret = caret > at ? caret : p->compose_to;
}

/* Moves the text sideways as little as shows the caret. */
static void scroll_to_caret(Picture *p) {
    float room = (float)p->inner.w - 2.0F;
    float caret = text_width_n(p->ui->measure, p->font, p->size, p->text, p->caret);
    float whole = text_width_n(p->ui->measure, p->font, p->size, p->text, p->bytes);
    float *scroll = &p->box->scroll;
    if (caret - *scroll > room) {
        *scroll = caret - room;
    }
    if (caret < *scroll) {
        *scroll = caret;
    }
    *scroll = fmaxf(0.0F, fminf(*scroll, whole - room));
}

static void draw_selection(Picture *p, float top, float height) {
    if (!edit_has_selection(p->box) || p->compose_to > p->compose_from) {
        return;
    }
    int left = (int)floorf(x_of(p, edit_from(p->box)));
    int right = (int)ceilf(x_of(p, edit_to(p->box)));
    draw_rect(&p->ui->list, (Rect){left, (int)top, right - left, (int)height},
              p->ui->theme->selection);
}

static void draw_caret(Picture *p, Rect caret) {
    Ui *ui = p->ui;
    uint64_t phase = (ui->input.now_ms - p->box->touched_ms) / BLINK_MS;
    if (phase % 2 == 0) {
        draw_rect(&ui->list, caret, ui->theme->hand);
    }
    ui_wake_at(ui, p->box->touched_ms + (phase + 1) * BLINK_MS);
    ui->text_input = true;
    ui->caret = caret;
}

static void draw_content(Picture *p, bool focused, const char *placeholder) {
    Ui *ui = p->ui;
    const Theme *t = ui->theme;
    FontMetrics metrics = ui->measure->metrics(ui->measure->user, p->font, p->size);
    float baseline = text_baseline(ui->measure, p->font, p->size, (float)p->inner.y,
                                   (float)p->inner.h);
    float top = floorf(baseline - metrics.ascent);
    float height = ceilf(metrics.ascent + metrics.descent);
    if (focused) {
        scroll_to_caret(p);
        draw_selection(p, top, height);
    }
    if (p->bytes == 0) {
        ui_label(ui, p->inner, UI_ALIGN_LEFT, FONT_UI, p->size, t->faint, placeholder);
    }
    draw_text_n(&ui->list, p->font, p->size, t->text, (float)p->inner.x - p->box->scroll, baseline,
                p->text, p->bytes);
    if (p->compose_to > p->compose_from) {
        draw_line(&ui->list, x_of(p, p->compose_from), baseline + 3.0F, x_of(p, p->compose_to),
                  baseline + 3.0F, 1.0F, DRAW_SOLID, t->hand);
    }
    if (focused) {
        draw_caret(p, (Rect){(int)lroundf(x_of(p, p->caret)), (int)top, 2, (int)height});
    }
}

static void draw_box(Ui *ui, UiTextBox *box, Rect rect, const UiSignal *signal,
                     const char *placeholder, FontRole font, int size) {
    const Theme *t = ui->theme;
    draw_round_rect(&ui->list, rect, THEME_RADIUS, t->background);
    Color frame = signal->focused ? t->hand : (signal->hovered ? t->faint : t->line);
    draw_frame(&ui->list, rect, THEME_RADIUS, signal->focused ? 1.5F : 1.0F, DRAW_SOLID, frame);
    Picture p = {.ui = ui,
                 .box = box,
                 .inner = rect_inset(rect, PAD, 1),
                 .font = font,
                 .size = size,
                 .text = buf_cstr(&box->text),
                 .bytes = box->text.size,
                 .caret = box->caret};
    if (signal->focused && ui->input.composition[0] != '\0') {
        with_composition(&p);
    }
    /* one point more at the sides, for a caret at the edge */
    draw_clip_push(&ui->list, rect_inset(rect, PAD - 2, 1));
    draw_content(&p, signal->focused, placeholder);
    draw_clip_pop(&ui->list);
}

UiTextEvent ui_textbox(Ui *ui, const char *id, Rect rect, UiTextBox *box, const char *placeholder,
                       FontRole font, int size) {
    UiTextEvent result = {false, false, false, false};
    bool had_focus = ui_focused(ui, id);
    if (had_focus && !ui->input.mouse_pressed) {
        handle_keys(ui, box, &result);
    }
    UiSignal signal = ui_region(ui, id, rect, UI_FOCUSABLE | UI_NO_HAND);
    handle_mouse(ui, box, &signal, font, size);
    if (signal.hovered) {
        ui->cursor = UI_CURSOR_TEXT;
    }
    if (!had_focus && signal.focused) {
        box->touched_ms = ui->input.now_ms;
    }
    if (result.canceled) {
        ui_focus(ui, NULL);
        signal.focused = false;
    }
    draw_box(ui, box, rect, &signal, placeholder, font, size);
    result.focused = signal.focused;
    return result;
}
