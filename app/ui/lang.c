/* Which language. */
#include "app/ui/lang.h"

#include <stdlib.h>
#include <string.h>

static const char *const CODES[LANG_COUNT] = {[LANG_EN] = "en", [LANG_KO] = "ko"};

const char *lang_code(Lang lang) {
    return CODES[lang];
}

bool lang_parse(const char *text, Lang *lang, Err *err) {
    for (int i = 0; i < LANG_COUNT; i++)
        if (strcmp(text, CODES[i]) == 0) {
            *lang = (Lang)i;
            return true;
        }
    return err_set(err, "language \"%s\": expected en or ko", text);
}

Lang lang_of_environment(void) {
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const char *own = getenv("ATTNSCOPE_LANG");
    Lang lang = LANG_EN;
    if (own && lang_parse(own, &lang, NULL))
        return lang;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *locale = getenv(names[i]);
        if (locale && *locale)
            return strncmp(locale, "ko", 2) == 0 ? LANG_KO : LANG_EN;
    }
    return LANG_EN;
}
