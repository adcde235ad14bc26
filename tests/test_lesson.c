/* A lesson read from its folder, found by its name, and run. */
#include "app/lesson/lesson.h"
#include "engine/base/file.h"
#include "tests/tiny_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define GOOD "tests/lesson/01-good"

static Lesson *open_good(void) {
    Err err = {{0}};
    Lesson *lesson = lesson_open(GOOD, &err);
    if (!lesson)
        fail_msg("%s", err.text);
    return lesson;
}

static void every_field_is_read(void **state) {
    Lesson *lesson = open_good();
    (void)state;
    assert_string_equal(lesson->name, "01-good");
    assert_int_equal(lesson->number, 1);
    assert_int_equal(lesson->minutes, 5);
    assert_string_equal(lesson->run.attention, "standard");
    assert_int_equal(lesson->role_count, 4);
    assert_true(lesson->role[0].which == 1 && lesson->role[1].which == 0);
    assert_true(lesson->role[1].first_piece && lesson->role[2].which == -1);
    assert_string_equal(lesson->role[3].after, "giver");
    assert_int_equal(lesson->scene_count, 3);
    const LessonScene *meet = &lesson->scene[0], *scale = &lesson->scene[1];
    assert_int_equal(meet->mark_count, 4);
    assert_true(meet->mark[0].role == ROLE_QUERY && meet->mark[2].role == ROLE_HAND);
    assert_int_equal(meet->mark[3].kind, MARK_STAGE);
    assert_string_equal(meet->table[0].role[1], "again");
    assert_true(meet->table[0].column[0].token && meet->table[0].column[1].percent);
    assert_int_equal(meet->check[1].at, POINT_ROW);
    assert_int_equal(scale->let_count, 2);
    assert_string_equal(scale->shows, "main");
    assert_int_equal(scale->conceal_count, 2);
    assert_int_equal(scale->check[1].stage_count, 3);
    assert_true(lesson->scene[2].prompt_free);
    assert_string_equal(expr_text(lesson->scene[2].check[0].when), "giver == 0 and T > 10");
    assert_int_equal(lesson->sheet.draw_count, 2);
    assert_int_equal(lesson->sheet.draw[0].count, 2);
    assert_int_equal(lesson->sheet.question[1].lines, 3);
    lesson_close(lesson);
}

/* As many scenes and questions as there can be, each with all that it needs. */
static void a_large_lesson_is_read(void **state) {
    enum { SCENES = 60, OPTIONS = 2 };
    Buf json = {0}, text = {0};
    Err err = {{0}};
    (void)state;
    buf_text(&json, "{\"format\": 1, \"minutes\": 5, \"model\": \"story\", \"prompt\": \"Tom\", "
                    "\"scenes\": [");
    buf_text(&text, "# Title\nAbout.\n## teacher\nA note.\n");
    for (int scene = 0; scene < SCENES; scene++) {
        buf_printf(&json, "%s{\"id\": \"s%d\", \"checks\": [", scene ? ", " : "", scene);
        buf_printf(&text, "## s%d | Scene\nWords.\n", scene);
        for (int check = 0; check < LESSON_CHECKS; check++) {
            buf_printf(&json, "%s{\"id\": \"c%d\", \"kind\": \"choose\", \"options\": [",
                       check ? ", " : "", check);
            buf_text(&json, "{\"id\": \"a\", \"if\": 1}, {\"id\": \"b\", \"if\": 0}]}");
            buf_printf(&text, "### c%d\nWhich?\n#### option a\nThis\n#### option b\nThat\n", check);
        }
        buf_text(&json, "]}");
    }
    buf_text(&json, "]}");
    Buf marked = {0}; /* as some editors write it */
    buf_text(&marked, "\xEF\xBB\xBF");
    buf_add(&marked, text.bytes, text.size);
    LessonBytes texts[LANG_COUNT] = {{text.bytes, text.size}, {marked.bytes, marked.size}};
    Lesson *lesson = lesson_parse("lessons/99-large", (LessonBytes){json.bytes, json.size}, texts,
                                  &err);
    if (!lesson)
        fail_msg("%s", err.text);
    assert_int_equal(lesson->scene[SCENES - 1].check[LESSON_CHECKS - 1].option_count, OPTIONS);
    assert_string_equal(lesson_text(lesson, LANG_KO, "#"), "Title");
    lesson_close(lesson);
    buf_free(&marked);
    buf_free(&json);
    buf_free(&text);
}

