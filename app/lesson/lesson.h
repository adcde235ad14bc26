/* lesson: a lesson as data, read from its folder and checked. docs/lessons.md has the format.
 *
 * lesson_open checks what can be told without running a model: every field, every expression's
 * grammar, every text in every language. lesson_examine runs each scene and checks the rest: records,
 * cells, roles, highlights that are on screen, answers that are right and ones that are wrong, and
 * that nothing gives an open answer away. Both name file and place: "lessons/03-scores/lesson.json:
 * scenes[2] meet: checks[0] where: options[1] yes: if: column 4: there is no record blocks.9…".
 *
 * A Lesson is immutable and owns its texts. */
#ifndef LESSON_LESSON_H
#define LESSON_LESSON_H

#include "app/lesson/expr.h"
#include "app/lesson/roles.h"
#include "app/ui/lang.h"
#include "app/ui/theme.h"

/* What is run. A field that is NULL is that of the run that this one differs from. */
typedef struct {
    const char *model, *prompt, *set, *mask;
    const char *attention; /* "standard" or "flash" */
    const char *kv_cache;  /* "off" or "on" */
} LessonRun;

typedef struct {
    const char *name; /* "main": the scene's own */
    LessonRun run;    /* what differs */
} LessonNamedRun;

typedef enum { MARK_CELLS, MARK_TOKEN, MARK_HEAD, MARK_STAGE } MarkKind;
typedef struct {
    MarkKind kind;
    Expr *where;       /* MARK_CELLS: cells; MARK_TOKEN: a position; MARK_HEAD: a head */
    const char *stage; /* MARK_STAGE: a record's name */
    Role role;         /* ROLE_HAND where none is given */
} LessonMark;

typedef struct {
    const char *id;
    Expr *value;
    int digits;
    bool percent, token, piece;
} LessonColumn;

typedef struct {
    const char *id;
    const char *variable;
    double *number;          /* [row_count], or … */
    const char *const *role; /* … [row_count] role names; one of the two is NULL */
    size_t row_count;
    const LessonColumn *column;
    size_t column_count;
} LessonTable;

typedef enum { CHECK_FILL, CHECK_CHOOSE, CHECK_POINT, CHECK_ORDER, CHECK_MAKE } CheckKind;
typedef enum { POINT_CELL, POINT_ROW, POINT_COLUMN, POINT_HEAD, POINT_TOKEN, POINT_STAGE } PointAt;

typedef struct {
    const char *id;
    Expr *when; /* true: it is right */
} LessonOption;

/* At most: of a scene; of a CHECK_ORDER; of a check. */
enum { LESSON_CHECKS = 8, LESSON_STAGES = 7, LESSON_HINTS = 9 };

typedef struct {
    const char *id;
    CheckKind kind;
    bool predict;
    const char *const *conceal; /* [conceal_count] globs of records, beside the scene's */
    size_t conceal_count;
    Expr *value; /* CHECK_FILL */
    int digits;
    bool percent;
    const LessonOption *option; /* CHECK_CHOOSE */
    size_t option_count;
    bool keep_order;
    PointAt at; /* CHECK_POINT */
    const char *record;
    Expr *when;               /* CHECK_POINT, CHECK_MAKE */
    const char *const *stage; /* CHECK_ORDER: as lesson.json has them */
    size_t stage_count;
    LessonRun solution;         /* CHECK_MAKE: run fields, or … */
    const char *solution_shows; /* … a run: "main", or a named one; NULL */
} LessonCheck;

typedef enum { STEP_WHOLE, STEP_START, STEP_COUNT } StepAt;

typedef struct {
    const char *id;
    LessonRun run; /* what differs from the lesson's */
    const LessonNamedRun *named;
    size_t named_count;
    const char *shows; /* a named run's name, or "main" */
    const char *stage; /* NULL: as before */
    Expr *head;        /* NULL: as before */
    StepAt step_at;
    Expr *step; /* STEP_COUNT */
    Expr *cell; /* NULL: none */
    const LessonMark *mark;
    size_t mark_count;
    const char *const *conceal;
    size_t conceal_count;
    bool prompt_free;
    const ExprLet *let; /* the lesson's, then the scene's own */
    size_t let_count;
    const LessonTable *table;
    size_t table_count;
    const LessonCheck *check;
    size_t check_count;
} LessonScene;

