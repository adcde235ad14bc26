/* lesson_examine: whatever the seed, the worksheet can be made. */
#include "app/lesson/examine_part.h"
#include "app/lesson/worksheet.h"

#include <string.h>

enum { SEEDS = 60 };

/* The window's words for stages and places stand above this room, and don't matter here. */
static const char *stage_name(const Node *node) {
    return node->name;
}
static const char *nowhere(Arena *arena, const Node *node, long head) {
    (void)arena;
    (void)node;
    (void)head;
    return "";
}
static const char *place_number(Arena *arena, const Trace *trace, const Model *model, int node,
                                int axis, size_t index) {
    (void)trace;
    (void)model;
    (void)node;
    (void)axis;
    return arena_printf(arena, "%zu", index);
}

static bool try_seed(Examine *examine, Lang lang, uint64_t seed, Err *err) {
    static const WorksheetWords words = {stage_name, nowhere, place_number};
    Arena arena = {0};
    Worksheet worksheet;
    bool made = worksheet_make(examine->lesson, examine->runs, lang, seed, &words, &arena,
                               &worksheet, err);
    arena_free(&arena);
    lesson_runs_trim(examine->runs);
    return made;
}

/* "lessons/03: worksheet: …" is told with its file. */
static void tell_fault(Examine *examine, uint64_t seed, const char *why) {
    size_t folder = strlen(examine->lesson->folder);
    Err err;
    if (strncmp(why, examine->lesson->folder, folder) == 0)
        why += folder;
    err_set(&err, "%s/lesson.json%s (with seed %llu)", examine->lesson->folder, why,
            (unsigned long long)seed);
    examine->fault(examine->user, err.text);
    examine->faults++;
}

void examine_sheet(Examine *examine) {
    Err why;
    if (examine->lesson->sheet.question_count == 0)
        return;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        for (int lang = 0; lang < LANG_COUNT; lang++)
            if (!try_seed(examine, (Lang)lang, seed, &why)) {
                tell_fault(examine, seed, why.text);
                return;
            }
}
