/* lesson_examine: every text has its values, and none tells the answer to a question that is open. */
#include "app/lesson/examine_part.h"
#include "app/ui/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TELLING_DIGITS = 3 }; /* fewer digits stand in any text */

/* When a text is there. */
typedef enum {
    TEXT_OPEN,   /* while questions are open: what is concealed would be missing in it */
    TEXT_OPTION, /* … but it may be told by numbers that are concealed elsewhere */
    TEXT_WRONG,  /* after a wrong answer: its own question and those behind it are open */
    TEXT_CLOSED, /* its question is closed, those behind it are open */
    TEXT_LATER
} TextWhen;

typedef struct {
    Examine *examine;
    bool first; /* the run that the scene shows */
    Lang lang;
    const char *key;
    TextWhen when;
    const char **answer; /* [checks of the scene] as they are shown; NULL: it could not be told */
} Texts;

/* ---- what an expression would tell ---- */

static Hiding hiding_of(TextWhen when) {
    switch (when) {
    case TEXT_OPEN:
    case TEXT_WRONG: return HIDE_CONCEALED;
    case TEXT_CLOSED: return HIDE_ASKED;
    case TEXT_OPTION:
    case TEXT_LATER: break;
    }
    return SHOW_ALL;
}

static void note_concealed(void *user, const Expr *expr, bool is_link) {
    Texts *texts = user;
    ExprScope scope = play_scope(texts->examine->play, hiding_of(texts->when));
    if (!is_link && scope.hides && scope.hides(scope.user, expr))
        text_fault(texts->examine, texts->lang, texts->key,
                   texts->when == TEXT_OPEN
                       ? "{%s} tells what is concealed while a question of the scene is open: it "
                         "belongs into a reply, into after, or into a later scene"
                       : "{%s} is still concealed when this is said, for a question is open that "
                         "asks for it",
                   expr_text(expr));
}

/* ---- digits ---- */

static size_t count_digits(const char *text) {
    size_t count = 0;
    for (; *text; text++)
        count += isdigit((unsigned char)*text) != 0;
    return count;
}

/* Whether the number stands in the text, and is no part of a longer one. */
static bool tells_number(const char *text, const char *number) {
    size_t size = strlen(number);
    for (const char *at = text; (at = strstr(at, number)); at++) {
        bool before = at > text && (isdigit((unsigned char)at[-1]) || at[-1] == '.');
        if (!before && !isdigit((unsigned char)at[size]))
            return true;
    }
    return false;
}

static const char *answer_digits(Examine *examine, const LessonCheck *check) {
    ExprScope scope = play_scope(examine->play, SHOW_ALL);
    double value;
    if (check->kind != CHECK_FILL || !expr_number(check->value, &scope, &value, NULL))
        return NULL;
    const char *digits = text_number(&examine->arena, check->percent ? value * 100 : value,
                                     check->digits);
    return count_digits(digits) >= TELLING_DIGITS ? digits : NULL;
}

static void find_answers(Texts *texts) {
    const LessonScene *scene = &texts->examine->lesson->scene[texts->examine->scene];
    texts->answer = ARENA_NEW_N(&texts->examine->arena, const char *, scene->check_count);
    for (size_t i = 0; i < scene->check_count; i++)
        texts->answer[i] = answer_digits(texts->examine, &scene->check[i]);
}

static void look_for_answers(Texts *texts, const char *plain) {
    const LessonScene *scene = &texts->examine->lesson->scene[texts->examine->scene];
    for (size_t i = 0; i < scene->check_count; i++)
        if (texts->answer[i] && tells_number(plain, texts->answer[i]))
            text_fault(texts->examine, texts->lang, texts->key,
                       "it says %s, which is the answer to the open question %s", texts->answer[i],
                       scene->check[i].id);
}

/* ---- one text ---- */

static void look_at(Texts *texts, const char *markup) {
    Examine *examine = texts->examine;
    bool open = texts->when == TEXT_OPEN || texts->when == TEXT_OPTION;
    ExprScope scope = play_scope(examine->play, open ? hiding_of(texts->when) : SHOW_ALL);
    LessonBody body;
    Buf plain = {0};
    Err why;
    if (!markup_render(markup, &scope, &examine->arena, &body, &why)) {
        text_fault(examine, texts->lang, texts->key, "in the run %s: %s", examine->run, why.text);
        return;
    }
    if (!texts->first)
        return;
    (void)markup_check(markup, note_concealed, texts, &why);
    if (!open)
        return;
    body_plain(&body, &plain);
    look_for_answers(texts, buf_cstr(&plain));
    buf_free(&plain);
}

