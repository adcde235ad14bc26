#include "app/views/common_switches.h"

#include "app/views/words.h"

#include <math.h>
#include <string.h>

enum { PARTS = 2, SPACE = 8, APART = 16 };

typedef struct {
    const char *id, *name; /* name "": it goes without */
    WordId tip, part[PARTS];
    int chosen;
    const char *why_not; /* it can't be switched; NULL: it can */
    IntentKind intent;
} Switch;

enum { SWITCHES = 2 };
static void make_switches(const ViewInput *in, bool wide, Switch *list) {
    list[0] = (Switch){"attention",
                       wide ? word(WORD_SWITCH_ATTENTION) : "",
                       WORD_TIP_SWITCH_ATTENTION,
                       {WORD_ATTENTION_STANDARD, WORD_ATTENTION_FLASH},
                       in->trace && strcmp(in->trace->attention, "flash") == 0,
                       in->no_flash,
                       INTENT_FLASH};
    list[1] = (Switch){"cache",
                       word(wide ? WORD_SWITCH_CACHE : WORD_CACHE_SHORT),
                       WORD_TIP_SWITCH_CACHE,
                       {WORD_SWITCH_OFF, WORD_SWITCH_ON},
                       in->cached != NULL,
                       in->no_cache,
                       INTENT_CACHE};
}

static int name_width(const ViewInput *in, const Switch *one) {
    if (!one->name[0])
        return 0;
    return (int)ceilf(text_width(ui_measure(in->ui), FONT_UI, THEME_SIZE_LABEL, one->name)) + SPACE;
}

static int switch_width(const ViewInput *in, const Switch *one) {
    const char *parts[PARTS] = {word(one->part[0]), word(one->part[1])};
    return ui_segments_width(in->ui, parts, PARTS);
}

int switches_width(const ViewInput *in, bool wide) {
    Switch list[SWITCHES];
    int width = 0;
    make_switches(in, wide, list);
    for (int i = 0; i < SWITCHES; i++)
        width += APART + name_width(in, &list[i]) + switch_width(in, &list[i]);
    return width;
}

/* The parts stand there, faint, and the tip says why they can't be had. */
static void draw_dead(const ViewInput *in, Rect rect, const Switch *one) {
    const Theme *t = in->theme;
    ui_region(in->ui, one->id, rect, UI_NO_HAND);
    ui_tip(in->ui, one->why_not);
    draw_frame(ui_list(in->ui), rect, THEME_RADIUS, 1, DRAW_DASHED, t->line);
    for (int i = 0; i < PARTS; i++)
        ui_label(in->ui, (Rect){rect.x + i * rect.w / PARTS, rect.y, rect.w / PARTS, rect.h},
                 UI_ALIGN_CENTER, FONT_UI, THEME_SIZE_TEXT, t->faint, word(one->part[i]));
}

static void draw_switch(const ViewInput *in, Rect rect, const Switch *one) {
    const char *parts[PARTS] = {word(one->part[0]), word(one->part[1])};
    int chosen = one->chosen;
    if (one->why_not) {
        draw_dead(in, rect, one);
        return;
    }
    if (ui_segments(in->ui, one->id, rect, parts, PARTS, &chosen))
        intent_value(in->out, one->intent, chosen);
    ui_tip(in->ui, word(one->tip));
}

void switches(const ViewInput *in, Rect line, bool wide) {
    Switch list[SWITCHES];
    make_switches(in, wide, list);
    rect_cut_left(&line, line.w - switches_width(in, wide));
    for (int i = 0; i < SWITCHES; i++) {
        rect_cut_left(&line, APART);
        ui_label(in->ui, rect_cut_left(&line, name_width(in, &list[i])), UI_ALIGN_LEFT, FONT_UI,
                 THEME_SIZE_LABEL, in->theme->secondary, list[i].name);
        draw_switch(in, rect_cut_left(&line, switch_width(in, &list[i])), &list[i]);
    }
}
