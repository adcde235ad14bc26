/* lang: the languages in which the window and the lessons speak. Errors and the commands' tables
 * are English. */
#ifndef UI_LANG_H
#define UI_LANG_H

#include "engine/base/err.h"

#include <stdbool.h>

typedef enum { LANG_EN, LANG_KO, LANG_COUNT } Lang;

/* "en" or "ko"; anything else is outside data that fails. */
bool lang_parse(const char *text, Lang *lang, Err *err);
/* "en", "ko": also the names of a lesson's texts. */
const char *lang_code(Lang lang);
/* What the environment asks for: ATTNSCOPE_LANG where it is "en" or "ko"; else the first of LC_ALL,
 * LC_MESSAGES and LANG that is not empty, Korean where it begins with "ko". English otherwise. */
Lang lang_of_environment(void);

#endif
