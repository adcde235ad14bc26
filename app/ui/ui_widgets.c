/* Buttons, switches, segments, chips and sliders. */
#include "app/ui/ui_state.h"

#include <math.h>
#include <string.h>

enum { PAD = 12, ICON = 12, SEGMENT_PAD = 12, CHIP_PAD = 8, KNOB = UI_SCRUB_KNOB };

typedef struct {
    Color surface, frame, text;
    float frame_width;
    FontRole font;
} Look;

/* How a button looks in its state. */
static Look button_look(const Ui *ui, unsigned flags, const UiSignal *signal) {
    const Theme *t = ui->theme;
    Look look = {t->raised, t->line, t->text, 1.0F, FONT_UI};
    if ((flags & UI_QUIET) != 0) {
        look.surface = look.frame = color_alpha(t->raised, 0.0);
        look.text = t->secondary;
    }
    if ((flags & UI_DISABLED) != 0) {
        look.text = color_mix(t->raised, t->faint, 0.6);
        return look;
    }
    if (signal->hovered || signal->held) {
        look.surface = t->hover;
        look.text = t->text;
    }
    if ((flags & UI_SELECTED) != 0) {
        look = (Look){look.surface, t->hand, t->hand, 2.0F, FONT_UI_BOLD};
    }
    if ((flags & UI_FILLED) != 0) {
        Color fill = t->hand_fill;
        Color lit = color_mix(fill, COLOR_RGB(0xffffff), 0.2);
        look = (Look){signal->hovered ? lit : fill, fill, t->on_hand, 1.0F, FONT_UI_BOLD};
    }
    if (signal->held && signal->hovered) {
        look.surface = color_mix(look.surface, t->background, 0.25);
    }
    return look;
}

static void draw_surface(Ui *ui, Rect rect, const Look *look) {
    draw_round_rect(&ui->list, rect, THEME_RADIUS, look->surface);
    if (look->frame >> 24 != 0) {
        draw_frame(&ui->list, rect, THEME_RADIUS, look->frame_width, DRAW_SOLID, look->frame);
    }
}

bool ui_button_with_icon(Ui *ui, const char *id, Rect rect, DrawIcon icon, const char *label,
                         unsigned flags) {
    UiSignal signal = ui_region(ui, id, rect, (flags & UI_DISABLED) | UI_TAB_ONLY);
    Look look = button_look(ui, flags, &signal);
    draw_surface(ui, rect, &look);
    int pad = rect.w < 3 * PAD ? 2 : 8;
    Rect inner = rect_inset(rect, pad, 0);
    if (icon != ICON_NONE && label[0] == '\0') {
        draw_icon(&ui->list, rect_center(rect, ICON, ICON), icon, look.text);
    } else {
        if (icon != ICON_NONE) {
            draw_icon(&ui->list, rect_center(rect_cut_left(&inner, ICON), ICON, ICON), icon,
                      look.text);
            rect_cut_left(&inner, 6);
        }
        UiAlign align = (flags & UI_LEFT) != 0 || icon != ICON_NONE ? UI_ALIGN_LEFT
                                                                    : UI_ALIGN_CENTER;
        ui_label(ui, inner, align, look.font, THEME_SIZE_TEXT, look.text, label);
    }
    ui_focus_ring(ui, id, rect, THEME_RADIUS);
    return signal.clicked;
}

bool ui_button(Ui *ui, const char *id, Rect rect, const char *label, unsigned flags) {
    return ui_button_with_icon(ui, id, rect, ICON_NONE, label, flags);
}

bool ui_icon_button(Ui *ui, const char *id, Rect rect, DrawIcon icon, unsigned flags) {
    return ui_button_with_icon(ui, id, rect, icon, "", flags);
}

int ui_button_width(Ui *ui, const char *label) {
    /* the bold face, so that choosing a button does not move its neighbours */
    return (int)ceilf(text_width(ui->measure, FONT_UI_BOLD, THEME_SIZE_TEXT, label)) + 2 * PAD;
}

bool ui_toggle(Ui *ui, const char *id, Rect rect, const char *label, bool *on) {
    UiSignal signal = ui_region(ui, id, rect, UI_TAB_ONLY);
    const Theme *t = ui->theme;
    if (signal.clicked) {
        *on = !*on;
    }
    Rect rest = rect;
    Rect track = rect_center(rect_cut_left(&rest, 32), 32, 18);
    Color surface = *on ? t->hand_fill : (signal.hovered ? t->hover : t->raised);
    draw_round_rect(&ui->list, track, 9.0F, surface);
    draw_frame(&ui->list, track, 9.0F, 1.0F, DRAW_SOLID, *on ? t->hand_fill : t->faint);
    Rect knob = {*on ? track.x + 17 : track.x + 3, track.y + 3, 12, 12};
    draw_round_rect(&ui->list, knob, 6.0F, *on ? t->on_hand : t->secondary);
    rect_cut_left(&rest, 8);
    ui_label(ui, rest, UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_TEXT,
             signal.hovered ? t->text : t->secondary, label);
    ui_focus_ring(ui, id, rect, THEME_RADIUS);
    return signal.clicked;
}

