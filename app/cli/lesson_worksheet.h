/* lesson_worksheet: `attnscope lesson worksheet NAME`: a lesson's questions to print, and their key. */
#ifndef CLI_LESSON_WORKSHEET_H
#define CLI_LESSON_WORKSHEET_H

#include "app/cli/options.h"

/* --output, --key and their endings, before anything is read. */
bool lesson_worksheet_check(const Options *options, Err *err);
/* Both files, or none of them. */
bool lesson_worksheet(const Options *options, Err *err);

#endif
