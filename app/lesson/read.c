/* Reading what was typed as an answer. */
#include "app/lesson/play_part.h"
#include "app/lesson/point.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    Play *play;
    const LessonCheck *check;
    const char *text; /* all that was typed, trimmed */
    Err *err;
} Reader;

static bool refuse(const Reader *reader, SaidId id, const char *second) {
    return said_err(reader->err, reader->play->lang, id, reader->text, second);
}

static const char *trimmed(const char *text, Arena *arena) {
    while (isspace((unsigned char)*text))
        text++;
    size_t size = strlen(text);
    while (size > 0 && isspace((unsigned char)text[size - 1]))
        size--;
    return arena_copy_bytes(arena, text, size);
}

/* ---- Numbers ------------------------------------------------------------------------------------ */

/* Whether its commas part thousands: “1,536”, where no three decimals are asked for, “1,234.5”. */
static bool has_thousands(const char *text, int digits) {
    const char *comma = strchr(text, ',');
    size_t before = comma ? strspn(text, "0123456789") : 0;
    if (before == 0 || before > 3 || text + before != comma || text[0] == '0')
        return false;
    for (; *comma == ','; comma += 4)
        if (strspn(comma + 1, "0123456789") != 3)
            return false;
    return *comma == '.' || (*comma == '\0' && digits != 3);
}

/* As C writes it: “−0,79 %” becomes "-0.79". */
static const char *plain_number(const char *text, int digits, Arena *arena) {
    static const struct {
        const char *from, *to;
    } signs[] = {{"−", "-"}, {"–", "-"}, {"∞", "inf"}, {"%", ""}, {" ", ""}, {"+", ""}};
    Buf out = {0};
    while (*text) {
        size_t i = 0, most = sizeof signs / sizeof *signs;
        while (i < most && strncmp(text, signs[i].from, strlen(signs[i].from)) != 0)
            i++;
        if (i == most) {
            buf_char(&out, *text++);
            continue;
        }
        buf_text(&out, signs[i].to);
        text += strlen(signs[i].from);
    }
    char *plain = arena_copy_text(arena, buf_cstr(&out)), *to = plain;
    bool thousands = has_thousands(plain + (plain[0] == '-'), digits);
    for (const char *c = plain; *c; c++)
        if (*c != ',' || !thousands)
            *to++ = *c == ',' ? '.' : *c;
    *to = '\0';
    buf_free(&out);
    return plain;
}

static bool read_number(const Reader *reader, Answer *answer) {
    const char *plain = plain_number(reader->text, reader->check->digits, &reader->play->arena);
    char *end;
    bool digits = strspn(plain, "+-.0123456789eE") == strlen(plain);
    bool named = strcasecmp(plain, "nan") == 0 || strcasecmp(plain, "inf") == 0 ||
                 strcasecmp(plain, "-inf") == 0;
    answer->number = strtod(plain, &end);
    if (!*plain || *end || (!digits && !named))
        return refuse(reader, SAID_WANT_NUMBER, NULL);
    if (strchr(reader->text, '%') && !reader->check->percent)
        answer->number /= 100;
    return true;
}

/* ---- Letters and orders ------------------------------------------------------------------------- */

/* "b", "B)" or "2": a place from 0; `most` where it is none. */
static size_t read_item(const char *text, size_t size, size_t most) {
    while (size > 0 && (text[size - 1] == ')' || text[size - 1] == '.'))
        size--;
    if (size == 1 && isalpha((unsigned char)*text)) {
        size_t item = (size_t)(tolower((unsigned char)*text) - 'a');
        return item < most ? item : most;
    }
    size_t item = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9' || item > most)
            return most;
        item = item * 10 + (size_t)(text[i] - '0');
    }
    return item >= 1 && item <= most ? item - 1 : most;
}

static bool read_letter(const Reader *reader, Answer *answer) {
    size_t most = reader->check->option_count;
    char last[2] = {(char)('a' + (int)most - 1), '\0'};
    answer->item = read_item(reader->text, strlen(reader->text), most);
    return answer->item < most || refuse(reader, SAID_WANT_LETTER, last);
}