/* ---- Worksheet ---- */

typedef struct {
    const char *name;        /* a variable, or "prompt" */
    const char *const *text; /* "prompt": [count] texts to choose from */
    Expr *const *choice; /* else [count] expressions: one that gives a list, or several numbers */
    size_t count;
} LessonDraw;

typedef struct {
    const char *id;
    const LessonDraw *draw;
    size_t draw_count;
    Expr *const *matrix; /* [matrix_count] cells */
    size_t matrix_count;
    Expr *const *blank;
    size_t blank_count;
    int digits;
    Expr *ask; /* NULL: none */
    int lines; /* for an answer in words */
} LessonQuestion;

typedef struct {
    const LessonDraw *draw;
    size_t draw_count;
    const LessonQuestion *question;
    size_t question_count;
} LessonSheet;

/* ---- The lesson ---- */

typedef struct {
    Arena arena;
    const char *folder; /* "lessons/03-scores" */
    const char *name;   /* "03-scores" */
    int number;         /* 3; 0: the folder's name has none */
    int minutes;
    LessonRun run; /* every field is set */
    const LessonRole *role;
    size_t role_count;
    const ExprLet *let;
    size_t let_count;
    const LessonScene *scene;
    size_t scene_count;
    LessonSheet sheet;
    struct LessonTexts *texts[LANG_COUNT]; /* private: lesson_text */
} Lesson;

/* NULL with a message. Free with lesson_close. */
Lesson *lesson_open(const char *folder, Err *err);
/* The same from what the files hold (tests, fuzzing); `folder` is for the messages. */
typedef struct {
    const char *bytes;
    size_t size;
} LessonBytes;
Lesson *lesson_parse(const char *folder, LessonBytes json, const LessonBytes texts[LANG_COUNT],
                     Err *err);
void lesson_close(Lesson *lesson); /* NULL is allowed */

/* The folder that a name means: "03-scores", "scores", "3", or a path. `lessons` is the folder with
 * the installed ones. */
bool lesson_resolve(const char *lessons, const char *name, Arena *arena, const char **folder,
                    Err *err);
/* The folders in `lessons` that hold a lesson.json, sorted. */
size_t lesson_list(const char *lessons, Arena *arena, const char ***folders);

/* A text as the language's file has it, markup and all; NULL where there is none. The key is the way
 * down the headings: "" the summary, "meet" a scene's paragraphs, "meet/where" a check's question,
 * "meet/where/option a", "meet/where/hint 1" (from 1), "meet/run unscaled", "teacher", "role giver",
 * "worksheet scores", "worksheet scores/answer". A title: "#" the lesson's, "#meet", "#meet/where". */
const char *lesson_text(const Lesson *lesson, Lang lang, const char *key);
const char *lesson_text_at(const Lesson *lesson, Lang lang, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* `change` over `base`: fields that `change` does not set stay. */
LessonRun lesson_run_over(const LessonRun *base, const LessonRun *change);
/* Whether both make the same numbers: a KV cache changes none. A field that is not set is like no
 * other. */
bool lesson_run_same(const LessonRun *a, const LessonRun *b);
/* The scene's run by name ("main", or one of its runs); false where there is none. */
bool lesson_scene_run(const Lesson *lesson, size_t scene, const char *name, LessonRun *run);

/* ---- Checking by running ---- */

/* Told for each fault, one sentence. */
typedef void LessonFault(void *user, const char *message);
/* Runs every scene and looks at everything that lesson_open can't. `assets` is the folder with the
 * models. Returns the number of faults. */
size_t lesson_examine(const Lesson *lesson, const char *assets, LessonFault *fault, void *user);

#endif
