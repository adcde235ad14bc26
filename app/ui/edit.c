#include "app/ui/edit.h"

#include <stdlib.h>
#include <string.h>

enum { UNDO_MOST = 200 };

typedef struct {
    char *text;
    size_t size, caret, anchor;
} State;

/* States of the text, the present one among them: `now`. */
struct UiUndo {
    State states[UNDO_MOST];
    int count, now;
    bool typing; /* the last change was a letter, and the next one may join it */
};

size_t edit_from(const UiTextBox *box) {
    return box->caret < box->anchor ? box->caret : box->anchor;
}

size_t edit_to(const UiTextBox *box) {
    return box->caret < box->anchor ? box->anchor : box->caret;
}

bool edit_has_selection(const UiTextBox *box) {
    return box->caret != box->anchor;
}

/* ---- Undo ---- */

static State take_state(const UiTextBox *box) {
    State state = {malloc(box->text.size + 1), box->text.size, box->caret, box->anchor};
    if (state.text == NULL) {
        abort();
    }
    memcpy(state.text, buf_cstr(&box->text), box->text.size + 1);
    return state;
}

static void drop_states(UiUndo *undo, int from) {
    for (int i = from; i < undo->count; i++) {
        free(undo->states[i].text);
    }
    undo->count = from < undo->count ? from : undo->count;
}

static UiUndo *undo_of(UiTextBox *box) {
    if (box->undo == NULL) {
        box->undo = calloc(1, sizeof *box->undo);
        if (box->undo == NULL) {
            abort();
        }
        box->undo->states[0] = take_state(box);
        box->undo->count = 1;
    }
    return box->undo;
}

/* Before a change: the present state keeps where the caret is. */
static void remember_caret(UiTextBox *box) {
    UiUndo *undo = undo_of(box);
    undo->states[undo->now].caret = box->caret;
    undo->states[undo->now].anchor = box->anchor;
}

/* After a change. `joins`: it belongs to the one before. */
static void record(UiTextBox *box, bool joins) {
    UiUndo *undo = undo_of(box);
    drop_states(undo, undo->now + 1);
    if (joins && undo->now > 0) {
        free(undo->states[undo->now].text);
        undo->states[undo->now] = take_state(box);
        return;
    }
    if (undo->count == UNDO_MOST) {
        free(undo->states[0].text);
        memmove(undo->states, undo->states + 1, (UNDO_MOST - 1) * sizeof(State));
        undo->count--;
    }
    undo->states[undo->count] = take_state(box);
    undo->now = undo->count++;
}

static bool go_to_state(UiTextBox *box, int index) {
    UiUndo *undo = undo_of(box);
    if (index < 0 || index >= undo->count) {
        return false;
    }
    remember_caret(box);
    undo->now = index;
    undo->typing = false;
    const State *state = &undo->states[index];
    buf_clear(&box->text);
    buf_add(&box->text, state->text, state->size);
    box->caret = state->caret;
    box->anchor = state->anchor;
    return true;
}

bool edit_undo(UiTextBox *box) {
    return go_to_state(box, undo_of(box)->now - 1);
}

bool edit_redo(UiTextBox *box) {
    return go_to_state(box, undo_of(box)->now + 1);
}

static void forget_undo(UiTextBox *box) {
    if (box->undo != NULL) {
        drop_states(box->undo, 0);
        free(box->undo);
        box->undo = NULL;
    }
}

/* ---- Changing ---- */

static void replace(UiTextBox *box, size_t from, size_t to, const char *text, size_t size) {
    Buf whole = {0};
    buf_add(&whole, buf_cstr(&box->text), from);
    buf_add(&whole, text, size);
    buf_add(&whole, buf_cstr(&box->text) + to, box->text.size - to);
    buf_free(&box->text);
    box->text = whole;
    box->caret = box->anchor = from + size;
}

bool edit_insert(UiTextBox *box, const char *text, size_t size) {
    Buf clean = {0};
    text_repair(&clean, text, size);
    bool changes = clean.size > 0 || edit_has_selection(box);
    if (changes) {
        UiUndo *undo = undo_of(box);
        bool letter = !edit_has_selection(box) && clean.size > 0 &&
                      text_next_grapheme(clean.bytes, clean.size, 0) == clean.size;
        bool joins = letter && undo->typing && clean.bytes[0] != ' ';
        remember_caret(box);
        replace(box, edit_from(box), edit_to(box), buf_cstr(&clean), clean.size);
        record(box, joins);
        undo->typing = letter;
    }
    buf_free(&clean);
    return changes;
}

static size_t step_from(const UiTextBox *box, EditStep step) {
    const char *text = buf_cstr(&box->text);
    size_t size = box->text.size;
    switch (step) {
    case EDIT_LEFT: return text_previous_grapheme(text, size, box->caret);
    case EDIT_RIGHT: return text_next_grapheme(text, size, box->caret);
    case EDIT_WORD_LEFT: return text_previous_word(text, size, box->caret);
    case EDIT_WORD_RIGHT: return text_next_word(text, size, box->caret);
    case EDIT_HOME: return 0;
    case EDIT_END: break;
    }
    return size;
}

bool edit_delete(UiTextBox *box, EditStep step) {
    size_t from = edit_from(box);
    size_t to = edit_to(box);
    if (from == to) {
        size_t other = step_from(box, step);
        from = other < box->caret ? other : box->caret;
        to = other < box->caret ? box->caret : other;
    }
    if (from == to) {
        return false;
    }
    remember_caret(box);
    replace(box, from, to, "", 0);
    record(box, false);
    box->undo->typing = false;
    return true;
}

/* ---- Moving ---- */

void edit_select(UiTextBox *box, size_t anchor, size_t caret) {
    box->anchor = anchor;
    box->caret = caret;
    if (box->undo != NULL) {
        box->undo->typing = false;
    }
}

void edit_move(UiTextBox *box, EditStep step, bool extend) {
    size_t to = step_from(box, step);
    if (!extend && edit_has_selection(box) && (step == EDIT_LEFT || step == EDIT_RIGHT)) {
        to = step == EDIT_LEFT ? edit_from(box) : edit_to(box);
    }
    edit_select(box, extend ? box->anchor : to, to);
}

void ui_textbox_set(UiTextBox *box, const char *text, size_t size) {
    forget_undo(box);
    buf_clear(&box->text);
    text_repair(&box->text, text, size);
    box->caret = box->anchor = box->text.size;
    box->scroll = 0.0F;
}

void ui_textbox_free(UiTextBox *box) {
    forget_undo(box);
    buf_free(&box->text);
    *box = (UiTextBox){.text = {0}};
}