/* "2 1 3", "2,1,3", "b a c", "213". */
static bool read_order(const Reader *reader, Answer *answer) {
    Arena *arena = &reader->play->arena;
    size_t most = reader->check->stage_count, count = 0;
    size_t *order = ARENA_NEW_N(arena, size_t, most);
    bool *taken = ARENA_NEW_N(arena, bool, most + 1);
    const char *text = reader->text, *between = " ,;\t";
    bool packed = strpbrk(text, between) == NULL;
    while (*text && count < most) {
        size_t size = packed ? 1 : strcspn(text, between);
        size_t item = read_item(text, size, most);
        if (item == most || taken[item])
            break;
        taken[item] = true;
        order[count++] = item;
        text += size;
        text += strspn(text, between);
    }
    answer->order = order;
    return (count == most && !*text) ||
           refuse(reader, SAID_WANT_ORDER, arena_printf(arena, "%zu", most));
}

/* ---- Places ------------------------------------------------------------------------------------- */

/* A token as it is typed: without the mark of a space or of a word's part. */
static const char *bare(const char *label) {
    static const char *const marks[] = {"·", "##", "▁"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t size = strlen(marks[i]);
        if (strncmp(label, marks[i], size) == 0 && label[size])
            return label + size;
    }
    return label;
}

static bool is_number(const char *text) {
    return *text && text[strspn(text, "0123456789")] == '\0' && strlen(text) < 10;
}

static const char *without_quotes(const char *word, Arena *arena) {
    static const char *const quotes[] = {"“", "”", "\""};
    Buf out = {0};
    while (*word) {
        size_t size = 0;
        for (size_t i = 0; i < sizeof quotes / sizeof *quotes && !size; i++)
            if (strncmp(word, quotes[i], strlen(quotes[i])) == 0)
                size = strlen(quotes[i]);
        if (!size)
            buf_char(&out, *word);
        word += size ? size : 1;
    }
    const char *text = arena_copy_text(arena, buf_cstr(&out));
    buf_free(&out);
    return text;
}

/* "Tom", "Tom#2" for the second one, or a position's number from 1. */
static bool read_token(const Reader *reader, const TraceText *text, const char *word,
                       size_t *position) {
    Arena *arena = &reader->play->arena;
    word = without_quotes(word, arena);
    const char *hash = strrchr(word, '#');
    size_t which = hash && hash != word && is_number(hash + 1) ? strtoul(hash + 1, NULL, 10) : 0;
    const char *name = which ? arena_copy_bytes(arena, word, (size_t)(hash - word)) : word;
    size_t found = 0;
    for (size_t i = 0; i < text->length; i++)
        if (strcmp(bare(text->label[i]), bare(name)) == 0 && (++found == which || found == 1))
            *position = i;
    if (found == 1 || (which >= 1 && which <= found))
        return true;
    if (found > 1 && !which)
        return said_err(reader->err, reader->play->lang, SAID_TWO_TOKENS, bare(name),
                        arena_printf(arena, "%zu", found));
    size_t number = is_number(word) ? strtoul(word, NULL, 10) : 0;
    *position = number - 1;
    return (number >= 1 && number <= text->length) ||
           said_err(reader->err, reader->play->lang, SAID_WANT_TOKEN, word, NULL);
}

/* "query … key …" */
static const char *cell_shape(const Reader *reader, const Node *node) {
    Arena *arena = &reader->play->arena;
    const char *shape = "";
    for (int axis = 0; axis < node->rank; axis++)
        if (point_has_axis(reader->check, node, axis) && !axis_is_head(node->axis[axis]))
            shape = arena_printf(arena, "%s%s%s …", shape, shape[0] ? " " : "",
                                 said_axis(reader->play->lang, node->axis[axis]));
    return shape;
}

static int axis_called(const Node *node, const char *word) {
    for (int axis = 0; axis < node->rank; axis++)
        if (strcmp(word, said_axis(LANG_EN, node->axis[axis])) == 0 ||
            strcmp(word, said_axis(LANG_KO, node->axis[axis])) == 0)
            return axis;
    return -1;
}

