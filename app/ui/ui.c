#include "app/ui/ui.h"

#include "app/ui/ui_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

UiHash ui_hash(const char *id) { /* FNV-1a */
    UiHash hash = 0xcbf29ce484222325U;
    for (; *id != '\0'; id++) {
        hash = (hash ^ (unsigned char)*id) * 0x100000001b3U;
    }
    return hash == 0 ? 1 : hash;
}

Ui *ui_new(const TextMeasure *measure, const Theme *theme, UiClipboard clipboard) {
    Ui *ui = calloc(1, sizeof *ui);
    if (ui == NULL) {
        abort();
    }
    ui->measure = measure;
    ui->theme = theme;
    ui->clipboard = clipboard;
    ui->wake = UINT64_MAX;
    return ui;
}

void ui_free(Ui *ui) {
    if (ui == NULL) {
        return;
    }
    arena_free(&ui->arenas[0]);
    arena_free(&ui->arenas[1]);
    buf_free(&ui->focus_id);
    buf_free(&ui->popup_focus_id);
    free(ui);
}

/* ---- A frame ---- */

const UiItem *ui_topmost(const UiItems *items, int x, int y) {
    const UiItem *top = NULL;
    for (size_t i = 0; i < items->count; i++) {
        const UiItem *item = &items->items[i];
        if (item->takes && rect_has(item->visible, x, y) &&
            (top == NULL || item->layer >= top->layer)) {
            top = item;
        }
    }
    return top;
}

static UiHash hot_of(const Ui *ui, const UiItems *items) {
    const UiItem *top = ui_topmost(items, ui->input.mouse_x, ui->input.mouse_y);
    return top == NULL ? 0 : top->hash;
}

void ui_begin(Ui *ui, const UiInput *input, Rect area) {
    ui->input = *input;
    ui->area = area;
    ui->turn = 1 - ui->turn;
    arena_reset(&ui->arenas[ui->turn]);
    ui->last = ui->items;
    ui->items = (UiItems){NULL, 0, 0};
    draw_begin(&ui->list, &ui->arenas[ui->turn], area);
    ui->redraw = false;
    ui->wake = UINT64_MAX;
    ui->cursor = UI_CURSOR_ARROW;
    ui->text_input_before = ui->text_input;
    ui->text_input = false;
    ui->popup_seen = false;
    UiHash hot = hot_of(ui, &ui->last);
    if (hot != ui->hot) {
        ui->hot = hot;
        ui->hot_since = input->now_ms;
        ui->hot_pressed = false;
    }
    if (input->mouse_pressed) {
        ui->hot_pressed = true;
        if (ui->popup == 0) {
            ui_set_focus(ui, 0, "", false); /* what was pressed takes it back */
        }
    }
}

static bool can_focus(const Ui *ui, const UiItem *item) {
    return item->focusable && (ui->popup == 0 || item->layer == DRAW_LAYER_POPUP);
}

/* The next widget that Tab goes to, in the order in which they were drawn. */
static void move_focus(Ui *ui, bool back) {
    size_t count = ui->items.count;
    size_t at = back ? 0 : count - 1; /* without a focus, the first or the last */
    for (size_t i = 0; i < count; i++) {
        if (ui->items.items[i].hash == ui->focus) {
            at = i;
        }
    }
    for (size_t step = 1; step <= count; step++) {
        size_t i = back ? (at + count - step) % count : (at + step) % count;
        if (can_focus(ui, &ui->items.items[i])) {
            ui_set_focus(ui, ui->items.items[i].hash, ui->items.items[i].id, true);
            return;
        }
    }
}

void ui_end(Ui *ui) {
    assert(ui->list.clip_depth == 1 && ui->list.layer == DRAW_LAYER_BASE);
    ui->focus_moved = false;
    if (ui->popup != 0 && !ui->popup_seen) {
        ui_popup_close(ui);
    }
    if (ui->items.count > 0) {
        if (ui_take_key(ui, UI_KEY_TAB, 0)) {
            move_focus(ui, false);
        } else if (ui_take_key(ui, UI_KEY_TAB, UI_SHIFT)) {
            move_focus(ui, true);
        }
    }
    if (!ui->input.mouse_down) {
        ui->active = 0;
    }
    if (hot_of(ui, &ui->items) != ui->hot) {
        ui->redraw = true;
    }
}