/* ---- Segments ---- */

static int segment_width(Ui *ui, const char *label) {
    return (int)ceilf(text_width(ui->measure, FONT_UI_BOLD, THEME_SIZE_TEXT, label)) +
           2 * SEGMENT_PAD;
}

int ui_segments_width(Ui *ui, const char *const *labels, int count) {
    int width = 0;
    for (int i = 0; i < count; i++) {
        width += segment_width(ui, labels[i]);
    }
    return width;
}

static bool segment(Ui *ui, const char *id, Rect rect, const char *label, bool chosen, bool ends) {
    const Theme *t = ui->theme;
    UiSignal signal = ui_region(ui, id, rect, 0);
    if (chosen) {
        draw_round_rect(&ui->list, rect, ends ? THEME_RADIUS : 0.0F, t->hand_fill);
    } else if (signal.hovered) {
        draw_round_rect(&ui->list, rect, ends ? THEME_RADIUS : 0.0F, t->hover);
    }
    Color color = chosen ? t->on_hand : (signal.hovered ? t->text : t->secondary);
    ui_label(ui, rect, UI_ALIGN_CENTER, chosen ? FONT_UI_BOLD : FONT_UI, THEME_SIZE_TEXT, color,
             label);
    return signal.clicked;
}

bool ui_segments(Ui *ui, const char *id, Rect rect, const char *const *labels, int count,
                 int *chosen) {
    int before = *chosen;
    int wanted = ui_segments_width(ui, labels, count);
    ui_region(ui, id, rect, UI_TAB_ONLY | UI_NO_HAND);
    if (ui_focused(ui, id)) {
        *chosen -= *chosen > 0 && ui_take_key(ui, UI_KEY_LEFT, 0) ? 1 : 0;
        *chosen += *chosen + 1 < count && ui_take_key(ui, UI_KEY_RIGHT, 0) ? 1 : 0;
    }
    draw_round_rect(&ui->list, rect, THEME_RADIUS, ui->theme->raised);
    int x = rect.x;
    int used = 0;
    for (int i = 0; i < count; i++) {
        used += segment_width(ui, labels[i]);
        int end = wanted > 0 ? rect.x + rect.w * used / wanted : rect.x;
        Rect part = {x, rect.y, end - x, rect.h};
        bool at_end = i == 0 || i + 1 == count;
        if (segment(ui, ui_part_id(ui, id, i), part, labels[i], i == *chosen, at_end)) {
            *chosen = i;
        }
        x = end;
    }
    draw_frame(&ui->list, rect, THEME_RADIUS, 1.0F, DRAW_SOLID, ui->theme->line);
    ui_focus_ring(ui, id, rect, THEME_RADIUS);
    if (*chosen != before) {
        ui_redraw(ui);
    }
    return *chosen != before;
}

/* ---- Chips ---- */

int ui_chip_width(Ui *ui, const UiChip *chip) {
    float label = text_width(ui->measure, FONT_MONO, THEME_SIZE_TEXT, chip->label);
    float note = text_width(ui->measure, FONT_MONO, THEME_SIZE_SMALL, chip->note);
    if (chip->mark != NULL) {
        note += 4.0F + text_width(ui->measure, FONT_MONO_BOLD, THEME_SIZE_SMALL, "QK");
    }
    int width = (int)ceilf(fmaxf(label, note)) + 2 * CHIP_PAD;
    return width < 28 ? 28 : width;
}

bool ui_chip(Ui *ui, const char *id, Rect rect, const UiChip *chip) {
    const Theme *t = ui->theme;
    UiSignal signal = ui_region(ui, id, rect, UI_TAB_ONLY);
    bool has_role = chip->role != ROLE_NONE;
    Color own = chip->color != 0 ? chip->color : t->text;
    Color color = has_role ? theme_role(t, chip->role) : own;
    draw_round_rect(&ui->list, rect, THEME_RADIUS, signal.hovered ? t->hover : t->raised);
    DrawStyle style = chip->dashed ? DRAW_DASHED : theme_role_style(chip->role);
    draw_frame(&ui->list, rect, THEME_RADIUS, has_role ? 1.5F : 1.0F, style,
               has_role ? color : t->line);
    Rect inner = rect_inset(rect, CHIP_PAD, 0);
    rect_cut_top(&inner, 3);
    rect_cut_bottom(&inner, 3);
    bool noted = chip->note[0] != '\0';
    Rect top = noted ? rect_cut_top(&inner, inner.h * 17 / 30) : inner;
    ui_label(ui, top, UI_ALIGN_LEFT, FONT_MONO, THEME_SIZE_TEXT, color, chip->label);
    if (noted) {
        ui_label(ui, inner, UI_ALIGN_LEFT, FONT_MONO, THEME_SIZE_SMALL, has_role ? color : t->faint,
                 chip->note);
    }
    if (noted && chip->mark != NULL) {
        ui_label(ui, inner, UI_ALIGN_RIGHT, FONT_MONO_BOLD, THEME_SIZE_SMALL, color, chip->mark);
    }
    ui_focus_ring(ui, id, rect, THEME_RADIUS);
    return signal.clicked;
}

