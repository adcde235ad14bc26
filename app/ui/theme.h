/* theme: the colours and sizes of the window, dark and light, and the colours of cells.
 *
 * Colour means something: what a query is stands in amber, a key in cyan, a value in violet, and
 * what is in hand (chosen, hovered, being computed) in yellow: in tokens, frames, formula, terms
 * and words alike. All else is quiet grey. Amber and yellow are close for some eyes, so the roles
 * also differ in line: query solid, key solid, value dashed, in hand a double outline; and Q, K, V
 * are written where they stand.
 *
 * Every text colour has a contrast of at least 4.5 : 1 on every surface of its theme
 * (tests/test_ui.c checks). */
#ifndef UI_THEME_H
#define UI_THEME_H

#include "app/ui/draw.h"

typedef enum { ROLE_NONE, ROLE_QUERY, ROLE_KEY, ROLE_VALUE, ROLE_HAND } Role;

typedef struct {
    const char *name; /* "dark", "light" */
    Color background; /* behind the picture */
    Color panel;      /* map, inspector, timeline, bar */
    Color raised;     /* buttons, chips, cards */
    Color hover;      /* a raised thing under the pointer */
    Color line;       /* borders and rules */
    Color text, secondary, faint;
    Color query, key, value, hand;
    Color hand_fill; /* a filled yellow button, the bar behind the timeline's knob */
    Color on_hand;   /* text on it */
    Color selection; /* behind selected text */
    Color error;     /* words that say what is wrong */
    /* ends and middle of the diverging colours */
    Color negative, zero, positive;
    Color pending; /* a cell that is not computed yet */
    Color masked;  /* a masked cell, crossed out with `hatch` */
    Color hatch;
} Theme;

extern const Theme THEME_DARK;
extern const Theme THEME_LIGHT;

/* Sizes in points. Everything else is a multiple of THEME_GRID. */
enum {
    THEME_GRID = 4,
    THEME_SIZE_TITLE = 17,
    THEME_SIZE_LEAD = 15, /* captions */
    THEME_SIZE_TEXT = 13,
    THEME_SIZE_LABEL = 12,
    THEME_SIZE_SMALL = 11, /* labels above groups, ids in chips: the smallest */
    THEME_SIZE_VALUE = 26, /* the value in hand */
    THEME_RADIUS = 4,
    THEME_BUTTON = 28, /* height of buttons, boxes, lists */
    THEME_PANEL_PAD = 16
};

/* ROLE_NONE gives the text colour. */
Color theme_role(const Theme *theme, Role role);
DrawStyle theme_role_style(Role role);

/* Cells with a sign: −1 negative, 0 zero, +1 positive; beyond is cut off, NaN is `error`. */
Color theme_diverging(const Theme *theme, double share);
/* Cells from 0 to 1 (probabilities): viridis, dark to bright, the same in both themes. */
Color theme_sequential(double share);
/* White or black, whichever reads better on a cell of this colour. */
Color theme_on_cell(Color cell);

#endif
