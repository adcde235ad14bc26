/* ui_state: what the modules of the user interface share. Private to app/ui. */
#ifndef UI_UI_STATE_H
#define UI_UI_STATE_H

#include "app/ui/ui.h"

typedef uint64_t UiHash; /* of an id; 0: none */

typedef struct {
    const char *id;
    UiHash hash;
    Rect rect, visible;
    DrawLayer layer;
    UiHash scroll;  /* the scroll area it is in, or 0 */
    bool takes;     /* the pointer stops here */
    bool focusable; /* Tab stops here */
} UiItem;

typedef struct {
    UiItem *items; /* in the frame's arena */
    size_t count, capacity;
} UiItems;

struct Ui {
    const TextMeasure *measure;
    const Theme *theme;
    UiClipboard clipboard;
    UiInput input;
    Rect area;

    Arena arenas[2]; /* of this frame and the one before, by turns */
    int turn;
    DrawList list;
    UiItems items, last;

    UiHash hot, active, focus;
    Buf focus_id;
    bool focus_visible; /* the keyboard put it there */
    bool focus_moved;   /* since the last frame: a scroll area brings it into view */
    uint64_t hot_since; /* when the pointer came to rest on `hot` */
    bool hot_pressed;   /* pressed since: no tip any more */
    UiHash scrolls[8];  /* the scroll areas that are open now, one inside the other */
    int scroll_depth;

    UiHash popup;
    bool popup_seen; /* it was drawn, or opened, in this frame */
    UiHash popup_focus_before;
    Buf popup_focus_id;
    int popup_index; /* the marked line of an open list */
    UiScroll popup_scroll;

    UiCursor cursor;
    bool text_input, text_input_before;
    Rect caret;
    bool redraw;
    uint64_t wake;
};

UiHash ui_scroll_now(const Ui *ui); /* the innermost of them, or 0 */

enum {
    UI_TAB_ONLY = 1 << 16 /* ui_region: Tab puts the focus there, the mouse does not */
};

UiHash ui_hash(const char *id);
UiItem *ui_register(Ui *ui, const char *id, Rect rect, bool takes, bool focusable);
const UiItem *ui_topmost(const UiItems *items, int x, int y);
void ui_set_focus(Ui *ui, UiHash hash, const char *id, bool visible);
/* Takes a key with exactly these modifiers. */
bool ui_take_key(Ui *ui, int key, unsigned mods);
const char *ui_part_id(Ui *ui, const char *id, int part); /* "ID/3" */

#endif
