/* The catalogue of words: each message in each language, with the same arguments. */
#include "app/lesson/said.h"
#include "app/ui/formula.h"
#include "app/ui/particle.h"
#include "app/views/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- The whole catalogue --------------------------------------------------------------------- */

typedef struct {
    const char *id;
    const char *text[LANG_COUNT];
} Message;

static const Message MESSAGES[] = {
#define WORD(ID, ...) {#ID, {__VA_ARGS__}},
#include "app/views/words_all.def"
#undef WORD
#define CAPTION(ID, variant, ...) {#ID " " #variant, {__VA_ARGS__}},
#include "app/views/words_captions.def"
#undef CAPTION
#define TOK_CAPTION(ID, variant, ...) {"tokenizer " #ID " " #variant, {__VA_ARGS__}},
#include "app/views/words_tokens.def"
#undef TOK_CAPTION
#define NAME(en, ...) {en, {en, __VA_ARGS__}},
#define PHRASE(...)
#include "app/views/words_names.def"
#undef NAME
#undef PHRASE
};
enum { MESSAGE_COUNT = sizeof MESSAGES / sizeof *MESSAGES };

/* Bits of the arguments that a message has; fails where braces are wrong. */
static unsigned arguments(const Message *message, const char *text) {
    unsigned found = 0;
    while ((text = strchr(text, '{')) != NULL) {
        Particle which;
        size_t size = particle_at(text, strlen(text), &which);
        if (size > 0) {
            text += size;
            continue;
        }
        char *end;
        unsigned long number = strtoul(text + 1, &end, 10);
        bool choice = *end == '|' && strchr(end + 1, '|') &&
                      strchr(end, '}') > strchr(end + 1, '|');
        if (end == text + 1 || number > 9 || (*end != '}' && !choice))
            fail_msg("%s: wrong braces at %s", message->id, text);
        found |= 1U << number;
        text++;
    }
    return found;
}

static void each_message_has_both_languages_and_the_same_arguments(void **state) {
    (void)state;
    for (int i = 0; i < MESSAGE_COUNT; i++) {
        const Message *message = &MESSAGES[i];
        for (int lang = 0; lang < LANG_COUNT; lang++)
            if (!message->text[lang] || !message->text[lang][0])
                fail_msg("%s has no text in %s", message->id, lang_code((Lang)lang));
        unsigned english = arguments(message, message->text[LANG_EN]);
        unsigned korean = arguments(message, message->text[LANG_KO]);
        if (english != korean)
            fail_msg("%s: arguments %x in English, %x in Korean", message->id, english, korean);
    }
}

typedef struct {
    const char *in_map, *title, *about;
} Stage;

static void each_record_has_both_languages(void **state) {
    (void)state;
    static const struct {
        const char *end;
        Stage words[LANG_COUNT];
    } records[] = {
#define EN(...)                                                                                    \
    { __VA_ARGS__ }
#define KO(...)                                                                                    \
    { __VA_ARGS__ }
#define RECORD(end, ...) {end, {__VA_ARGS__}},
#include "app/views/words_records.def"
#undef RECORD
#undef EN
#undef KO
    };
    for (size_t i = 0; i < sizeof records / sizeof *records; i++)
        for (int lang = 0; lang < LANG_COUNT; lang++) {
            const Stage *words = &records[i].words[lang];
            if (!words->in_map || !words->title || !words->about)
                fail_msg("%s lacks words in %s", records[i].end, lang_code((Lang)lang));
        }
}

static bool has_hangul(const char *text) {
    for (; *text; text++)
        if ((unsigned char)*text >= 0xEA && (unsigned char)*text <= 0xED)
            return true;
    return false;
}

/* Everything that the engine names in words, not in symbols. */
static void what_the_engine_names_has_a_korean_name(void **state) {
    (void)state;
    words_set_language(LANG_KO);
    for (int op = 0; op < OP_COUNT; op++)
        if (!has_hangul(word_name(op_info((OpId)op)->title)))
            fail_msg("operation: %s", op_info((OpId)op)->title);
    for (int rule = 0; rule < RULE_COUNT; rule++)
        if (!has_hangul(word_name(rule_text((Rule)rule))))
            fail_msg("rule: %s", rule_text((Rule)rule));
    for (int axis = 0; axis < AXIS_COUNT; axis++) {
        const char *name = axis_name((Axis)axis);
        bool symbol = strncmp(name, "d_", 2) == 0 || axis == AXIS_ONE;
        if (has_hangul(word_axis((Axis)axis)) == symbol)
            fail_msg("axis: %s", name);
    }
    words_set_language(LANG_EN);
    assert_string_equal(word_axis(AXIS_QUERY), "query");
    assert_string_equal(word_name("eps"), "eps");
}

/* All formulas of the table of operations: no English word is left, and the markup is right. */
static void words_in_formulas_are_korean(void **state) {
    (void)state;
    Arena arena = {0};
    words_set_language(LANG_KO);
    for (int op = 0; op < OP_COUNT; op++) {
        const char *markup = word_formula(&arena, op_info((OpId)op)->formula);
        size_t where;
        if (!formula_valid(markup, &where))
            fail_msg("%s: wrong at %zu", markup, where);
        if (strstr(markup, " if ") || strstr(markup, " else ") || strstr(markup, " the ") ||
            strstr(markup, "until"))
            fail_msg("%s has English words", markup);
    }
    words_set_language(LANG_EN);
    const char *mask = op_info(OP_MASK)->formula;
    assert_string_equal(word_formula(&arena, mask), mask);
    arena_free(&arena);
}

