/* ui: an immediate-mode user interface: each frame the program calls a function for each widget,
 * which draws it, and answers what was done to it. No widget objects, no callbacks; what must last
 * between frames (the text of a box, how far a list is scrolled) belongs to the caller.
 *
 *   ui_begin(ui, input, area);
 *   if (ui_button(ui, "timeline/play", rect, "Play", 0)) play();
 *   ui_end(ui);
 *   … replay ui_list(ui) …
 *
 * Ids are texts that are unique in a frame and the same in every frame: "timeline/play",
 * "map/blocks.0.attn.hook_q". Each widget registers its id and rectangle, so a script can click on
 * it. "hot" is the widget under the pointer, "active" the one that the pressed button began on,
 * "focus" the one that has the keyboard.
 *
 * Which widget is under the pointer is decided with the rectangles of the frame before, so that
 * what lies on top wins; when they have moved, ui_wants_redraw asks for one more frame.
 *
 * The kit never reads a clock: time comes in with the input. It never waits: ui_wants_redraw and
 * ui_next_wake say when the next frame is due, and otherwise the screen sleeps.
 *
 * The Ui owns two frame arenas; texts and lists from ui_arena are valid until the end of the next
 * frame. */
#ifndef UI_UI_H
#define UI_UI_H

#include "app/ui/theme.h"

typedef struct Ui Ui;

/* ---- Input ----------------------------------------------------------------------------------- */

/* Printable ASCII keys are their lower-case character ('a', ' ', '/'). */
typedef enum {
    UI_KEY_NONE = 0,
    UI_KEY_LEFT = 0x100,
    UI_KEY_RIGHT,
    UI_KEY_UP,
    UI_KEY_DOWN,
    UI_KEY_HOME,
    UI_KEY_END,
    UI_KEY_PAGE_UP,
    UI_KEY_PAGE_DOWN,
    UI_KEY_BACKSPACE,
    UI_KEY_DELETE,
    UI_KEY_ENTER,
    UI_KEY_ESCAPE,
    UI_KEY_TAB,
    UI_KEY_F1, /* … F12 follow */
    UI_KEY_F12 = UI_KEY_F1 + 11
} UiKey;

enum { UI_SHIFT = 1, UI_CTRL = 2, UI_ALT = 4 };

/* A key that went down (or repeated), or text that was committed, in their order. */
typedef struct {
    int key;       /* UiKey, or 0 for text */
    unsigned mods; /* UI_SHIFT | UI_CTRL | UI_ALT */
    char text[64]; /* UTF-8, for key == 0; longer input comes in pieces */
    bool used;     /* some widget took it */
} UiKeyEvent;

#define UI_KEYS_MAX 32

typedef struct {
    uint64_t now_ms;
    int mouse_x, mouse_y; /* points; (−1, −1): the pointer is elsewhere */
    bool mouse_down;      /* the left button, now */
    bool mouse_pressed;   /* it went down in this frame; at most one change of it a frame */
    bool mouse_released;
    int mouse_clicks; /* 1, 2, 3 … for mouse_pressed */
    unsigned mouse_mods;
    int wheel;   /* lines, > 0 scrolls up */
    int wheel_x; /* columns, > 0 scrolls right */
    UiKeyEvent keys[UI_KEYS_MAX];
    int key_count;
    char composition[256]; /* what the input method is composing, "" for nothing */
    int composition_caret; /* in characters */
} UiInput;

/* The clipboard belongs to the back end. get returns text in malloc'ed memory that the kit frees,
 * or NULL. Both may be NULL pointers. */
typedef struct {
    void *user;
    char *(*get)(void *user);
    void (*set)(void *user, const char *text);
} UiClipboard;

/* ---- Context --------------------------------------------------------------------------------- */

/* `measure` and `theme` are copied by pointer and must outlive the Ui. */
Ui *ui_new(const TextMeasure *measure, const Theme *theme, UiClipboard clipboard);
void ui_free(Ui *ui);

/* A frame. `input` is copied; `area` is the window in points. */
void ui_begin(Ui *ui, const UiInput *input, Rect area);
void ui_end(Ui *ui);

DrawList *ui_list(Ui *ui);
Arena *ui_arena(Ui *ui);
const TextMeasure *ui_measure(const Ui *ui);
void ui_set_measure(Ui *ui, const TextMeasure *measure); /* between frames: the scale changed */
const Theme *ui_theme(const Ui *ui);
void ui_set_theme(Ui *ui, const Theme *theme);
const UiInput *ui_input(const Ui *ui);
uint64_t ui_now(const Ui *ui);

/* ---- Sleeping -------------------------------------------------------------------------------- */

void ui_redraw(Ui *ui);                    /* draw one more frame at once */
void ui_wake_at(Ui *ui, uint64_t when_ms); /* draw a frame then; the earliest one counts */
bool ui_wants_redraw(const Ui *ui);        /* after ui_end */
uint64_t ui_next_wake(const Ui *ui);       /* after ui_end; UINT64_MAX: only on an event */

