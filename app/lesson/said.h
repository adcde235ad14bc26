/* said: what the play itself says to a learner, in the languages of the lessons. Arguments stand as
 * {0} and {1}; a Korean particle behind one takes the form that suits. */
#ifndef LESSON_SAID_H
#define LESSON_SAID_H

#include "app/ui/lang.h"
#include "engine/base/arena.h"

#define SAID_TABLE(X)                                                                              \
    X(NOT_READY, "this is still being computed", "아직 계산 중입니다")                             \
    X(NO_QUESTION, "there is no such question", "그런 문제는 없습니다")                            \
    X(IS_CLOSED, "this question is answered already", "이미 답한 문제입니다")                      \
    X(HINTS_FIRST, "take the hints first", "먼저 힌트를 보세요")                                   \
    X(WANT_NUMBER, "“{0}” is no number: one is expected, as −0.79",                                \
      "“{0}”{은/는} 숫자가 아닙니다. −0.79와 같이 숫자를 입력하세요")                              \
    X(WANT_LETTER, "“{0}” is none of the answers: a letter from a to {1} is expected",             \
      "“{0}”{은/는} 선택지가 아닙니다. a부터 {1}까지의 글자를 입력하세요")                         \
    X(WANT_ORDER, "“{0}” is no order: each number from 1 to {1} once is expected, as 2 1 3",       \
      "“{0}”{은/는} 순서가 아닙니다. 2 1 3과 같이 1부터 {1}까지의 수를 한 번씩 입력하세요")        \
    X(WANT_CELL, "“{0}” is no cell here: {1} is expected",                                         \
      "“{0}”에 해당하는 칸이 없습니다. {1}{이라고/라고} 입력하세요")                               \
    X(WANT_HEAD, "“{0}” is no head: a number from 0 to {1} is expected",                           \
      "“{0}”{은/는} 헤드가 아닙니다. 0부터 {1}까지의 수를 입력하세요")                             \
    X(WANT_TOKEN, "“{0}” is no token here: one of the text's, or its number, is expected",         \
      "“{0}” 토큰이 없습니다. 텍스트에 있는 토큰이나 그 번호를 입력하세요")                        \
    X(TWO_TOKENS, "“{0}” is there {1} times: say which, as {0}#2",                                 \
      "“{0}” 토큰이 {1}개 있습니다. {0}#2와 같이 몇 번째인지 쓰세요")                              \
    X(WANT_STAGE, "“{0}” is no single stage of this model: its name is expected, as {1}",          \
      "“{0}”{은/는} 이 모델의 단계가 아닙니다. {1}{과/와} 같이 단계의 이름을 입력하세요")          \
    X(OTHER_RECORD, "that is in {0}: the question is about {1}",                                   \
      "그것은 {0}의 칸입니다. 이 문제는 {1}에 대한 것입니다")                                      \
    X(THE_CELL, "the cell of {0}", "{0}의 칸")                                                     \
    X(THE_ROW, "the row of {0}", "{0}의 행")                                                       \
    X(THE_COLUMN, "the column of {0}", "{0}의 열")                                                 \
    X(HEAD, "head {0}", "헤드 {0}")                                                                \
    X(WITH_TEXT, "with the text “{0}”", "“{0}”{이라는/라는} 텍스트에서")                           \
    X(WITH_RUN, "with “{0}”", "“{0}”{을/를} 선택했을 때")                                          \
    X(WITH_CHANGE, "with {0}", "{0}{으로/로} 바꾸었을 때")

typedef enum {
#define SAID_ID(ID, en, ko) SAID_##ID,
    SAID_TABLE(SAID_ID)
#undef SAID_ID
        SAID_COUNT
} SaidId;

/* Either argument may be NULL. */
const char *said(Lang lang, SaidId id, const char *first, const char *second, Arena *arena);
/* Always false, as err_set. */
bool said_err(Err *err, Lang lang, SaidId id, const char *first, const char *second);

#endif
