/* lesson_examine: every text has its values, and none tells the answer to a question that is open. */
#include "app/lesson/examine_part.h"
#include "app/ui/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { HINTS_MOST = 9, TELLING_DIGITS = 3 }; /* fewer digits stand in any text */

/* Which texts are there while questions are open. */
typedef enum {
    TEXT_OPEN,   /* what is concealed would be missing in it */
    TEXT_OPTION, /* it may be told by numbers that are concealed elsewhere */
    TEXT_LATER
} TextWhen;

typedef struct {
    Examine *examine;
    bool first; /* the run that the scene shows */
    Lang lang;
    const char *key;
    const char **answer; /* [checks of the scene] as they are shown; NULL: it could not be told */
} Texts;

/* ---- what an expression would tell ---- */

static void note_concealed(void *user, const Expr *expr, bool is_link) {
    Texts *texts = user;
    ExprScope scope = play_scope(texts->examine->play, true);
    if (!is_link && scope.hides(scope.user, expr))
        text_fault(texts->examine, texts->lang, texts->key,
                   "{%s} tells what is concealed while a question of the scene is open: it belongs "
                   "into a reply, into after, or into a later scene",
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
    ExprScope scope = play_scope(examine->play, false);
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

static void look_at(Texts *texts, const char *markup, TextWhen when) {
    Examine *examine = texts->examine;
    ExprScope scope = play_scope(examine->play, when == TEXT_OPEN);
    LessonBody body;
    Buf plain = {0};
    Err why;
    if (!markup_render(markup, &scope, &examine->arena, &body, &why)) {
        text_fault(examine, texts->lang, texts->key, "in the run %s: %s", examine->run, why.text);
        return;
    }
    if (!texts->first || when == TEXT_LATER)
        return;
    if (when == TEXT_OPEN)
        (void)markup_check(markup, note_concealed, texts, &why);
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
    if (markup)
        look_at(texts, markup, when);
}

static void look_at_check(Texts *texts, const char *scene, const LessonCheck *check) {
    const char *id = check->id;
    look_at_key(texts, TEXT_OPEN, "%s/%s", scene, id);
    look_at_key(texts, TEXT_OPEN, "#%s/%s", scene, id);
    for (int i = 1; i <= HINTS_MOST; i++)
        look_at_key(texts, TEXT_OPEN, "%s/%s/hint %d", scene, id, i);
    for (size_t i = 0; i < check->option_count; i++) {
        look_at_key(texts, TEXT_OPTION, "%s/%s/option %s", scene, id, check->option[i].id);
        look_at_key(texts, TEXT_LATER, "%s/%s/reply %s", scene, id, check->option[i].id);
    }
    look_at_key(texts, TEXT_LATER, "%s/%s/right", scene, id);
    look_at_key(texts, TEXT_LATER, "%s/%s/wrong", scene, id);
    look_at_key(texts, TEXT_LATER, "%s/%s/after", scene, id);
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
        look_at_check(texts, id, &scene->check[i]);
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