/* What reads as translated, and forms of another level of speech. */
static void korean_is_plain(void **state) {
    (void)state;
    static const char *const unwanted[] = {"당신",   "우리는",     "그녀",    "되어지", "에 의해",
                                           "각각의", "해요",       "하세요!", "수업 {", " 의 ",
                                           "레이어", "셀프어텐션", "니까요",  "지요.",  "단추"};
    for (int i = 0; i < MESSAGE_COUNT; i++)
        for (size_t k = 0; k < sizeof unwanted / sizeof *unwanted; k++)
            if (MESSAGES[i].text[LANG_KO] && strstr(MESSAGES[i].text[LANG_KO], unwanted[k]))
                fail_msg("%s: %s in \"%s\"", MESSAGES[i].id, unwanted[k],
                         MESSAGES[i].text[LANG_KO]);
}

/* A pair in braces that is no particle would stay as it is. */
static void what_a_lesson_says_has_its_particles(void **state) {
    (void)state;
    Arena arena = {0};
    for (int i = 0; i < SAID_COUNT; i++) {
        const char *text = said(LANG_KO, (SaidId)i, "키", "칸", &arena);
        if (strchr(text, '{') || strchr(text, '}'))
            fail_msg("%s", text);
    }
    assert_string_equal(said(LANG_KO, SAID_WITH_TEXT, "a dog", NULL, &arena), "“a dog”라는 글에서");
    assert_string_equal(said(LANG_KO, SAID_WITH_TEXT, "a ball", NULL, &arena),
                        "“a ball”이라는 글에서");
    arena_free(&arena);
}

/* ---- Filling --------------------------------------------------------------------------------- */

static int korean(void **state) {
    (void)state;
    words_set_language(LANG_KO);
    return 0;
}

static int english(void **state) {
    (void)state;
    words_set_language(LANG_EN);
    return 0;
}

static void particles_follow_arguments(void **state) {
    (void)state;
    Arena arena = {0};
    assert_string_equal(WORD_WITH(&arena, WORD_SAY_ALONE, "“·Tom”"),
                        "“·Tom”은 첫 토큰이므로 자기 자신만 볼 수 있습니다.");
    assert_string_equal(WORD_WITH(&arena, WORD_SAY_ALONE, "“·Lily”"),
                        "“·Lily”는 첫 토큰이므로 자기 자신만 볼 수 있습니다.");
    assert_string_equal(WORD_WITH(&arena, WORD_SAY_MOST, "“톰”", "“민아”", "41 %"),
                        "“톰”은 “민아”를 가장 많이 봅니다. 가중치는 41 %입니다.");
    assert_string_equal(WORD_WITH(&arena, WORD_TOKEN_AMONG, "·공", "2", "3"),
                        "“·공”(3개 중 2번째)");
    words_set_language(LANG_EN);
    assert_string_equal(WORD_WITH(&arena, WORD_TOKEN_AMONG, "·ball", "2", "3"), "“·ball” (2 of 3)");
    arena_free(&arena);
}

static void spans_keep_their_colours_in_another_order(void **state) {
    (void)state;
    Arena arena = {0};
    UiSpan *spans;
    const WordArg args[] = {{.text = "7", .plain = true},
                            {.text = "“·Tom”", .role = ROLE_QUERY},
                            {.text = "“·Mina”", .role = ROLE_KEY},
                            {.text = "1.5"}};
    size_t count = word_spans(&arena, &THEME_DARK, word(WORD_SAY_SCORES), THEME_DARK.text, args, 4,
                              &spans);
    Buf text = {0};
    for (size_t i = 0; i < count; i++)
        buf_text(&text, spans[i].text);
    assert_string_equal(buf_cstr(&text),
                        "“·Tom”이 볼 수 있는 키 7개 가운데 “·Mina”의 점수가 가장 높습니다(1.5).");
    assert_string_equal(spans[0].text, "“·Tom”");
    assert_int_equal(spans[0].font, FONT_MONO);
    assert_memory_equal(&spans[0].color, &(Color){theme_role(&THEME_DARK, ROLE_QUERY)},
                        sizeof(Color));
    assert_string_equal(spans[1].text, "이");
    assert_int_equal(spans[1].font, FONT_UI);
    buf_free(&text);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_message_has_both_languages_and_the_same_arguments),
        cmocka_unit_test(each_record_has_both_languages),
        cmocka_unit_test(what_the_engine_names_has_a_korean_name),
        cmocka_unit_test(words_in_formulas_are_korean),
        cmocka_unit_test(korean_is_plain),
        cmocka_unit_test(what_a_lesson_says_has_its_particles),
        cmocka_unit_test_setup_teardown(particles_follow_arguments, korean, english),
        cmocka_unit_test_setup_teardown(spans_keep_their_colours_in_another_order, korean, english),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
