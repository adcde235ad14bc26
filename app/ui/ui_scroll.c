/* Scroll areas, and lists that open. */
#include "app/ui/ui_state.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { LINE = 48, LEAST_KNOB = 24, LIST_LINE = 28, LIST_MOST = 12, LIST_PAD = 4 };

UiHash ui_scroll_now(const Ui *ui) {
    return ui->scroll_depth == 0 ? 0 : ui->scrolls[ui->scroll_depth - 1];
}

static void keep_inside(UiScroll *scroll, int height, int content) {
    int most = content > height ? content - height : 0;
    scroll->offset = scroll->offset > most ? most : scroll->offset;
    scroll->offset = scroll->offset < 0 ? 0 : scroll->offset;
}

void ui_scroll_show(UiScroll *scroll, Rect rect, int content_height, int y, int h) {
    if (y + h > scroll->offset + rect.h) {
        scroll->offset = y + h - rect.h;
    }
    if (y < scroll->offset) {
        scroll->offset = y;
    }
    keep_inside(scroll, rect.h, content_height);
}

/* The pointer is over the area, and what is on top there belongs to it. */
static bool pointer_inside(const Ui *ui, UiHash hash, Rect visible) {
    if (!rect_has(visible, ui->input.mouse_x, ui->input.mouse_y)) {
        return false;
    }
    const UiItem *top = ui_topmost(&ui->last, ui->input.mouse_x, ui->input.mouse_y);
    return top != NULL && (top->hash == hash || top->scroll == hash);
}

int ui_scroll_begin(Ui *ui, const char *id, Rect rect, UiScroll *scroll, int content_height) {
    UiItem *item = ui_register(ui, id, rect, true, false);
    UiHash hash = item->hash;
    int before = scroll->offset;
    if (pointer_inside(ui, hash, item->visible) && ui->input.wheel != 0) {
        scroll->offset -= ui->input.wheel * LINE;
        ui->input.wheel = 0;
    }
    if (pointer_inside(ui, hash, item->visible) && !ui->text_input_before) {
        scroll->offset += ui_take_key(ui, UI_KEY_PAGE_DOWN, 0) ? rect.h - LINE : 0;
        scroll->offset -= ui_take_key(ui, UI_KEY_PAGE_UP, 0) ? rect.h - LINE : 0;
    }
    keep_inside(scroll, rect.h, content_height);
    if (scroll->offset != before) {
        ui_redraw(ui);
    }
    assert(ui->scroll_depth < 8);
    ui->scrolls[ui->scroll_depth++] = hash;
    draw_clip_push(&ui->list, rect);
    return rect.y - scroll->offset;
}

static void scroll_bar(Ui *ui, const char *id, Rect rect, UiScroll *scroll, int content) {
    Rect track = {rect.x + rect.w - UI_SCROLL_BAR, rect.y, UI_SCROLL_BAR, rect.h};
    int size = (int)((int64_t)rect.h * rect.h / content);
    size = size < LEAST_KNOB ? LEAST_KNOB : size;
    int run = rect.h - size;
    int most = content - rect.h;
    int at = run > 0 ? (int)((int64_t)run * scroll->offset / most) : 0;
    UiSignal signal = ui_region(ui, arena_printf(ui_arena(ui), "%s/bar", id), track, UI_NO_HAND);
    if (signal.pressed) {
        bool on_knob = signal.y >= at && signal.y < at + size;
        scroll->grabbed = on_knob ? signal.y - at : size / 2;
    }
    if (signal.held && run > 0) {
        int before = scroll->offset;
        scroll->offset = (int)((int64_t)(signal.y - scroll->grabbed) * most / run);
        keep_inside(scroll, rect.h, content);
        at = (int)((int64_t)run * scroll->offset / most);
        ui->redraw = ui->redraw || scroll->offset != before;
    }
    bool lit = signal.hovered || signal.held;
    Rect knob = {track.x + 3, track.y + at + 2, UI_SCROLL_BAR - 5, size - 4};
    draw_round_rect(&ui->list, knob, 2.5F, color_alpha(ui->theme->faint, lit ? 0.9 : 0.45));
}