/* Cells that are concealed are shown as "?". */
static void look_at_tables(Texts *texts, const LessonScene *scene) {
    const PlayTable *tables = NULL;
    size_t count = texts->first ? play_tables(texts->examine->play, &tables) : 0;
    for (size_t i = 0; i < count; i++) {
        texts->key = arena_printf(&texts->examine->arena, "%s/table %s", scene->id,
                                  scene->table[i].id);
        for (size_t cell = 0; cell < tables[i].rows * tables[i].columns; cell++)
            look_for_answers(texts, tables[i].cell[cell]);
    }
}

static void look_at_key(Texts *texts, TextWhen when, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void look_at_key(Texts *texts, TextWhen when, const char *format, ...) {
    char key[400];
    va_list args;
    va_start(args, format);
    vsnprintf(key, sizeof key, format, args);
    va_end(args);
    const char *markup = lesson_text(texts->examine->lesson, texts->lang, key);
    texts->key = arena_copy_text(&texts->examine->arena, key);
    texts->when = when;
    if (markup)
        look_at(texts, markup);
}

/* The scene's first `count` questions are closed, the others open. */
static void close_checks(Texts *texts, size_t count) {
    Play *play = texts->examine->play;
    for (size_t i = 0; i < play_scene_now(play)->check_count; i++)
        play_done(play, i)->state = i < count ? ANSWER_SHOWN : ANSWER_OPEN;
    play_forget(play);
}

/* What is said after an answer: `closes` where it closes the question. */
static void look_at_reply(Texts *texts, size_t at, bool closes, const char *part, const char *id) {
    const LessonScene *scene = play_scene_now(texts->examine->play);
    close_checks(texts, closes ? at + 1 : at);
    look_at_key(texts, closes ? TEXT_CLOSED : TEXT_WRONG, "%s/%s/%s%s", scene->id,
                scene->check[at].id, part, id);
    close_checks(texts, 0);
}

static void look_at_options(Texts *texts, size_t at) {
    Play *play = texts->examine->play;
    const LessonScene *scene = play_scene_now(play);
    const LessonCheck *check = &scene->check[at];
    for (size_t i = 0; i < check->option_count; i++) {
        const char *id = check->option[i].id;
        bool right = false;
        look_at_key(texts, TEXT_OPTION, "%s/%s/option %s", scene->id, check->id, id);
        if (grade_option(play, &check->option[i], &right, NULL)) /* else it is told already */
            look_at_reply(texts, at, right || check->predict, "reply ", id);
    }
}

static void look_at_check(Texts *texts, size_t at) {
    const LessonScene *scene = play_scene_now(texts->examine->play);
    const LessonCheck *check = &scene->check[at];
    look_at_key(texts, TEXT_OPEN, "%s/%s", scene->id, check->id);
    look_at_key(texts, TEXT_OPEN, "#%s/%s", scene->id, check->id);
    for (int i = 1; i <= LESSON_HINTS; i++)
        look_at_key(texts, TEXT_OPEN, "%s/%s/hint %d", scene->id, check->id, i);
    look_at_options(texts, at);
    look_at_reply(texts, at, true, "right", "");
    look_at_reply(texts, at, check->predict, "wrong", "");
    look_at_reply(texts, at, true, "after", "");
}

static void look_at_scene(Texts *texts, const LessonScene *scene) {
    const char *id = scene->id;
    look_at_key(texts, TEXT_OPEN, "#%s", id);
    look_at_key(texts, TEXT_OPEN, "%s", id);
    look_at_key(texts, TEXT_OPEN, "%s/run main", id);
    for (size_t i = 0; i < scene->named_count; i++)
        look_at_key(texts, TEXT_OPEN, "%s/run %s", id, scene->named[i].name);
    for (size_t i = 0; i < scene->table_count; i++) {
        const LessonTable *table = &scene->table[i];
        look_at_key(texts, TEXT_OPEN, "%s/table %s", id, table->id);
        for (size_t j = 0; j < table->column_count; j++)
            look_at_key(texts, TEXT_OPEN, "%s/column %s", id, table->column[j].id);
    }
    for (size_t i = 0; i < scene->check_count; i++)
        look_at_check(texts, i);
}

/* They stand outside the scenes; their numbers are those of the first. */
static void look_at_lesson(Texts *texts) {
    const Lesson *lesson = texts->examine->lesson;
    look_at_key(texts, TEXT_LATER, "%s", "");
    look_at_key(texts, TEXT_LATER, "teacher");
    for (size_t i = 0; i < lesson->role_count; i++)
        look_at_key(texts, TEXT_LATER, "role %s", lesson->role[i].name);
}

void examine_texts(Examine *examine, bool first) {
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        Texts texts = {.examine = examine, .first = first, .lang = (Lang)lang};
        find_answers(&texts);
        if (first && examine->scene == 0)
            look_at_lesson(&texts);
        look_at_scene(&texts, &examine->lesson->scene[examine->scene]);
        look_at_tables(&texts, &examine->lesson->scene[examine->scene]);
    }
}
