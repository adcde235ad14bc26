/* roles: a position of a text by what it is to the lesson ("the pronoun", "the last name") and not
 * by its number, so that a lesson survives a text of the learner's own. */
#ifndef LESSON_ROLES_H
#define LESSON_ROLES_H

#include "app/lesson/expr.h"

typedef enum { ROLE_WORD, ROLE_AT, ROLE_AFTER } RoleKind;

struct LessonRole {
    const char *name;
    RoleKind kind;
    const char *const *any; /* ROLE_WORD: [any_count] words, case and all */
    size_t any_count;
    bool first_piece;  /* a word of several tokens counts by its first, else by its last */
    long which;        /* ROLE_WORD: from 1; 0: the last. ROLE_AT: from 0; −1: the last */
    const char *after; /* ROLE_AFTER: another role … */
    long by;           /* … and so many tokens on */
};

/* Where the role is in the run's text. A word is found where no letter touches it; behind a Korean one
 * a particle may stand. False with "this text has no “giver”". */
bool role_find(const LessonRole *roles, size_t count, const char *name, const ExprRun *run,
               size_t *position, Err *err);

#endif