/* Tab went to a widget of this area that is not in view. */
static void follow_focus(Ui *ui, Rect rect, UiScroll *scroll, int content) {
    for (size_t i = 0; ui->focus_moved && i < ui->items.count; i++) {
        const UiItem *item = &ui->items.items[i];
        if (item->hash == ui->focus && item->scroll == ui_scroll_now(ui) && item->focusable) {
            int before = scroll->offset;
            ui_scroll_show(scroll, rect, content, item->rect.y - rect.y + before, item->rect.h);
            ui->redraw = ui->redraw || scroll->offset != before;
        }
    }
}

void ui_scroll_end(Ui *ui, const char *id, Rect rect, UiScroll *scroll, int content_height) {
    follow_focus(ui, rect, scroll, content_height);
    if (content_height > rect.h) {
        scroll_bar(ui, id, rect, scroll, content_height);
    }
    draw_clip_pop(&ui->list);
    ui->scroll_depth--;
}

/* ---- Lists that open ---- */

int ui_dropdown_width(Ui *ui, const char *const *items, int count) {
    float widest = 0.0F;
    for (int i = 0; i < count; i++) {
        widest = fmaxf(widest, text_width(ui->measure, FONT_UI, THEME_SIZE_TEXT, items[i]));
    }
    return (int)ceilf(widest) + 12 + 12 + 8 + 12;
}

static void draw_box(Ui *ui, const char *id, Rect rect, const char *label, bool lit) {
    const Theme *t = ui->theme;
    draw_round_rect(&ui->list, rect, THEME_RADIUS, lit ? t->hover : t->raised);
    draw_frame(&ui->list, rect, THEME_RADIUS, 1.0F, DRAW_SOLID, t->line);
    Rect inner = rect_inset(rect, 12, 0);
    draw_icon(&ui->list, rect_center(rect_cut_right(&inner, 10), 10, 10), ICON_CHEVRON_DOWN,
              t->secondary);
    rect_cut_right(&inner, 8);
    ui_label(ui, inner, UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_TEXT, t->text, label);
    ui_focus_ring(ui, id, rect, THEME_RADIUS);
}

/* Letters go to the next line that starts with them. */
static void list_letters(Ui *ui, const char *const *items, int count) {
    for (int i = 0; i < ui->input.key_count; i++) {
        UiKeyEvent *event = &ui->input.keys[i];
        if (event->used || event->mods != 0 || event->key < '0' || event->key > 'z') {
            continue;
        }
        event->used = true;
        for (int step = 1; step <= count; step++) {
            int at = (ui->popup_index + step) % count;
            if ((items[at][0] | 0x20) == (event->key | 0x20)) {
                ui->popup_index = at;
                break;
            }
        }
    }
}

/* True when Enter takes the marked line. */
static bool list_keys(Ui *ui, const char *const *items, int count) {
    int before = ui->popup_index;
    ui->popup_index += ui_take_key(ui, UI_KEY_DOWN, 0) ? 1 : 0;
    ui->popup_index -= ui_take_key(ui, UI_KEY_UP, 0) ? 1 : 0;
    ui->popup_index = ui_take_key(ui, UI_KEY_HOME, 0) ? 0 : ui->popup_index;
    ui->popup_index = ui_take_key(ui, UI_KEY_END, 0) ? count - 1 : ui->popup_index;
    ui->popup_index = ui->popup_index >= count ? count - 1 : ui->popup_index;
    ui->popup_index = ui->popup_index < 0 ? 0 : ui->popup_index;
    list_letters(ui, items, count);
    if (ui->popup_index != before) {
        ui_redraw(ui);
    }
    return ui_take_key(ui, UI_KEY_ENTER, 0) || ui_take_key(ui, ' ', 0);
}

