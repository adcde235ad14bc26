#define PCRE2_CODE_UNIT_WIDTH 8
#include "engine/text/pattern.h"

#include "engine/base/buf.h"
#include "engine/base/utf8.h"

#include <pcre2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MOST_SOURCE_BYTES ((size_t)64 * 1024)
#define MATCH_LIMIT 1000000
#define HEAP_LIMIT_KIB ((uint32_t)64 * 1024)

/* GPT-2's expression takes about 20 steps a word, and newer ones fewer than 50. */
#define STEPS_AT_LEAST 100000
#define STEPS_PER_BYTE 1000

struct Pattern {
    pcre2_code *code;
    const char *where;
};

static bool set_up_compile(pcre2_compile_context *context) {
    return context && pcre2_set_max_pattern_length(context, MOST_SOURCE_BYTES) == 0 &&
           pcre2_set_newline(context, PCRE2_NEWLINE_LF) == 0;
}

Pattern *pattern_new(const char *source, const char *where, Arena *arena, Err *err) {
    if (strstr(source, "&&")) {
        err_set(err, "%s: the intersection of sets (\"&&\") is not read by this build", where);
        return NULL;
    }
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (!set_up_compile(context))
        abort();
    int code;
    PCRE2_SIZE at;
    Pattern *pattern = ARENA_NEW(arena, Pattern);
    pattern->where = where;
    /* Every step calls out, so that the steps of a whole search can be counted: PCRE2's own match
     * limit starts again at every place where a match may begin. */
    pattern->code = pcre2_compile((PCRE2_SPTR)source, strlen(source),
                                  PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_AUTO_CALLOUT |
                                      PCRE2_NEVER_BACKSLASH_C,
                                  &code, &at, context);
    pcre2_compile_context_free(context);
    if (pattern->code)
        return pattern;
    char reason[256];
    pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof reason);
    err_set(err, "%s: the regular expression is wrong at byte %zu: %s", where, at, reason);
    return NULL;
}

void pattern_free(Pattern *pattern) {
    if (pattern)
        pcre2_code_free(pattern->code);
}

typedef struct {
    pcre2_match_context *context;
    pcre2_match_data *data;
    size_t steps_left;
} Search;

static int count_step(pcre2_callout_block *block, void *user) {
    (void)block;
    Search *search = user;
    if (search->steps_left == 0)
        return PCRE2_ERROR_MATCHLIMIT;
    search->steps_left--;
    return 0;
}

static void search_start(Search *search, const Pattern *pattern, size_t size) {
    search->context = pcre2_match_context_create(NULL);
    search->data = pcre2_match_data_create_from_pattern(pattern->code, NULL);
    if (!search->context || !search->data)
        abort();
    search->steps_left = STEPS_AT_LEAST + STEPS_PER_BYTE * size;
    pcre2_set_match_limit(search->context, MATCH_LIMIT);
    pcre2_set_heap_limit(search->context, HEAP_LIMIT_KIB);
    pcre2_set_callout(search->context, count_step, search);
}

static void search_end(Search *search) {
    pcre2_match_data_free(search->data);
    pcre2_match_context_free(search->context);
}

static bool say_why(const Pattern *pattern, int code, Err *err) {
    if (code == PCRE2_ERROR_MATCHLIMIT || code == PCRE2_ERROR_HEAPLIMIT ||
        code == PCRE2_ERROR_DEPTHLIMIT)
        return err_set(err, "%s: the regular expression takes too many steps on this text",
                       pattern->where);
    char reason[256];
    pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof reason);
    return err_set(err, "%s: the regular expression fails on this text: %s", pattern->where,
                   reason);
}

/* An empty match is no progress: the next search starts one character on. An empty match right
 * behind the last one is none. */
static bool find_from(const Pattern *pattern, Search *search, const char *text, size_t size,
                      Buf *spans, Err *err) {
    size_t at = 0, last_end = SIZE_MAX;
    while (at <= size) {
        int code = pcre2_match(pattern->code, (PCRE2_SPTR)text, size, at, PCRE2_NO_UTF_CHECK,
                               search->data, search->context);
        if (code == PCRE2_ERROR_NOMATCH)
            return true;
        if (code < 0)
            return say_why(pattern, code, err);
        const PCRE2_SIZE *found = pcre2_get_ovector_pointer(search->data);
        TokSpan span = {found[0], found[1]};
        if (span.start < at || span.end < span.start)
            return err_set(err, "%s: the regular expression moves the start of a match (\\K)",
                           pattern->where);
        bool empty = span.start == span.end;
        if (!empty || span.start != last_end)
            buf_add(spans, &span, sizeof span);
        at = last_end = span.end;
        if (empty)
            at += at < size ? utf8_next(text + at, size - at).size : 1;
    }
    return true;
}

bool pattern_find_all(const Pattern *pattern, const char *text, size_t size, Arena *arena,
                      TokSpan **found, size_t *count, Err *err) {
    Search search;
    Buf spans = {0};
    search_start(&search, pattern, size);
    bool good = find_from(pattern, &search, text, size, &spans, err);
    search_end(&search);
    *count = spans.size / sizeof(TokSpan);
    *found = (void *)arena_copy_bytes(arena, spans.bytes, spans.size);
    buf_free(&spans);
    return good;
}
