#include "engine/base/near.h"

#include "engine/base/arena.h"

#include <stdint.h>
#include <string.h>

enum { LONGEST = 200 }; /* letters that are compared */

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Insertions, deletions and replacements that turn one word into the other. */
static size_t distance(const char *a, const char *b) {
    size_t before[LONGEST + 1], row[LONGEST + 1];
    size_t n = strnlen(a, LONGEST), m = strnlen(b, LONGEST);
    for (size_t j = 0; j <= m; j++)
        before[j] = j;
    for (size_t i = 1; i <= n; i++) {
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t replaced = before[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least(replaced, 1 + least(before[j], row[j - 1]));
        }
        memcpy(before, row, (m + 1) * sizeof *row);
    }
    return before[m];
}

/* SIZE_MAX: not near at all. */
static size_t rate(const char *word, const char *name) {
    size_t longer = strlen(name) > strlen(word) ? strlen(name) : strlen(word);
    size_t changes = distance(word, name);
    if (*word && strstr(name, word))
        return changes / 4;
    return changes * 2 <= longer ? changes : SIZE_MAX;
}

size_t near_names(const char *word, const char *const *names, size_t count, size_t most,
                  Buf *text) {
    Arena arena = {0};
    size_t *rating = ARENA_NEW_N(&arena, size_t, count), shown = 0;
    for (size_t i = 0; i < count; i++)
        rating[i] = rate(word, names[i]);
    for (; shown < most; shown++) {
        size_t best = 0;
        for (size_t i = 1; i < count; i++)
            best = rating[i] < rating[best] ? i : best;
        if (count == 0 || rating[best] == SIZE_MAX)
            break;
        buf_printf(text, shown ? ", %s" : "%s", names[best]);
        rating[best] = SIZE_MAX;
    }
    arena_free(&arena);
    return shown;
}
