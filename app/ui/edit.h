/* edit: what editing does to the text of a UiTextBox: typing, deleting, moving, undoing. No
 * pictures, no events: ui_textbox.c turns keys and the mouse into these. Private to app/ui. */
#ifndef UI_EDIT_H
#define UI_EDIT_H

#include "app/ui/ui.h"

typedef enum {
    EDIT_LEFT,
    EDIT_RIGHT,
    EDIT_WORD_LEFT,
    EDIT_WORD_RIGHT,
    EDIT_HOME,
    EDIT_END
} EditStep;

size_t edit_from(const UiTextBox *box); /* the selection, as byte offsets */
size_t edit_to(const UiTextBox *box);
bool edit_has_selection(const UiTextBox *box);

/* Moves the caret; with `extend` the selection grows, without it is dropped (left and right then go
 * to its ends). */
void edit_move(UiTextBox *box, EditStep step, bool extend);
void edit_select(UiTextBox *box, size_t anchor, size_t caret);

/* Replaces the selection, repaired. Letters typed one after the other undo together, up to the
 * space between words. True when the text changed. */
bool edit_insert(UiTextBox *box, const char *text, size_t size);
/* Deletes the selection, or what lies from the caret to where the step leads. */
bool edit_delete(UiTextBox *box, EditStep step);

bool edit_undo(UiTextBox *box);
bool edit_redo(UiTextBox *box);

#endif
