/* play_part: what the files of the play share. Private to app/lesson. */
#ifndef LESSON_PLAY_PART_H
#define LESSON_PLAY_PART_H

#include "app/lesson/conceal.h"
#include "app/lesson/play.h"
#include "app/lesson/said.h"

/* What a learner has done with one check. */
typedef struct {
    AnswerState state;
    bool wrong;
    bool replied;  /* the last answer is replied to */
    bool was_true; /* … with the words for a right one */
    size_t hints_shown;
    size_t chosen; /* CHECK_CHOOSE: the option in the lesson's order */
    bool has_chosen;
} Done;

/* Of a check: the right answer, once it was asked for. A window asks in every frame. */
typedef struct {
    bool has_answer;
    Answer answer;
    const char *words; /* NULL: not asked for yet */
} Known;

/* What is made of the scene, in play->arena; made anew after each change. */
typedef struct {
    bool tried, ok; /* … and it could be made; else `err` says why not */
    Err err;
    LessonBody body;
    PlayTable *table;
    PlayMark *mark;
    size_t mark_count;
    PlayPlace place;
    PlayCheck *check;
    Known *known;   /* [checks]; NULL: nothing was asked yet */
    bool concealed; /* `conceal` is made */
    Conceal conceal, asked;
} Made;

struct Play {
    const Lesson *lesson;
    LessonRuns *runs;
    Lang lang;
    uint64_t seed;
    size_t scene;
    uint64_t changes;
    size_t chosen;
    Arena moves;        /* the texts of: */
    const char *prompt; /* the learner's own; NULL: none */
    LessonRun change;   /* … and another change */
    Done *done;         /* [all checks of the lesson] */
    size_t *first;      /* [scenes] the scene's first in `done` */
    size_t done_count;
    const Trace *trace;
    const Model *model;
    Arena arena;
    Made made;
};

Done *play_done(Play *play, size_t check);
/* The texts of a check: "meet/where" + part. */
const char *play_check_text(const Play *play, size_t check, const char *part);
/* Everything handed out so far is void. */
void play_forget(Play *play);
/* Which values are not told: none; what is concealed; or, in the words about a question that is
 * closed, what the open ones ask for. */
typedef enum { SHOW_ALL, HIDE_CONCEALED, HIDE_ASKED } Hiding;
/* An expression of the scene, on the trace that was handed in. */
ExprScope play_scope(Play *play, Hiding hiding);
void play_no_role(void *play, const char *role, Err *err);
/* False, with an empty err: there is no trace yet. */
bool play_has_trace(const Play *play, Err *err);
/* Makes play->made; false with the reason. */
bool play_make(Play *play, Err *err);
bool play_make_checks(Play *play, Made *made, Err *err);
const Conceal *play_concealed(Play *play);
/* A name of a `let` stands for its expression, which may be such a name again. */
const Expr *play_resolve(const Play *play, const Expr *expr);
/* Options and stages as they are shown: [count] places in the lesson's order. */
size_t *play_order(const Play *play, size_t check, size_t count, Arena *arena);
/* The head in view: −1: none was said. */
long play_head(Play *play);

/* ---- Grading ---- */

/* What is asked, and how far an answer may be from it: both as numbers of the trace. */
typedef struct {
    double value, tolerance;
} Expected;
bool grade_expected(Play *play, const LessonCheck *check, Expected *expected, Err *err);
bool grade_option(Play *play, const LessonOption *option, bool *right, Err *err);
bool grade_point(Play *play, const LessonCheck *check, const Answer *answer, bool *right, Err *err);
/* Where the check's record is in the trace. */
bool grade_record(Play *play, const LessonCheck *check, int *node, Err *err);
/* [stage_count] the check's stages as they are computed: places in the lesson's list. */
bool grade_stages(Play *play, const LessonCheck *check, size_t *order, Err *err);
bool grade_answer(Play *play, size_t check, const Answer *answer, bool *right, Err *err);

#endif
