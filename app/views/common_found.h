/* common_found: what the pictures of a trace have found out already, so that a frame need not look
 * at millions of numbers, or measure thousands of words, again.
 *
 * The numbers of a finished trace never change; the program forgets what was found (found_forget)
 * when another one takes its place. What was not asked for lately makes room for what is new. */
#ifndef VIEWS_COMMON_FOUND_H
#define VIEWS_COMMON_FOUND_H

#include "app/ui/text.h"
#include "app/ui/theme.h"
#include "app/views/common_matrix.h"

typedef struct {
    int kind;
    const void *data, *more;
    ptrdiff_t origin, row_step, column_step;
    size_t rows, columns, down, across;
} FoundKey;

enum { FOUND_MOST = 24 };
typedef struct {
    struct {
        FoundKey key;
        uint64_t used; /* when; 0: empty */
        void *answer;
    } entry[FOUND_MOST];
    uint64_t clock;
} Found; /* a zeroed one is empty */

void found_forget(Found *found);

/* matrix_limits, looked for once. `found` may be NULL. */
bool found_limits(Found *found, const Matrix *matrix, double *low, double *high);

/* Of each group of down × across cells the one that stands for it (matrix_extreme), as
 * row × columns + column; a line of groups after the other. NULL where `found` is. Valid for a
 * frame. */
const size_t *found_extremes(Found *found, const Matrix *matrix, size_t down, size_t across);

/* Whole numbers about a list of words of which `first` is the first, such as their widths: `count` of
 * them, which the caller fills in where they are `fresh`. Valid for a frame. */
typedef enum { FOUND_LONGEST, FOUND_CHIPS, FOUND_CARDS } FoundWords;
int *found_words(Found *found, FoundWords kind, const TextMeasure *measure, const char *const *word,
                 const void *more, size_t words, size_t count, bool *fresh);

#endif