/* ---- Ids ------------------------------------------------------------------------------------- */

/* Where a widget of the last complete frame is; false if there was none of this id. `visible` (may
 * be NULL) gets the part that is not clipped. */
bool ui_find(const Ui *ui, const char *id, Rect *rect, Rect *visible);
/* Whether something else lies over the centre of its visible part, or nothing of it is visible.
 * `by` (may be NULL) gets that thing's id, or "" when clipped away. True for an unknown id. */
bool ui_covered(const Ui *ui, const char *id, const char **by);
/* The ids of the last complete frame in their order, for messages; NULL beyond the last. */
const char *ui_id_at(const Ui *ui, size_t index);

void ui_focus(Ui *ui, const char *id); /* NULL: none */
bool ui_focused(const Ui *ui, const char *id);
const char *ui_focus_id(const Ui *ui); /* "" for none */
/* Something is being dragged or typed into, so that shortcuts of single letters must rest. */
bool ui_typing(const Ui *ui);

/* Takes a key that no widget took: call it after the widgets of the frame. Modifiers must match
 * exactly; but '?', '+', '<' and '>' are also found where a US keyboard has them, under shift. */
bool ui_key(Ui *ui, int key, unsigned mods);

/* What the back end shows. */
typedef enum { UI_CURSOR_ARROW, UI_CURSOR_HAND, UI_CURSOR_TEXT, UI_CURSOR_CROSS } UiCursor;
UiCursor ui_cursor(const Ui *ui);
void ui_set_cursor(Ui *ui, UiCursor cursor); /* for this frame */
/* True while a text box has the focus; `caret` is where the input method's list should open. */
bool ui_text_input(const Ui *ui, Rect *caret);

/* ---- The base of all widgets ----------------------------------------------------------------- */

enum {
    UI_DISABLED = 1,   /* drawn faint, answers nothing */
    UI_SELECTED = 2,   /* outlined in the colour of what is in hand */
    UI_FILLED = 4,     /* filled with it: the main button, the chosen head */
    UI_QUIET = 8,      /* no surface until the pointer is on it */
    UI_LEFT = 16,      /* label at the left */
    UI_FOCUSABLE = 32, /* ui_region: can have the focus, Enter and Space click */
    UI_NO_HAND = 64    /* ui_region: the pointer stays an arrow */
};

typedef struct {
    bool hovered; /* the pointer is on it and nothing lies between, and no other drag is going on */
    bool pressed; /* the button went down on it in this frame */
    bool held;    /* the button that went down on it is still down, or let go in this frame; also
                     when the pointer has left: a drag */
    bool clicked; /* released on it, or Enter or Space with the focus */
    int clicks;   /* with pressed: 1, 2 for a double click … */
    bool focused;
    int x, y; /* the pointer in points, from the rectangle's top left */
} UiSignal;

/* An area of the caller's own, such as a heatmap: registers, and tells what happens there. */
UiSignal ui_region(Ui *ui, const char *id, Rect rect, unsigned flags);
/* Registers a place that scripts can find but that takes nothing itself: a cell inside a region. */
void ui_mark(Ui *ui, const char *id, Rect rect);
/* The ring of the keyboard's focus, if `id` has it and the keyboard put it there. */
void ui_focus_ring(Ui *ui, const char *id, Rect rect, float radius);
/* Shown beside the widget that was called just before, when the pointer has rested on it. */
void ui_tip(Ui *ui, const char *text);
/* Whether ui_tip would do anything now: for texts that take long to make. */
bool ui_tip_wanted(const Ui *ui);
/* Shown now, beside `anchor` (a hovered cell). Lines are parted by '\n'. */
void ui_tip_at(Ui *ui, Rect anchor, const char *text);

/* ---- Text ------------------------------------------------------------------------------------ */

typedef enum { UI_ALIGN_LEFT, UI_ALIGN_CENTER, UI_ALIGN_RIGHT } UiAlign;

/* One line, centred in height, shortened with “…” when it does not fit. Returns its width. */
float ui_label(Ui *ui, Rect rect, UiAlign align, FontRole font, int size, Color color,
               const char *text);

/* A paragraph of pieces in several colours and fonts, wrapped at spaces from the top of the
 * rectangle down; returns the height in points. `draw` false only measures. */
typedef struct {
    const char *text;
    FontRole font;
    Color color;
} UiSpan;
int ui_spans(Ui *ui, Rect rect, int size, const UiSpan *spans, size_t count, bool draw);
int ui_paragraph(Ui *ui, Rect rect, FontRole font, int size, Color color, const char *text);

/* ---- Widgets --------------------------------------------------------------------------------- */

/* True when it was clicked. */
bool ui_button(Ui *ui, const char *id, Rect rect, const char *label, unsigned flags);
bool ui_icon_button(Ui *ui, const char *id, Rect rect, DrawIcon icon, unsigned flags);
/* Icon at the left of the label. */
bool ui_button_with_icon(Ui *ui, const char *id, Rect rect, DrawIcon icon, const char *label,
                         unsigned flags);
