/* said: what the play itself and `lesson run --text` (RUN_) say to a learner, in the languages of the
 * lessons. Arguments stand as {0} and {1}; a Korean particle behind one takes the form that suits. */
#ifndef LESSON_SAID_H
#define LESSON_SAID_H

#include "app/ui/lang.h"
#include "engine/base/arena.h"
#include "engine/trace/graph.h"

typedef enum {
#define X(ID, en, ko) SAID_##ID,
#include "app/lesson/said.def"
#undef X
    SAID_COUNT
} SaidId;

/* Either argument may be NULL. */
const char *said(Lang lang, SaidId id, const char *first, const char *second, Arena *arena);
/* Always false, as err_set. */
bool said_err(Err *err, Lang lang, SaidId id, const char *first, const char *second);
/* "query", "쿼리": what a learner calls an axis. */
const char *said_axis(Lang lang, Axis axis);

#endif
