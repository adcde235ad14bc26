/* en.md and ko.md: headings and what stands under them, by key (lesson.h). */
#include "app/lesson/lesson_read.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *key;
    const char *text; /* blank lines around it taken off */
    size_t line;      /* of the heading, from 1 */
} TextEntry;

struct LessonTexts {
    TextEntry *entry; /* sorted by key */
    size_t count;
    const char *file;
};

enum { HEADINGS_MOST = 2000, LEVELS = 4 };

typedef struct {
    Arena *arena;
    const char *file;
    LessonTexts *texts;
    size_t line;
    const char *part[LEVELS + 1]; /* the heading of each level that we are under; NULL: none */
    int hints;
    Buf body;
    const char *key; /* of the body */
    size_t begins;
    Err *err;
} Cutter;

/* ---- entries ---- */

/* Without blank lines before, and white space behind. */
static const char *trimmed(Arena *arena, const Buf *body) {
    const char *start = buf_cstr(body), *end = start + body->size;
    for (const char *at = start; at < end && strchr(" \t\n", *at); at++)
        if (*at == '\n')
            start = at + 1;
    while (end > start && strchr(" \t\n", end[-1]))
        end--;
    return arena_copy_bytes(arena, start, (size_t)(end - start));
}

static bool add_entry(Cutter *cutter, const char *key, const char *text, size_t line) {
    LessonTexts *texts = cutter->texts;
    if (texts->count == HEADINGS_MOST)
        return err_set(cutter->err, "%s: line %zu: more than %d headings", cutter->file, line,
                       HEADINGS_MOST);
    texts->entry[texts->count++] = (TextEntry){key, text, line};
    return true;
}

static bool end_body(Cutter *cutter) {
    const char *text = trimmed(cutter->arena, &cutter->body);
    buf_clear(&cutter->body);
    if (cutter->key)
        return add_entry(cutter, cutter->key, text, cutter->begins);
    return !*text || err_set(cutter->err,
                             "%s: line 1: expected the heading \"# Title\" before any "
                             "text",
                             cutter->file);
}

/* ---- headings ---- */

/* "## ID | Title": the id and the title in the arena; the title NULL where there is none. */
static void split_title(Arena *arena, const char *text, size_t size, const char **id,
                        const char **title) {
    const char *bar = memchr(text, '|', size);
    size_t id_size = bar ? (size_t)(bar - text) : size;
    Buf part = {0};
    buf_add(&part, text, id_size);
    *id = trimmed(arena, &part);
    *id += strspn(*id, " \t");
    buf_clear(&part);
    *title = NULL;
    if (bar) {
        buf_add(&part, bar + 1, size - id_size - 1);
        *title = trimmed(arena, &part);
        *title += strspn(*title, " \t");
    }
    buf_free(&part);
}

static const char *key_at(Cutter *cutter, int level) {
    const char *const *part = cutter->part;
    if (level == 2)
        return part[2];
    if (level == 3)
        return arena_printf(cutter->arena, "%s/%s", part[2], part[3]);
    const char *above = part[3] ? arena_printf(cutter->arena, "%s/%s", part[2], part[3]) : part[2];
    if (strcmp(part[4], "hint") == 0)
        return arena_printf(cutter->arena, "%s/hint %d", above, ++cutter->hints);
    return arena_printf(cutter->arena, "%s/%s", above, part[4]);
}

static bool heading_fail(Cutter *cutter, const char *what) {
    return err_set(cutter->err, "%s: line %zu: %s", cutter->file, cutter->line, what);
}

static bool take_first(Cutter *cutter, const char *text, size_t size) {
    const char *title, *rest;
    if (cutter->key)
        return heading_fail(cutter, "a second heading \"# …\"; a lesson has one title");
    split_title(cutter->arena, text, size, &title, &rest);
    cutter->key = "";
    cutter->begins = cutter->line;
    return (*title || heading_fail(cutter, "the title is empty")) &&
           add_entry(cutter, "#", arena_copy_bytes(cutter->arena, text, size), cutter->line);
}