/* ---- Sliders ---- */

static double clamp01(double v) {
    return v < 0.0 ? 0.0 : (v > 1.0 ? 1.0 : v);
}

static void slider_keys(Ui *ui, double *value, double step) {
    if (step <= 0.0) {
        return;
    }
    while (ui_take_key(ui, UI_KEY_LEFT, 0)) {
        *value -= step;
    }
    while (ui_take_key(ui, UI_KEY_RIGHT, 0)) {
        *value += step;
    }
    if (ui_take_key(ui, UI_KEY_HOME, 0)) {
        *value = 0.0;
    }
    if (ui_take_key(ui, UI_KEY_END, 0)) {
        *value = 1.0;
    }
}

/* The bar and its knob in a strip; all of the strip can be grabbed. */
static bool slider_strip(Ui *ui, const char *id, Rect strip, double *value, double step) {
    const Theme *t = ui->theme;
    double before = *value;
    UiSignal signal = ui_region(ui, id, strip, UI_TAB_ONLY);
    int run = strip.w - KNOB;
    if (signal.held && run > 0) {
        *value = (double)(signal.x - KNOB / 2) / (double)run;
    }
    if (signal.focused) {
        slider_keys(ui, value, step);
    }
    *value = clamp01(*value);
    int middle = strip.y + strip.h / 2;
    Rect bar = {strip.x, middle - 3, strip.w, 6};
    draw_round_rect(&ui->list, bar, 3.0F, t->line);
    int at = strip.x + KNOB / 2 + (int)lround(*value * (double)run);
    Rect done = {bar.x, bar.y, at - bar.x, bar.h};
    draw_round_rect(&ui->list, done, 3.0F, color_mix(t->hand_fill, t->panel, 0.3));
    int size = signal.hovered || signal.held ? KNOB + 2 : KNOB;
    Rect knob = {at - size / 2, middle - size / 2, size, size};
    draw_round_rect(&ui->list, knob, (float)size * 0.5F, t->hand_fill);
    ui_focus_ring(ui, id, knob, (float)size * 0.5F);
    if (*value != before) {
        ui_redraw(ui);
    }
    return *value != before;
}

bool ui_slider(Ui *ui, const char *id, Rect rect, double *value, double step) {
    return slider_strip(ui, id, rect, value, step);
}

/* A mark at each tick; a label only where it is free of the one before. */
static void draw_ticks(Ui *ui, Rect rect, const UiTick *ticks, size_t count) {
    const Theme *t = ui->theme;
    float free_from = (float)rect.x - 1.0F;
    int run = rect.w - KNOB;
    for (size_t i = 0; i < count; i++) {
        float x = (float)(rect.x + KNOB / 2) + (float)ticks[i].at * (float)run;
        float width = text_width(ui->measure, FONT_UI, THEME_SIZE_SMALL, ticks[i].label);
        if (x >= free_from) {
            draw_line(&ui->list, x, (float)rect.y, x, (float)rect.y + 5.0F, 1.0F, DRAW_SOLID,
                      t->faint);
        }
        float left = x + 5.0F;
        float right = (float)(rect.x + rect.w);
        if (left + width > right) {
            left = x - 5.0F - width;
        }
        if (left < free_from) {
            continue;
        }
        draw_text(
            &ui->list, FONT_UI, THEME_SIZE_SMALL, t->secondary, left,
            text_baseline(ui->measure, FONT_UI, THEME_SIZE_SMALL, (float)rect.y, (float)rect.h),
            ticks[i].label);
        draw_line(&ui->list, x, (float)rect.y, x, (float)(rect.y + rect.h), 1.0F, DRAW_SOLID,
                  t->faint);
        free_from = left + width + 8.0F;
    }
}

bool ui_scrub(Ui *ui, const char *id, Rect rect, double *value, double step, const UiTick *ticks,
              size_t count) {
    Rect strip = rect_cut_top(&rect, 24);
    bool changed = slider_strip(ui, id, strip, value, step);
    draw_ticks(ui, (Rect){rect.x, rect.y, rect.w, rect.h < 16 ? rect.h : 16}, ticks, count);
    return changed;
}