/* The width that a label needs, margins included. */
int ui_button_width(Ui *ui, const char *label);

/* Text that is clicked; underlined with dots, with a line under the pointer. The baseline is given.
 * Its height reaches from ascent to descent. */
bool ui_link(Ui *ui, const char *id, float x, float baseline, FontRole font, int size, Color color,
             const char *text);

/* A switch with its label. True when it changed. */
bool ui_toggle(Ui *ui, const char *id, Rect rect, const char *label, bool *on);
/* Choices side by side; parts have the ids "ID/0", "ID/1" …; left and right move. True when it
 * changed. */
bool ui_segments(Ui *ui, const char *id, Rect rect, const char *const *labels, int count,
                 int *chosen);
int ui_segments_width(Ui *ui, const char *const *labels, int count);

/* A token: its text, and a small note under it (its id). The role colours text and outline; dashed
 * for what is not there yet (the prediction). A mark of at most two letters stands at the right of
 * the note; its room is kept when it is empty. */
typedef struct {
    const char *label;
    const char *note;
    const char *mark; /* NULL: never one */
    Role role;
    bool dashed;
    Color color; /* of the label when role is ROLE_NONE; 0: the text colour */
} UiChip;
enum { UI_CHIP_HEIGHT = 36 };
int ui_chip_width(Ui *ui, const UiChip *chip);
bool ui_chip(Ui *ui, const char *id, Rect rect, const UiChip *chip);

/* A line of text that can be edited. The caller owns the state: zero it, fill it with
 * ui_textbox_set, free it with ui_textbox_free. Always valid UTF-8. */
typedef struct UiUndo UiUndo;
typedef struct {
    Buf text;
    size_t caret, anchor; /* byte offsets at graphemes; the selection lies between */
    float scroll;         /* points hidden at the left */
    UiUndo *undo;         /* private */
    uint64_t touched_ms;  /* the caret's blinking starts anew */
} UiTextBox;
typedef struct {
    bool changed;   /* the text is another than in the frame before */
    bool submitted; /* Enter */
    bool canceled;  /* Escape; the focus is gone */
    bool focused;
} UiTextEvent;
UiTextEvent ui_textbox(Ui *ui, const char *id, Rect rect, UiTextBox *box, const char *placeholder,
                       FontRole font, int size);
void ui_textbox_set(UiTextBox *box, const char *text, size_t size); /* repaired; forgets undo */
void ui_textbox_free(UiTextBox *box);

/* A bar with a knob: value from 0 to 1. Ticks are labels along it; those that would touch are left
 * out, the first of them drawn. Left, Right, Home and End move by `step` when it has the focus (0:
 * the caller handles keys). True when the value changed. */
typedef struct {
    double at; /* 0 … 1 */
    const char *label;
} UiTick;
enum { UI_SCRUB_KNOB = 14 }; /* from 0 to 1 is the width less this */
bool ui_scrub(Ui *ui, const char *id, Rect rect, double *value, double step, const UiTick *ticks,
              size_t count);
/* A short slider without ticks. */
bool ui_slider(Ui *ui, const char *id, Rect rect, double *value, double step);

/* An area whose content is higher than itself. Between begin and end, lay out the content from
 * `top`, the y that the content's first line has now; what is outside is clipped. The wheel, the
 * bar, Page Up and Page Down move it. */
typedef struct {
    int offset;  /* points hidden at the top */
    int grabbed; /* private */
} UiScroll;
int ui_scroll_begin(Ui *ui, const char *id, Rect rect, UiScroll *scroll, int content_height);
void ui_scroll_end(Ui *ui, const char *id, Rect rect, UiScroll *scroll, int content_height);
enum { UI_SCROLL_BAR = 10 }; /* the width to leave free at the right */
/* Scrolls as little as needed to show [y, y + h) of the content. */
void ui_scroll_show(UiScroll *scroll, Rect rect, int content_height, int y, int h);

/* A button that opens a list of choices over everything else; its parts are "ID/0", "ID/1" …
 * Keyboard: Enter or Space or Down opens, arrows, Home, End and letters move, Enter takes, Escape
 * closes. A line with a text in `why` can't be taken: it is faint, and the text is its tip; `why`
 * NULL: all can. True when the choice changed. */
bool ui_dropdown(Ui *ui, const char *id, Rect rect, const char *const *items,
                 const char *const *why, int count, int *chosen);
int ui_dropdown_width(Ui *ui, const char *const *items, int count);

/* A panel over everything else, one at a time. A click outside or Escape closes it and goes no
 * further. Draw its widgets between begin and end; begin answers whether it is open. */
void ui_popup_open(Ui *ui, const char *id);
void ui_popup_close(Ui *ui);
bool ui_popup_is_open(const Ui *ui, const char *id);
bool ui_popup_begin(Ui *ui, const char *id, Rect rect);
void ui_popup_end(Ui *ui);

#endif