/* ---- Access ---- */

DrawList *ui_list(Ui *ui) {
    return &ui->list;
}

Arena *ui_arena(Ui *ui) {
    return &ui->arenas[ui->turn];
}

const TextMeasure *ui_measure(const Ui *ui) {
    return ui->measure;
}

void ui_set_measure(Ui *ui, const TextMeasure *measure) {
    ui->measure = measure;
}

const Theme *ui_theme(const Ui *ui) {
    return ui->theme;
}

void ui_set_theme(Ui *ui, const Theme *theme) {
    ui->redraw = ui->redraw || ui->theme != theme;
    ui->theme = theme;
}

const UiInput *ui_input(const Ui *ui) {
    return &ui->input;
}

uint64_t ui_now(const Ui *ui) {
    return ui->input.now_ms;
}

void ui_redraw(Ui *ui) {
    ui->redraw = true;
}

void ui_wake_at(Ui *ui, uint64_t when_ms) {
    ui->wake = when_ms < ui->wake ? when_ms : ui->wake;
}

bool ui_wants_redraw(const Ui *ui) {
    return ui->redraw;
}

uint64_t ui_next_wake(const Ui *ui) {
    return ui->wake;
}

UiCursor ui_cursor(const Ui *ui) {
    return ui->cursor;
}

void ui_set_cursor(Ui *ui, UiCursor cursor) {
    ui->cursor = cursor;
}

bool ui_text_input(const Ui *ui, Rect *caret) {
    if (ui->text_input && caret != NULL) {
        *caret = ui->caret;
    }
    return ui->text_input;
}

bool ui_typing(const Ui *ui) {
    return ui->text_input || ui->text_input_before || ui->active != 0;
}

/* ---- Ids ---- */

UiItem *ui_register(Ui *ui, const char *id, Rect rect, bool takes, bool focusable) {
    UiItems *items = &ui->items;
    if (items->count == items->capacity) {
        size_t capacity = items->capacity == 0 ? 128 : items->capacity * 2;
        UiItem *larger = ARENA_NEW_N(ui_arena(ui), UiItem, capacity);
        if (items->count > 0) {
            memcpy(larger, items->items, items->count * sizeof *larger);
        }
        items->items = larger;
        items->capacity = capacity;
    }
    UiItem *item = &items->items[items->count++];
    *item = (UiItem){.id = arena_copy_text(ui_arena(ui), id),
                     .hash = ui_hash(id),
                     .rect = rect,
                     .visible = rect_both(rect, draw_clip(&ui->list)),
                     .layer = ui->list.layer,
                     .scroll = ui_scroll_now(ui),
                     .takes = takes,
                     .focusable = focusable};
    return item;
}

const char *ui_part_id(Ui *ui, const char *id, int part) {
    return arena_printf(ui_arena(ui), "%s/%d", id, part);
}

static const UiItem *find(const Ui *ui, const char *id) {
    UiHash hash = ui_hash(id);
    for (size_t i = 0; i < ui->items.count; i++) {
        const UiItem *item = &ui->items.items[i];
        if (item->hash == hash && strcmp(item->id, id) == 0) {
            return item;
        }
    }
    return NULL;
}

bool ui_find(const Ui *ui, const char *id, Rect *rect, Rect *visible) {
    const UiItem *item = find(ui, id);
    if (item == NULL) {
        return false;
    }
    if (rect != NULL) {
        *rect = item->rect;
    }
    if (visible != NULL) {
        *visible = item->visible;
    }
    return true;
}

bool ui_covered(const Ui *ui, const char *id, const char **by) {
    const UiItem *item = find(ui, id);
    const char *cover = "";
    bool covered = item == NULL || item->visible.w == 0 || item->visible.h == 0;
    if (!covered) {
        const UiItem *top = ui_topmost(&ui->items, item->visible.x + item->visible.w / 2,
                                       item->visible.y + item->visible.h / 2);
        /* A mark takes nothing itself: only another layer can cover it. */
        covered = top != NULL && top != item && (item->takes || top->layer > item->layer);
        cover = covered ? top->id : "";
    }
    if (by != NULL) {
        *by = cover;
    }
    return covered;
}

