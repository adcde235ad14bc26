#include "app/views/common_found.h"

#include <stdlib.h>
#include <string.h>

enum { KIND_LIMITS = FOUND_CARDS + 1, KIND_EXTREMES, WORTH_KEEPING = 4096 };

void found_forget(Found *found) {
    for (int i = 0; i < FOUND_MOST; i++)
        free(found->entry[i].answer);
    *found = (Found){0};
}

static bool same_key(const FoundKey *a, const FoundKey *b) {
    return a->kind == b->kind && a->data == b->data && a->more == b->more &&
           a->origin == b->origin && a->row_step == b->row_step &&
           a->column_step == b->column_step && a->rows == b->rows && a->columns == b->columns &&
           a->down == b->down && a->across == b->across;
}

/* The answer of this key; a fresh one of `size` bytes in the place of the one longest not asked for. */
static void *answer_of(Found *found, const FoundKey *key, size_t size, bool *fresh) {
    int oldest = 0;
    found->clock++;
    *fresh = false;
    for (int i = 0; i < FOUND_MOST; i++) {
        if (found->entry[i].used > 0 && same_key(&found->entry[i].key, key)) {
            found->entry[i].used = found->clock;
            return found->entry[i].answer;
        }
        if (found->entry[i].used < found->entry[oldest].used)
            oldest = i;
    }
    *fresh = true;
    free(found->entry[oldest].answer);
    found->entry[oldest].answer = calloc(1, size > 0 ? size : 1);
    if (!found->entry[oldest].answer)
        abort(); /* small memory, as in arena.h */
    found->entry[oldest].key = *key;
    found->entry[oldest].used = found->clock;
    return found->entry[oldest].answer;
}

static FoundKey matrix_key(int kind, const Matrix *matrix) {
    return (FoundKey){.kind = kind,
                      .data = matrix->tensor.data,
                      .origin = matrix->origin,
                      .row_step = matrix->row_step,
                      .column_step = matrix->column_step,
                      .rows = matrix->rows,
                      .columns = matrix->columns};
}

typedef struct {
    bool any;
    double low, high;
} Limits;

bool found_limits(Found *found, const Matrix *matrix, double *low, double *high) {
    if (!found || matrix->rows * matrix->columns < WORTH_KEEPING)
        return matrix_limits(matrix, low, high);
    FoundKey key = matrix_key(KIND_LIMITS, matrix);
    bool fresh;
    Limits *limits = answer_of(found, &key, sizeof *limits, &fresh);
    if (fresh)
        limits->any = matrix_limits(matrix, &limits->low, &limits->high);
    *low = limits->any ? limits->low : *low;
    *high = limits->any ? limits->high : *high;
    return limits->any;
}

static size_t groups(size_t cells, size_t group) {
    return (cells + group - 1) / group;
}

static void find_extremes(const Matrix *matrix, size_t down, size_t across, size_t *cell) {
    for (size_t top = 0; top < matrix->rows; top += down)
        for (size_t left = 0; left < matrix->columns; left += across) {
            size_t row, column, bottom = top + down, right = left + across;
            MatrixBox box = {top, left, bottom < matrix->rows ? bottom : matrix->rows,
                             right < matrix->columns ? right : matrix->columns};
            matrix_extreme(matrix, box, &row, &column);
            *cell++ = row * matrix->columns + column;
        }
}

const size_t *found_extremes(Found *found, const Matrix *matrix, size_t down, size_t across) {
    if (!found || (down == 1 && across == 1))
        return NULL;
    FoundKey key = matrix_key(KIND_EXTREMES, matrix);
    key.down = down;
    key.across = across;
    size_t count = groups(matrix->rows, down) * groups(matrix->columns, across);
    bool fresh;
    size_t *cell = answer_of(found, &key, count * sizeof *cell, &fresh);
    if (fresh)
        find_extremes(matrix, down, across, cell);
    return cell;
}

int *found_words(Found *found, FoundWords kind, const TextMeasure *measure, const char *const *word,
                 const void *more, size_t words, size_t count, bool *fresh) {
    FoundKey key = {.kind = (int)kind, .data = word, .more = more, .rows = words, .columns = count};
    /* of another scale the widths are others, if only a little */
    float sample = text_width(measure, FONT_MONO, THEME_SIZE_LABEL, "mmmmmmmmmm");
    key.origin = (ptrdiff_t)(sample * 64);
    return answer_of(found, &key, count * sizeof(int), fresh);
}
