/* Panels over everything else: popups and tips. */
#include "app/ui/ui_state.h"

#include <math.h>
#include <string.h>

enum { TIP_DELAY_MS = 500, TIP_WIDTH = 320, TIP_PAD = 8 };

void ui_popup_open(Ui *ui, const char *id) {
    if (ui->popup == 0) {
        ui->popup_focus_before = ui->focus;
        buf_clear(&ui->popup_focus_id);
        buf_text(&ui->popup_focus_id, buf_cstr(&ui->focus_id));
    }
    ui->popup = ui_hash(id);
    ui->popup_seen = true;
    ui->popup_scroll = (UiScroll){0, 0};
    ui_set_focus(ui, ui->popup, id, ui->focus_visible);
    ui->redraw = true;
}

void ui_popup_close(Ui *ui) {
    if (ui->popup == 0) {
        return;
    }
    ui->popup = 0;
    ui_set_focus(ui, ui->popup_focus_before, buf_cstr(&ui->popup_focus_id), ui->focus_visible);
    ui->redraw = true;
}

bool ui_popup_is_open(const Ui *ui, const char *id) {
    return ui->popup == ui_hash(id);
}

bool ui_popup_begin(Ui *ui, const char *id, Rect rect) {
    if (!ui_popup_is_open(ui, id)) {
        return false;
    }
    ui->popup_seen = true;
    ui->list.layer = DRAW_LAYER_POPUP;
    draw_clip_reset(&ui->list, ui->area);
    UiSignal outside = ui_region(ui, "popup/outside", ui->area, UI_NO_HAND);
    ui_region(ui, "popup/panel", rect, UI_NO_HAND);
    draw_round_rect(&ui->list, rect_inset((Rect){rect.x, rect.y + 3, rect.w, rect.h}, -2, -2), 8.0F,
                    color_alpha(COLOR_RGB(0), 0.28));
    draw_round_rect(&ui->list, rect, 6.0F, ui->theme->raised);
    draw_frame(&ui->list, rect, 6.0F, 1.0F, DRAW_SOLID, ui->theme->line);
    draw_clip_push(&ui->list, rect);
    if (outside.pressed) {
        ui_popup_close(ui);
        ui->popup_seen = true;
    }
    return true;
}

void ui_popup_end(Ui *ui) {
    draw_clip_pop(&ui->list);
    draw_clip_pop(&ui->list);
    ui->list.layer = DRAW_LAYER_BASE;
    if (ui->popup != 0 && ui_take_key(ui, UI_KEY_ESCAPE, 0)) {
        ui_popup_close(ui);
    }
}

/* Below the anchor, or above where there is no room; inside the window. */
static Rect tip_place(const Ui *ui, Rect anchor, int w, int h) {
    int x = anchor.x + anchor.w / 2 - w / 2;
    int y = anchor.y + anchor.h + 8;
    if (y + h > ui->area.y + ui->area.h - 4) {
        y = anchor.y - 8 - h;
    }
    int most_x = ui->area.x + ui->area.w - w - 4;
    x = x > most_x ? most_x : x;
    x = x < ui->area.x + 4 ? ui->area.x + 4 : x;
    y = y < ui->area.y + 4 ? ui->area.y + 4 : y;
    return (Rect){x, y, w, h};
}

void ui_tip_at(Ui *ui, Rect anchor, const char *text) {
    TextLine *lines;
    size_t count = text_wrap(ui_arena(ui), ui->measure, FONT_UI, THEME_SIZE_LABEL, text,
                             (float)TIP_WIDTH, &lines);
    float widest = 0.0F;
    for (size_t i = 0; i < count; i++) {
        widest = fmaxf(widest, lines[i].width);
    }
    int line = THEME_SIZE_LABEL + 5;
    Rect box = tip_place(ui, anchor, (int)ceilf(widest) + 2 * TIP_PAD, (int)count * line + 2 * 6);
    DrawLayer layer = ui->list.layer;
    ui->list.layer = DRAW_LAYER_TIP;
    draw_clip_reset(&ui->list, ui->area);
    draw_round_rect(&ui->list, box, 5.0F, ui->theme->hover);
    draw_frame(&ui->list, box, 5.0F, 1.0F, DRAW_SOLID, ui->theme->line);
    for (size_t i = 0; i < count; i++) {
        float top = (float)(box.y + 6 + (int)i * line);
        draw_text_n(&ui->list, FONT_UI, THEME_SIZE_LABEL, ui->theme->text, (float)(box.x + TIP_PAD),
                    text_baseline(ui->measure, FONT_UI, THEME_SIZE_LABEL, top, (float)line),
                    lines[i].text, lines[i].size);
    }
    draw_clip_pop(&ui->list);
    ui->list.layer = layer;
}

bool ui_tip_wanted(const Ui *ui) {
    return ui->items.count > 0 && ui->items.items[ui->items.count - 1].hash == ui->hot &&
           ui->active == 0 && !ui->hot_pressed;
}

void ui_tip(Ui *ui, const char *text) {
    if (!ui_tip_wanted(ui)) {
        return;
    }
    const UiItem *item = &ui->items.items[ui->items.count - 1];
    uint64_t due = ui->hot_since + TIP_DELAY_MS;
    if (ui->input.now_ms >= due) {
        ui_tip_at(ui, item->rect, text);
    } else {
        ui_wake_at(ui, due);
    }
}