static Rect list_place(const Ui *ui, Rect rect, int count) {
    int shown = count > LIST_MOST ? LIST_MOST : count;
    int h = shown * LIST_LINE + 2 * LIST_PAD;
    int y = rect.y + rect.h + 4;
    int bottom = ui->area.y + ui->area.h - 4;
    if (y + h > bottom && rect.y - 4 - h >= ui->area.y) {
        y = rect.y - 4 - h;
    } else if (y + h > bottom) {
        h = bottom - y;
    }
    return (Rect){rect.x, y, rect.w, h};
}

static bool list_line(Ui *ui, const char *id, Rect line, const char *label, const char *why,
                      bool marked, bool chosen) {
    const Theme *t = ui->theme;
    UiSignal signal = ui_region(ui, id, line, why ? UI_NO_HAND : 0);
    if (why) {
        ui_tip(ui, why);
    }
    if (marked || signal.hovered) {
        draw_round_rect(&ui->list, line, THEME_RADIUS, t->hover);
    }
    Rect inner = rect_inset(line, 8, 0);
    Rect mark = rect_cut_right(&inner, 12);
    if (chosen) {
        draw_icon(&ui->list, rect_center(mark, 10, 10), ICON_CHECK, t->hand);
    }
    Color color = why ? color_mix(t->raised, t->faint, 0.6) : (chosen ? t->hand : t->text);
    ui_label(ui, inner, UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_TEXT, color, label);
    return signal.clicked;
}

/* The open list: which line was taken, or −1. */
static int open_list(Ui *ui, const char *id, Rect rect, const char *const *items,
                     const char *const *why, int count, int chosen) {
    int marked = ui->popup_index;
    bool enter = list_keys(ui, items, count);
    Rect panel = list_place(ui, rect, count);
    int taken = enter ? ui->popup_index : -1;
    if (!ui_popup_begin(ui, id, panel)) {
        return -1;
    }
    Rect inner = rect_inset(panel, LIST_PAD, LIST_PAD);
    int content = count * LIST_LINE;
    if (marked != ui->popup_index) {
        ui_scroll_show(&ui->popup_scroll, inner, content, ui->popup_index * LIST_LINE, LIST_LINE);
    }
    UiScroll *scroll = &ui->popup_scroll;
    int y = ui_scroll_begin(ui, "popup/list", inner, scroll, content);
    int w = content > inner.h ? inner.w - UI_SCROLL_BAR : inner.w;
    for (int i = 0; i < count; i++) {
        Rect line = {inner.x, y + i * LIST_LINE, w, LIST_LINE};
        if (list_line(ui, ui_part_id(ui, id, i), line, items[i], why ? why[i] : NULL,
                      i == ui->popup_index, i == chosen)) {
            taken = i;
        }
    }
    ui_scroll_end(ui, "popup/list", inner, scroll, content);
    ui_popup_end(ui);
    return taken >= 0 && why && why[taken] ? -1 : taken;
}

bool ui_dropdown(Ui *ui, const char *id, Rect rect, const char *const *items,
                 const char *const *why, int count, int *chosen) {
    bool open = ui_popup_is_open(ui, id);
    if (open) {
        int taken = open_list(ui, id, rect, items, why, count, *chosen);
        draw_box(ui, id, rect, items[*chosen], true);
        ui_register(ui, id, rect, true, true);
        if (taken >= 0) {
            ui_popup_close(ui);
            bool changed = taken != *chosen;
            *chosen = taken;
            return changed;
        }
        return false;
    }
    UiSignal signal = ui_region(ui, id, rect, UI_TAB_ONLY);
    bool down = signal.focused && ui_take_key(ui, UI_KEY_DOWN, 0);
    if (signal.clicked || down) {
        ui_popup_open(ui, id);
        ui->popup_index = *chosen;
        Rect panel = list_place(ui, rect, count);
        ui_scroll_show(&ui->popup_scroll, rect_inset(panel, LIST_PAD, LIST_PAD), count * LIST_LINE,
                       *chosen * LIST_LINE, LIST_LINE);
    }
    draw_box(ui, id, rect, items[*chosen], signal.hovered);
    return false;
}
