/* lesson: the panel of a lesson, in the inspector's place or beside it: the scene's words with their
 * formulas, numbers and links, its runs, tables and questions; and the contents, a list of the lessons
 * and of the scenes of the one that is open.
 *
 * The panel shows what the play says (play.h) and emits intents; the program moves the play. Ids:
 * "lesson/back", "lesson/next", "lesson/contents", "lesson/picture", "lesson/run/0", "lesson/link/3/0";
 * of question 0 "lesson/fill/0", "lesson/option/0/2", "lesson/up/0/1", "lesson/answer/0",
 * "lesson/hint/0"; in the contents "lesson/open/2", "lesson/scene/4", "lesson/leave",
 * "lesson/teacher". */
#ifndef VIEWS_LESSON_H
#define VIEWS_LESSON_H

#include "app/lesson/play.h"
#include "app/views/view.h"

/* State of widgets that lasts between frames; the panel changes it, the program owns it. */
typedef struct {
    UiScroll scroll, list;
    bool contents; /* the contents are shown */
    bool cell;     /* where only one has room: the inspector is shown */
    bool teacher;  /* the note for teachers is unfolded */
    int scene;     /* one more than the scene that what follows belongs to */
    UiTextBox fill[LESSON_CHECKS];
    size_t order[LESSON_CHECKS][LESSON_STAGES];
    int ordered[LESSON_CHECKS]; /* how many are in `order` */
    size_t token;               /* one more than the token that was clicked last */
    int problem_of;             /* one more than the question whose answer can't be read: */
    Err problem;
    Answer answer;    /* of the last INTENT_ANSWER */
    int asked;        /* one more than the question to scroll to, … */
    bool replied;     /* … or to its end, where the reply is */
    int from, to;     /* where that is in the scrolled part */
    int room, height; /* of the scrolled part in the frame before, and of what it holds */
} LessonPanel;

void lesson_panel_free(LessonPanel *panel);

/* A lesson of the contents. */
typedef struct {
    const char *title, *about; /* in the window's language */
    int number, minutes;       /* number 0: none */
    size_t solved, asked;
    const char *problem; /* it can't be read; NULL: it can */
} LessonEntry;

struct LessonView {
    Play *play; /* NULL: no lesson is open */
    LessonPanel *panel;
    const LessonEntry *entry; /* [entry_count] */
    size_t entry_count;
    long open;           /* which of them; −1 */
    bool moved;          /* the window does not stand as the scene has it */
    const char *problem; /* why the scene can't be told on what is shown; NULL: it can, or will */
    const char *unkept;  /* why progress is not kept; NULL: it is, or that was told */
};

/* There is something to show: a lesson, or the contents. */
static inline bool lesson_shown(const ViewInput *in) {
    return in->lesson && (in->lesson->play || in->lesson->panel->contents);
}

void lesson_view(const ViewInput *in, Rect area);
/* The keys of an open lesson that no widget took: n p c h b i, Enter, 1 … 9, ↑ ↓. */
void lesson_keys(const ViewInput *in);

#endif