static bool take_heading(Cutter *cutter, int level, const char *text, size_t size) {
    const char *title;
    if (!end_body(cutter))
        return false;
    if (level == 1)
        return take_first(cutter, text, size);
    if (!cutter->key)
        return heading_fail(cutter, "expected the heading \"# Title\" first");
    if (level > LEVELS)
        return heading_fail(cutter, "headings have at most four signs: ####");
    if (level > 2 && !cutter->part[2])
        return heading_fail(cutter, "this heading belongs under a \"## …\"");
    split_title(cutter->arena, text, size, &cutter->part[level], &title);
    if (!*cutter->part[level])
        return heading_fail(cutter, "the heading has no name");
    for (int deeper = level + 1; deeper <= LEVELS; deeper++)
        cutter->part[deeper] = NULL;
    if (level < 4)
        cutter->hints = 0;
    cutter->key = key_at(cutter, level);
    cutter->begins = cutter->line;
    if (!title)
        return true;
    if (level == 4)
        return heading_fail(cutter, "only scenes (##) and checks (###) have titles behind a \"|\"");
    return add_entry(cutter, arena_printf(cutter->arena, "#%s", cutter->key), title, cutter->line);
}

/* ---- the file ---- */

static int compare_entries(const void *a, const void *b) {
    const TextEntry *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

static bool sort_entries(Cutter *cutter) {
    LessonTexts *texts = cutter->texts;
    qsort(texts->entry, texts->count, sizeof *texts->entry, compare_entries);
    for (size_t i = 1; i < texts->count; i++)
        if (strcmp(texts->entry[i - 1].key, texts->entry[i].key) == 0)
            return err_set(cutter->err, "%s: line %zu: \"%s\" is there already, in line %zu",
                           cutter->file, texts->entry[i].line, texts->entry[i].key,
                           texts->entry[i - 1].line);
    return true;
}

static bool cut(Cutter *cutter, const char *text, size_t size) {
    for (size_t at = 0; at < size;) {
        const char *line = text + at, *end = memchr(line, '\n', size - at);
        size_t length = end ? (size_t)(end - line) : size - at;
        size_t level = 0;
        cutter->line++;
        while (level < length && line[level] == '#')
            level++;
        at += length + 1;
        if (length && line[length - 1] == '\r')
            length--;
        if (level && level < length && line[level] == ' ') {
            size_t skip = level + strspn(line + level, " ");
            if (!take_heading(cutter, (int)(level > 9 ? 9 : level), line + skip, length - skip))
                return false;
        } else {
            buf_add(&cutter->body, line, length);
            buf_char(&cutter->body, '\n');
        }
    }
    return end_body(cutter) && (cutter->key || heading_fail(cutter, "there is no \"# Title\"")) &&
           sort_entries(cutter);
}

/* What some editors put before the first line. */
static const char BYTE_ORDER_MARK[] = "\xEF\xBB\xBF";

LessonTexts *texts_parse(Arena *arena, const char *text, size_t size, const char *file, Err *err) {
    size_t mark = sizeof BYTE_ORDER_MARK - 1;
    if (size >= mark && memcmp(text, BYTE_ORDER_MARK, mark) == 0)
        return texts_parse(arena, text + mark, size - mark, file, err);
    LessonTexts *texts = ARENA_NEW(arena, LessonTexts);
    texts->entry = ARENA_NEW_N(arena, TextEntry, HEADINGS_MOST);
    texts->file = file;
    Cutter cutter = {.arena = arena, .file = file, .texts = texts, .err = err};
    bool done = cut(&cutter, arena_copy_bytes(arena, text, size), size);
    buf_free(&cutter.body);
    return done ? texts : NULL;
}

static const TextEntry *find_entry(const LessonTexts *texts, const char *key) {
    size_t from = 0, to = texts->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (strcmp(texts->entry[middle].key, key) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from < texts->count && strcmp(texts->entry[from].key, key) == 0 ? &texts->entry[from]
                                                                           : NULL;
}

const char *texts_find(const LessonTexts *texts, const char *key) {
    const TextEntry *entry = find_entry(texts, key);
    return entry ? entry->text : NULL;
}

size_t texts_count(const LessonTexts *texts) {
    return texts->count;
}

const char *texts_key(const LessonTexts *texts, size_t i) {
    return texts->entry[i].key;
}

size_t texts_line(const LessonTexts *texts, size_t i) {
    return texts->entry[i].line;
}

const char *texts_file(const LessonTexts *texts) {
    return texts->file;
}