static bool read_axis(const Reader *reader, int record, int axis, const char *word, size_t *index) {
    const Trace *trace = reader->play->trace;
    const TraceText *text = trace_text(trace, record, axis);
    const Node *node = &trace->graph.node[record];
    if (text)
        return read_token(reader, text, word, index);
    *index = is_number(word) ? strtoul(word, NULL, 10) : node->dim[axis];
    return *index < node->dim[axis] || refuse(reader, SAID_WANT_CELL, cell_shape(reader, node));
}

/* Words with an axis's name before them are its; the others go to the axes in their order. */
static bool read_place(const Reader *reader, Answer *answer) {
    Arena *arena = &reader->play->arena;
    const Node *node = &reader->play->trace->graph.node[answer->node];
    bool has[TENSOR_RANK] = {false};
    char *rest = arena_copy_text(arena, reader->text), *word;
    int named = -1;
    while ((word = strtok_r(rest, " ,\t", &rest))) {
        int axis = named;
        if (named < 0 && (named = axis_called(node, word)) >= 0)
            continue;
        named = -1;
        for (int i = 0; axis < 0 && i < node->rank; i++)
            if (!has[i] && point_has_axis(reader->check, node, i) && !axis_is_head(node->axis[i]))
                axis = i;
        if (axis < 0)
            return refuse(reader, SAID_WANT_CELL, cell_shape(reader, node));
        if (!read_axis(reader, answer->node, axis, word, &answer->index[axis]))
            return false;
        has[axis] = true;
    }
    for (int i = 0; i < node->rank; i++)
        if (!has[i] && point_has_axis(reader->check, node, i) && !axis_is_head(node->axis[i]))
            return refuse(reader, SAID_WANT_CELL, cell_shape(reader, node));
    return true;
}

static bool read_head(const Reader *reader, Answer *answer) {
    size_t most = reader->play->model->config.n_heads;
    const char *number = strrchr(reader->text, ' ');
    number = number ? number + 1 : reader->text;
    answer->place = is_number(number) ? strtoul(number, NULL, 10) : most;
    return answer->place < most ||
           refuse(reader, SAID_WANT_HEAD, arena_printf(&reader->play->arena, "%zu", most - 1));
}

/* A name, or so much of it that it is the only one. */
static bool read_stage(const Reader *reader, Answer *answer) {
    const Trace *trace = reader->play->trace;
    int found = trace_find(trace, reader->text), count = found >= 0;
    for (int i = 0; found < 0 && *reader->text && i < trace->graph.count; i++)
        if (strstr(trace->graph.node[i].name, reader->text)) {
            answer->node = i;
            count++;
        }
    if (found >= 0)
        answer->node = found;
    return count == 1 ||
           refuse(reader, SAID_WANT_STAGE, trace->graph.node[trace->graph.count / 2].name);
}

static bool read_point(const Reader *reader, Answer *answer) {
    const TraceText *text = &reader->play->trace->own;
    if (!point_first(reader->play, reader->check, answer, reader->err))
        return false;
    switch (reader->check->at) {
    case POINT_HEAD: return read_head(reader, answer);
    case POINT_TOKEN: return read_token(reader, text, reader->text, &answer->place);
    case POINT_STAGE: return read_stage(reader, answer);
    default: return read_place(reader, answer);
    }
}

bool play_read_answer(Play *play, size_t at, const char *text, Answer *answer, Err *err) {
    const LessonCheck *check = &play_scene_now(play)->check[at];
    Reader reader = {play, check, trimmed(text, &play->arena), err};
    *answer = (Answer){.node = 0};
    if (!play->trace)
        return said_err(err, play->lang, SAID_NOT_READY, NULL, NULL);
    switch (check->kind) {
    case CHECK_FILL: return read_number(&reader, answer);
    case CHECK_CHOOSE: return read_letter(&reader, answer);
    case CHECK_ORDER: return read_order(&reader, answer);
    case CHECK_POINT: return read_point(&reader, answer);
    case CHECK_MAKE: return true;
    }
    return false;
}
