/* play: the way through a lesson: which scene, which runs, what is said, what is marked and what is
 * concealed, what was asked and answered. No window and no terminal: the panel and `lesson run
 * --text` are two faces of it, and a test is a third.
 *
 * The host shows what play_run says and hands the trace in with play_look. With the learner's own
 * prompt the same scene goes on with that text. Whatever the play hands out (bodies, marks) lives
 * until the next call that changes something (play_go, play_look, play_answer, play_set_…).
 *
 * Grading is on the trace that was handed in, and on the scene's other runs. */
#ifndef LESSON_PLAY_H
#define LESSON_PLAY_H

#include "app/lesson/runs.h"
#include "app/lesson/text.h"

typedef struct Play Play;

/* The seed shuffles options and stages. `lesson` and `runs` must live longer. */
Play *play_new(const Lesson *lesson, LessonRuns *runs, Lang lang, uint64_t seed);
void play_free(Play *play); /* NULL is allowed */
const Lesson *play_lesson(const Play *play);
Lang play_lang(const Play *play);
void play_set_lang(Play *play, Lang lang);

/* ---- Where ---- */

size_t play_scene(const Play *play);
const LessonScene *play_scene_now(const Play *play);
/* False: there is no such scene. A scene begins with its own prompt and the run that it shows. */
bool play_go(Play *play, size_t scene);
/* Counts changes of the scene or of its run: when it has moved, the host shows play_run and
 * play_place anew. */
uint64_t play_changes(const Play *play);

/* ---- What is run ---- */

/* What is to be shown now, every field set: the scene's run or the chosen one, with the learner's
 * prompt in it. */
void play_run(const Play *play, LessonRun *run);
size_t play_choices(const Play *play); /* 0: the scene has no named runs; else 1 + named_count */
const char *play_choice_label(Play *play, size_t choice); /* 0 is "main" */
size_t play_chosen(const Play *play);
void play_choose(Play *play, size_t choice);
void play_set_prompt(Play *play, const char *prompt); /* the learner's own; NULL: the scene's */
/* Another change of the learner's own (a switch, a model), over those before: judged like the prompt. */
void play_set_run(Play *play, const LessonRun *change);

/* The trace of what the window shows now; NULL: it is being computed. It must live until the next
 * call, or until another run is wanted. */
void play_look(Play *play, const Trace *trace, const Model *model);
/* Everything that the scene's words and checks need is there. False without a text in `err`: it is
 * still being computed; with one: it can't be (this text has no pronoun …). */
bool play_ready(Play *play, Err *err);

/* Where the window stands: a stage by name (NULL: stays), a head (−1: stays), steps done (−1:
 * whole), and a cell to pin where `has_cell`. False: not ready. */
typedef struct {
    const char *stage;
    long head, step;
    bool has_cell;
    CellRange cell;
} PlayPlace;
bool play_place(Play *play, PlayPlace *place, Err *err);

/* ---- What is said and marked ---- */

const char *play_title(Play *play);      /* of the scene */
const LessonBody *play_body(Play *play); /* NULL: not ready */
typedef struct {
    const char *caption;
    const char *const *heading; /* [columns] */
    const char *const *cell;    /* [rows · columns] as shown */
    size_t rows, columns;
} PlayTable;
size_t play_tables(Play *play, const PlayTable **tables);

typedef struct {
    MarkKind kind;
    Role role;
    CellRange cells; /* MARK_CELLS */
    size_t index;    /* MARK_TOKEN, MARK_HEAD */
    int node;        /* MARK_STAGE */
} PlayMark;
size_t play_marks(Play *play, const PlayMark **marks);

/* The cells that "blocks.2.attn.hook_pattern[h, pronoun, :]" means in this scene. False with a message,
 * or with an empty one: not ready. */
bool play_find_cells(Play *play, const char *text, CellRange *cells, Err *err);

/* Whether a cell of the trace handed in must not be shown now, for an open check asks for it or could
 * be answered by it; and whether the whole record must not. False where nothing is open. */
bool play_conceals(Play *play, int node, const size_t *index);
bool play_conceals_all(Play *play, int node);
bool play_conceals_some(Play *play, int node); /* a cell of it at least */

/* ---- Checks ---- */

typedef enum {
    ANSWER_OPEN, /* not answered, or wrongly */
    ANSWER_RIGHT,
    ANSWER_CLOSED, /* a prediction that did not come true */
    ANSWER_SHOWN   /* the answer was asked for */
} AnswerState;

typedef struct {
    const LessonCheck *check;
    const char *title; /* NULL: none */
    LessonBody question;
    AnswerState state;
    bool wrong;       /* it was answered wrongly; what was wrong is in `reply` */
    LessonBody reply; /* to the last answer; count 0: none */
    LessonBody after; /* when it is closed: the arithmetic; count 0: none */
    size_t hints, hints_shown;
    const LessonBody *hint;   /* [hints_shown] */
    size_t items;             /* CHECK_CHOOSE: options, CHECK_ORDER: stages, in the order shown */
    const LessonBody *item;   /* CHECK_CHOOSE: [items] */
    const char *const *stage; /* CHECK_ORDER: [items] records' names */
    size_t chosen;            /* CHECK_CHOOSE: of the last answer; `items`: none */
} PlayCheck;

size_t play_checks(Play *play, const PlayCheck **checks); /* 0: none, or not ready */

typedef struct {
    double number;             /* CHECK_FILL: as typed (percent: 12.5 means 12.5 %) */
    size_t item;               /* CHECK_CHOOSE: in the order shown */
    const size_t *order;       /* CHECK_ORDER: [items] places in the order shown */
    int node;                  /* CHECK_POINT: a cell, row or column of this record, or a stage */
    size_t index[TENSOR_RANK]; /* … the cell; of a row or column any of its cells */
    size_t place;              /* CHECK_POINT at a head or a token: its number */
} Answer;                      /* CHECK_MAKE: nothing, what is in the window counts */

/* Reads what was typed: a number ("−0,79" too), a letter a, b, c, "2 1 3", a pointed place as words
 * ("query Tom key Mina", "Tom Mina", "head 2", "Tom#2" for the second Tom). `err` says what was
 * expected. */
bool play_read_answer(Play *play, size_t check, const char *text, Answer *answer, Err *err);
/* Grades it. False with a message where it can't be graded (the run is not there, …). */
bool play_answer(Play *play, size_t check, const Answer *answer, Err *err);
bool play_hint(Play *play, size_t check); /* one more; false: there is none */
/* Shows the answer, when all hints were shown; a `make` then takes its solution. */
bool play_reveal(Play *play, size_t check, Err *err);
/* The right answer from the trace; of a `make` nothing but true: play_solution_run is what to do. And
 * a wrong one, for tests. */
bool play_right_answer(Play *play, size_t check, Answer *answer, Err *err);
bool play_wrong_answer(Play *play, size_t check, Answer *answer, Err *err);
bool play_solve(Play *play, size_t check); /* CHECK_MAKE: takes the solution's run */
/* The answer in words, as it is shown once it is closed. */
void play_answer_words(Play *play, size_t check, Buf *out);

size_t play_solved(const Play *play); /* checks of the whole lesson that are not open */
size_t play_asked(const Play *play);  /* all there are */

#endif