static void texts_are_found_by_their_keys(void **state) {
    Lesson *lesson = open_good();
    (void)state;
    assert_string_equal(lesson_text(lesson, LANG_EN, "#"), "A lesson for tests");
    assert_string_equal(lesson_text(lesson, LANG_KO, "#"), "시험용 수업");
    assert_string_equal(lesson_text(lesson, LANG_EN, ""), "Every field of the format, once.");
    assert_string_equal(lesson_text(lesson, LANG_EN, "#meet"), "Words meet");
    assert_string_equal(lesson_text(lesson, LANG_EN, "#meet/more"), "A question");
    assert_null(lesson_text(lesson, LANG_EN, "#meet/row"));
    assert_string_equal(lesson_text(lesson, LANG_EN, "meet/more/hint 2"), "Count again.");
    assert_null(lesson_text(lesson, LANG_EN, "meet/more/hint 3"));
    assert_string_equal(lesson_text_at(lesson, LANG_EN, "%s/option %s", "meet/more", "no"), "No");
    assert_string_equal(lesson_text(lesson, LANG_EN, "meet/column who"), "word");
    assert_string_equal(lesson_text(lesson, LANG_EN, "worksheet words/answer"), "Yes.");
    assert_non_null(strstr(lesson_text(lesson, LANG_EN, "meet"), "picture](blocks"));
    lesson_close(lesson);
}

static void runs_are_laid_over_each_other(void **state) {
    Lesson *lesson = open_good();
    LessonRun run;
    (void)state;
    assert_true(lesson_scene_run(lesson, 1, "unscaled", &run));
    assert_string_equal(run.prompt, "Lily gave Adam the blue box. Adam thanked");
    assert_string_equal(run.set, "scale=off");
    assert_string_equal(run.model, "story");
    assert_true(lesson_scene_run(lesson, 1, "main", &run));
    assert_string_equal(run.set, "");
    assert_false(lesson_scene_run(lesson, 1, "blind", &run));
    lesson_close(lesson);
}

static void make_lesson(const char *folder, const char *name) {
    Arena arena = {0};
    const char *path = file_join(&arena, folder, name);
    Err err;
    assert_true(file_make_folders(path, &err));
    tiny_file_write(path, "lesson.json", "{}", 2);
    arena_free(&arena);
}

static void resolves(const char *lessons, const char *name, const char *expected) {
    Arena arena = {0};
    Err err = {{0}};
    const char *folder = "";
    bool found = lesson_resolve(lessons, name, &arena, &folder, &err);
    if (!strstr(found ? folder : err.text, expected))
        fail_msg("%s: %s, expected %s", name, found ? folder : err.text, expected);
    arena_free(&arena);
}

static void names_lead_to_folders(void **state) {
    Arena arena = {0};
    const char **folders;
    char *room = tiny_folder_new();
    (void)state;
    resolves(room, "scores", "there is none in");
    make_lesson(room, "02-q-k-v");
    make_lesson(room, "10-scores");
    make_lesson(room, "extra");
    assert_true(file_make_folders(file_join(&arena, room, "no-lesson"), NULL));
    assert_int_equal(lesson_list(room, &arena, &folders), 3);
    assert_non_null(strstr(folders[0], "02-q-k-v"));
    resolves(room, "02-q-k-v", "/02-q-k-v");
    resolves(room, "q-k-v", "/02-q-k-v");
    resolves(room, "2", "/02-q-k-v");
    resolves(room, "10", "/10-scores");
    resolves(room, "extra", "/extra");
    resolves(room, GOOD "/", GOOD);
    resolves(room, "score", "did you mean scores?");
    resolves(room, "7", "there is no lesson \"7\"; there are 02-q-k-v, 10-scores, extra");
    resolves(room, "a/b", "a/b: there is no lesson.json in it");
    tiny_folder_remove(room);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_read),
        cmocka_unit_test(a_large_lesson_is_read),
        cmocka_unit_test(texts_are_found_by_their_keys),
        cmocka_unit_test(runs_are_laid_over_each_other),
        cmocka_unit_test(names_lead_to_folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
