/* Which language: by code, and by the environment. */
#include "app/ui/lang.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void codes_are_parsed(void **state) {
    (void)state;
    for (int i = 0; i < LANG_COUNT; i++) {
        Lang lang = LANG_COUNT;
        assert_true(lang_parse(lang_code((Lang)i), &lang, NULL));
        assert_int_equal(lang, i);
    }
    static const char *const wrong[] = {"", "EN", "kor", "k", "de"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        Err err = {0};
        Lang lang = LANG_COUNT;
        assert_false(lang_parse(wrong[i], &lang, &err));
        assert_int_equal(lang, LANG_COUNT);
        assert_non_null(strstr(err.text, "expected en or ko"));
    }
}

static Lang asked(const char *own, const char *all, const char *messages, const char *language) {
    setenv("ATTNSCOPE_LANG", own, 1);
    setenv("LC_ALL", all, 1);
    setenv("LC_MESSAGES", messages, 1);
    setenv("LANG", language, 1);
    return lang_of_environment();
}

static void the_environment_is_asked_in_order(void **state) {
    (void)state;
    assert_int_equal(asked("", "", "", ""), LANG_EN);
    assert_int_equal(asked("", "", "", "ko_KR.UTF-8"), LANG_KO);
    assert_int_equal(asked("", "", "en_US.UTF-8", "ko_KR.UTF-8"), LANG_EN);
    assert_int_equal(asked("", "", "ko_KR.UTF-8", "en_US.UTF-8"), LANG_KO);
    assert_int_equal(asked("", "C.UTF-8", "ko_KR.UTF-8", "ko_KR.UTF-8"), LANG_EN);
    assert_int_equal(asked("", "ko", "C", "C"), LANG_KO);
    assert_int_equal(asked("ko", "C.UTF-8", "C", "C"), LANG_KO);
    assert_int_equal(asked("en", "ko_KR.UTF-8", "ko", "ko"), LANG_EN);
    assert_int_equal(asked("fr", "ko_KR.UTF-8", "C", "C"), LANG_KO);
    unsetenv("ATTNSCOPE_LANG");
    unsetenv("LC_ALL");
    unsetenv("LC_MESSAGES");
    unsetenv("LANG");
    assert_int_equal(lang_of_environment(), LANG_EN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_parsed),
        cmocka_unit_test(the_environment_is_asked_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
