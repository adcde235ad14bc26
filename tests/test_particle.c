/* app/ui/particle: how the end of a text sounds, and the forms that follow. */
#include "app/ui/particle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Each text stands before 을/를 and 으로/로: without a final consonant 를 로, with one 을 으로, with
 * ㄹ 을 로. */
static void sounds(const char *const *texts, size_t count, const char *object, const char *toward) {
    for (size_t i = 0; i < count; i++) {
        const char *text = texts[i];
        char *exact = malloc(strlen(text) + 1); /* the sanitizer sees a read before or beyond */
        memcpy(exact, text, strlen(text));
        const char *first = particle(exact, strlen(text), PARTICLE_EUL_REUL);
        const char *second = particle(exact, strlen(text), PARTICLE_EURO_RO);
        if (strcmp(first, object) != 0 || strcmp(second, toward) != 0)
            fail_msg("after \"%s\": %s %s, expected %s %s", text, first, second, object, toward);
        free(exact);
    }
}
#define SOUNDS(object, toward, ...)                                                                \
    sounds((const char *const[]){__VA_ARGS__},                                                     \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *), object, toward)
#define VOWEL(...) SOUNDS("를", "로", __VA_ARGS__)
#define FINAL(...) SOUNDS("을", "으로", __VA_ARGS__)
#define RIEUL(...) SOUNDS("을", "로", __VA_ARGS__)

static void hangul_by_its_final(void **state) {
    (void)state;
    VOWEL("쿼리", "키", "나무", "ㅏ", "민아");
    FINAL("토큰", "칸", "어텐션", "책", "ㄱ", "값", "닭");
    RIEUL("열", "길", "밸류 벡터를 만들", "ㄹ");
    VOWEL("\u1102\u1161");       /* 나, in parts */
    FINAL("\u1102\u1161\u11AB"); /* 난 */
    RIEUL("\u1102\u1161\u11AF"); /* 날 */
}

static void numbers_as_read(void **state) {
    (void)state;
    FINAL("0", "3", "6", "10", "13", "100", "1000", "1,000", "10000", "250,000", "100000000",
          "0.0");
    VOWEL("2", "4", "5", "9", "12", "1,024", "−0.75", "3.14", "1000000000000");
    RIEUL("1", "7", "8", "11", "0.01", "−∞보다 큰 −0.7");
    FINAL("2.50", "0.786", "10.0"); /* digit by digit: 영, 육 */
    FINAL("1, 0", "표 10");
}

static void latin_letters_by_name(void **state) {
    (void)state;
    VOWEL("Q", "K", "V", "d", "z", "KV", "GELU", "ReLU", "RoPE", "W_Q", "BPE", "th", "KiB", "µ");
    FINAL("M", "N", "n", "RNN", "LSTM", "m", "FFN");
    RIEUL("L", "R", "ALL", "l", "r");
}

static void english_words_by_their_end(void **state) {
    (void)state;
    VOWEL("Lily", "Mina", "Leo", "the", "she", "water", "red", "dog", "was", "box", "make", "cake",
          "more", "blue", "desk", "part", "beat", "night", "jumped", "softmax", "high", "beach");
    FINAL("Tom", "Ben", "name", "home", "one", "sing", "cat", "book", "cup", "Jack", "rabbit",
          "lamb", "Bob", "music", "kitchen", "LayerNorm", "deep", "type", "rett");
    RIEUL("ball", "little", "apple", "girl", "model", "will");
}

static void signs_and_what_is_passed_over(void **state) {
    (void)state;
    VOWEL("3 %", "90°", "σ", "∞", "“Lily”", "“·Lily”", "‘쿼리’ ", "**쿼리**", "쿼리(query)",
          "쿼리 (열)", "<unk>", "“·the”(3개 중 1번째)", "(4)", "Kᵀ", "“.”", "“,”", "\"");
    FINAL("d²", "e^(s − m)", "“·Tom”", "토큰(token)", "“:”", "“·”", "칸 …", "(3)");
    RIEUL("ℓ", "“·ball”", "열(column)", "(1)");
}

static void what_cannot_be_told_gets_both(void **state) {
    (void)state;
    SOUNDS("을(를)", "(으)로", "", "  ", "語", "“猫”", "\xff", "é", "😀");
    assert_string_equal(particle("語", strlen("語"), PARTICLE_GWA_WA), "와(과)");
}

static void every_particle_has_both_forms(void **state) {
    (void)state;
    static const char *const forms[PARTICLE_COUNT][2] = {
        {"이", "가"},   {"은", "는"},   {"을", "를"},   {"과", "와"},
        {"으로", "로"}, {"이라", "라"}, {"이란", "란"}, {"이나", "나"},
        {"이고", "고"}, {"이며", "며"}, {"이었", "였"}, {"이", ""}};
    for (int i = 0; i < PARTICLE_COUNT; i++) {
        assert_string_equal(particle("칸", 3, (Particle)i), forms[i][0]);
        assert_string_equal(particle("키", 3, (Particle)i), forms[i][1]);
    }
}

static void check(const char *text, const char *expected) {
    Buf out = {0};
    Err err = {0};
    if (!particle_expand(&out, text, strlen(text), &err))
        fail_msg("%s", err.text);
    assert_string_equal(buf_cstr(&out), expected);
    buf_free(&out);
}

static void braces_are_expanded(void **state) {
    (void)state;
    check("", "");
    check("쿼리{와/과} 키{을/를} 곱합니다.", "쿼리와 키를 곱합니다.");
    check("“·Tom”{이/가} “·Lily”{를/을} 봅니다.", "“·Tom”이 “·Lily”를 봅니다.");
    check("10{으로/로} 나누면 1{으로/로}", "10으로 나누면 1로");
    check("값은 3{이/}므로, 4{이/}므로", "값은 3이므로, 4므로");
    check("8{이라/라}고, 5{이라/라}고", "8이라고, 5라고");
    check("{0} {x/y} {} { {은는}", "{0} {x/y} {} { {은는}");
    check("토큰{은/는", "토큰{은/는");
}

static void a_wrong_pair_is_told(void **state) {
    (void)state;
    static const char *const wrong[] = {"키{을/룰}", "키{은/가} 큽니다", "키{/는/은}", "{ㄱ/ㄴ}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        Buf out = {0};
        Err err = {0};
        bool slash_first = strncmp(wrong[i] + strlen("키"), "{/", 2) == 0;
        assert_int_equal(particle_expand(&out, wrong[i], strlen(wrong[i]), &err), slash_first);
        if (!slash_first)
            assert_non_null(strstr(err.text, "expected one of 이/가, 은/는"));
        buf_free(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hangul_by_its_final),
        cmocka_unit_test(numbers_as_read),
        cmocka_unit_test(latin_letters_by_name),
        cmocka_unit_test(english_words_by_their_end),
        cmocka_unit_test(signs_and_what_is_passed_over),
        cmocka_unit_test(what_cannot_be_told_gets_both),
        cmocka_unit_test(every_particle_has_both_forms),
        cmocka_unit_test(braces_are_expanded),
        cmocka_unit_test(a_wrong_pair_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