const char *ui_id_at(const Ui *ui, size_t index) {
    return index < ui->items.count ? ui->items.items[index].id : NULL;
}

/* ---- Focus and keys ---- */

void ui_set_focus(Ui *ui, UiHash hash, const char *id, bool visible) {
    if (hash != ui->focus) {
        ui->redraw = true;
        ui->focus_moved = true;
    }
    ui->focus = hash;
    ui->focus_visible = visible;
    if (id != buf_cstr(&ui->focus_id)) {
        buf_clear(&ui->focus_id);
        buf_text(&ui->focus_id, id);
    }
}

void ui_focus(Ui *ui, const char *id) {
    ui_set_focus(ui, id == NULL ? 0 : ui_hash(id), id == NULL ? "" : id, false);
}

bool ui_focused(const Ui *ui, const char *id) {
    return ui->focus == ui_hash(id);
}

const char *ui_focus_id(const Ui *ui) {
    return buf_cstr(&ui->focus_id);
}

bool ui_take_key(Ui *ui, int key, unsigned mods) {
    for (int i = 0; i < ui->input.key_count; i++) {
        UiKeyEvent *event = &ui->input.keys[i];
        if (!event->used && event->key == key && event->key != 0 && event->mods == mods) {
            event->used = true;
            return true;
        }
    }
    return false;
}

bool ui_key(Ui *ui, int key, unsigned mods) {
    static const struct {
        char sign, key;
    } SHIFTED[] = {{'?', '/'}, {'+', '='}, {'<', ','}, {'>', '.'}};
    if (ui_take_key(ui, key, mods)) {
        return true;
    }
    for (size_t i = 0; i < sizeof SHIFTED / sizeof SHIFTED[0]; i++) {
        if (key == SHIFTED[i].sign) {
            return ui_take_key(ui, key, mods | UI_SHIFT) ||
                   ui_take_key(ui, SHIFTED[i].key, mods | UI_SHIFT);
        }
    }
    return false;
}

/* ---- The base of all widgets ---- */

static bool key_click(Ui *ui) {
    return ui_take_key(ui, UI_KEY_ENTER, 0) || ui_take_key(ui, ' ', 0);
}

UiSignal ui_region(Ui *ui, const char *id, Rect rect, unsigned flags) {
    bool enabled = (flags & UI_DISABLED) == 0;
    bool by_mouse = (flags & UI_FOCUSABLE) != 0;
    bool focusable = enabled && (flags & (UI_FOCUSABLE | UI_TAB_ONLY)) != 0;
    UiHash hash = ui_register(ui, id, rect, true, focusable)->hash;
    UiSignal signal = {.x = ui->input.mouse_x - rect.x, .y = ui->input.mouse_y - rect.y};
    if (!enabled) {
        return signal;
    }
    if (ui->input.mouse_pressed && ui->hot == hash) {
        signal.pressed = true;
        signal.clicks = ui->input.mouse_clicks;
        ui->active = hash;
        if (by_mouse) {
            ui_set_focus(ui, hash, id, false);
        }
    }
    signal.hovered = ui->hot == hash && (ui->active == 0 || ui->active == hash);
    signal.held = ui->active == hash && (ui->input.mouse_down || ui->input.mouse_released);
    signal.clicked = ui->input.mouse_released && ui->active == hash && ui->hot == hash;
    signal.focused = focusable && ui->focus == hash;
    if (signal.focused && key_click(ui)) {
        signal.clicked = true;
    }
    if (signal.hovered && (flags & UI_NO_HAND) == 0) {
        ui->cursor = UI_CURSOR_HAND;
    }
    if (signal.clicked) {
        ui->redraw = true; /* what the click changed may already have been drawn */
    }
    return signal;
}

void ui_mark(Ui *ui, const char *id, Rect rect) {
    ui_register(ui, id, rect, false, false);
}

void ui_focus_ring(Ui *ui, const char *id, Rect rect, float radius) {
    if (ui->focus_visible && ui_focused(ui, id)) {
        draw_frame(&ui->list, rect_inset(rect, -3, -3), radius + 3.0F, 2.0F, DRAW_SOLID,
                   ui->theme->key);
    }
}
