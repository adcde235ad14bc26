#include "app/lesson/worksheet.h"

#include "app/lesson/text.h"
#include "app/lesson/worksheet_part.h"
#include "app/ui/text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- words of its own ---- */

typedef enum {
    LINE_SHEET,
    LINE_KEY,
    LINE_NAME,
    LINE_DATE,
    LINE_PAGE,
    LINE_SEED,
    LINE_ANSWER,
    LINE_READS,
    LINE_ROUNDED,
    LINE_TEACHER,
    LINE_COUNT
} Line;

static const char *const LINES[LINE_COUNT][LANG_COUNT] = {
    [LINE_SHEET] = {"Worksheet", "학습지"},
    [LINE_KEY] = {"Key to the worksheet", "학습지 정답과 풀이"},
    [LINE_NAME] = {"Name", "이름"},
    [LINE_DATE] = {"Date", "날짜"},
    [LINE_PAGE] = {"page {0} of {1}", "{1}쪽 중 {0}쪽"},
    [LINE_SEED] = {"seed", "시드"},
    [LINE_ANSWER] = {"Answer:", "답:"},
    [LINE_READS] = {"The model {0} reads:", "{0} 모델이 읽는 글:"},
    [LINE_ROUNDED] =
        {"The model’s own numbers, rounded only for print: who computes with the numbers "
         "on the sheet may get slightly different last digits.",
         "모델이 계산한 값을 인쇄할 때만 반올림했습니다. 학습지에 적힌 수로 계산하면 "
         "마지막 자리가 조금 다를 수 있습니다."},
    [LINE_TEACHER] = {"For the teacher", "교사용 안내"},
};

static const char *line(const Drawing *drawing, Line which) {
    return LINES[which][drawing->lang];
}

/* ---- blocks ---- */

/* Blocks of a part, one list for the sheet and one for the key. */
typedef struct {
    SheetBlock *block;
    size_t count, capacity;
} Blocks;

static void add(const Drawing *drawing, Blocks *blocks, SheetBlock block) {
    if (blocks->count == blocks->capacity) {
        size_t capacity = blocks->capacity ? 2 * blocks->capacity : 16;
        SheetBlock *more = ARENA_NEW_N(drawing->arena, SheetBlock, capacity);
        if (blocks->count > 0)
            memcpy(more, blocks->block, blocks->count * sizeof *more);
        blocks->block = more;
        blocks->capacity = capacity;
    }
    blocks->block[blocks->count++] = block;
}

static SheetSpan *one_span(const Drawing *drawing, SheetFont font, const char *text) {
    SheetSpan *span = ARENA_NEW(drawing->arena, SheetSpan);
    *span = (SheetSpan){font, ROLE_NONE, text};
    return span;
}

static void add_line(const Drawing *drawing, Blocks *blocks, SheetFont font, const char *text,
                     bool solution) {
    add(drawing, blocks,
        (SheetBlock){.kind = SHEET_PARAGRAPH,
                     .span = one_span(drawing, font, text),
                     .count = 1,
                     .solution = solution});
}

static SheetSpan span_of(const LessonSpan *from) {
    static const SheetFont fonts[] = {
        [SPAN_TEXT] = SHEET_PLAIN, [SPAN_BOLD] = SHEET_BOLD,  [SPAN_CODE] = SHEET_MONO,
        [SPAN_VALUE] = SHEET_MONO, [SPAN_TOKEN] = SHEET_MONO, [SPAN_FORMULA] = SHEET_FORMULA,
    };
    return (SheetSpan){fonts[from->kind], from->role, from->text};
}

static void add_body(const Drawing *drawing, Blocks *blocks, const LessonBody *body,
                     bool solution) {
    for (size_t i = 0; i < body->count; i++) {
        const LessonParagraph *from = &body->paragraph[i];
        SheetSpan *span = ARENA_NEW_N(drawing->arena, SheetSpan, from->span_count);
        for (size_t j = 0; j < from->span_count; j++)
            span[j] = span_of(&from->span[j]);
        add(drawing, blocks,
            (SheetBlock){.kind = from->bullet ? SHEET_BULLET : SHEET_PARAGRAPH,
                         .span = span,
                         .count = from->span_count,
                         .solution = solution});
    }
}

static bool add_text(const Drawing *drawing, Blocks *blocks, const char *key, bool solution,
                     Err *err) {
    const char *text = lesson_text(drawing->lesson, drawing->lang, key);
    LessonBody body;
    if (!text)
        return true;
    if (!markup_render(text, &drawing->scope, drawing->arena, &body, err))
        return err_prefix(err, "%s.md: %s", lang_code(drawing->lang), key);
    add_body(drawing, blocks, &body, solution);
    return true;
}

static void add_reading(const Drawing *drawing, Blocks *blocks) {
    const TraceText *own = &drawing->scope.main.trace->own;
    const char *words = line(drawing, LINE_READS), *hole = strstr(words, "{0}");
    SheetSpan *span = ARENA_NEW_N(drawing->arena, SheetSpan, 3);
    span[0].text = arena_copy_bytes(drawing->arena, words, (size_t)(hole - words));
    span[1] = (SheetSpan){SHEET_MONO, ROLE_NONE, drawing->scope.main.trace->model};
    span[2].text = hole + 3;
    add(drawing, blocks, (SheetBlock){.kind = SHEET_PARAGRAPH, .span = span, .count = 3});
    add(drawing, blocks,
        (SheetBlock){
            .kind = SHEET_TOKENS, .token = (const char *const *)own->label, .count = own->length});
}

/* ---- questions ---- */

/* A question as it stands on the sheet, and on the key. */
typedef struct {
    Blocks sheet, key;
} Pair;

static void add_both(const Drawing *drawing, Pair *pair, SheetBlock block) {
    add(drawing, &pair->sheet, block);
    add(drawing, &pair->key, block);
}

static bool add_matrices(const Drawing *drawing, const LessonQuestion *question, Pair *pair,
                         Err *err) {
    SheetMatrix *matrix = ARENA_NEW_N(drawing->arena, SheetMatrix, question->matrix_count);
    for (size_t i = 0; i < question->matrix_count; i++) {
        if (!worksheet_matrix(drawing, question, i, &matrix[i], err))
            return false;
        add_both(drawing, pair, (SheetBlock){.kind = SHEET_MATRIX, .matrix = &matrix[i]});
    }
    return worksheet_check_blanks(drawing, question, err);
}

/* "0.12", or of a vector "0.12, −∞". What is whole by its nature (a count) has no decimals. */
static const char *value_text(const Drawing *drawing, const ExprValue *value, int digits) {
    Buf text = {0};
    for (size_t i = 0; i < value->count; i++) {
        double number = value->value[i];
        bool whole = number == round(number);
        buf_printf(&text, i ? ", %s" : "%s",
                   text_number(drawing->arena, number, whole ? 0 : digits));
    }
    const char *copy = arena_copy_text(drawing->arena, buf_cstr(&text));
    buf_free(&text);
    return copy;
}

static bool add_ask(const Drawing *drawing, const LessonQuestion *question, Pair *pair, Err *err) {
    ExprValue value;
    if (!question->ask)
        return true;
    if (!expr_eval(question->ask, &drawing->scope, drawing->arena, &value, err))
        return err_prefix(err, "ask");
    SheetBlock answer = {.kind = SHEET_ANSWER,
                         .span = one_span(drawing, SHEET_PLAIN, line(drawing, LINE_ANSWER)),
                         .count = 1};
    add(drawing, &pair->sheet, answer);
    answer.answer = value_text(drawing, &value, question->digits);
    add(drawing, &pair->key, answer);
    return true;
}

static bool draws_prompt(const LessonQuestion *question) {
    for (size_t i = 0; i < question->draw_count; i++)
        if (strcmp(question->draw[i].name, "prompt") == 0)
            return true;
    return false;
}

static bool make_question(Drawing *drawing, const LessonQuestion *question, Pair *pair, Err *err) {
    const char *key = arena_printf(drawing->arena, "worksheet %s", question->id);
    const char *answer = arena_printf(drawing->arena, "worksheet %s/answer", question->id);
    if (!drawing_more(drawing, question->draw, question->draw_count, err))
        return false;
    if (draws_prompt(question)) {
        add_reading(drawing, &pair->sheet);
        add_reading(drawing, &pair->key);
    }
    if (!add_text(drawing, &pair->sheet, key, false, err) ||
        !add_text(drawing, &pair->key, key, false, err) ||
        !add_matrices(drawing, question, pair, err) || !add_ask(drawing, question, pair, err))
        return false;
    if (question->lines > 0)
        add(drawing, &pair->sheet,
            (SheetBlock){.kind = SHEET_RULED, .count = (size_t)question->lines});
    return add_text(drawing, &pair->key, answer, true, err);
}

/* ---- the whole ---- */

static void start(Drawing *drawing, const Lesson *lesson) {
    drawing->run = lesson->run;
    drawing->scope = (ExprScope){.role = lesson->role,
                                 .role_count = lesson->role_count,
                                 .let = lesson->let,
                                 .let_count = lesson->let_count};
}

/* What is drawn for a question is its own: the next one begins with what the sheet has drawn. */
static bool make_questions(const Drawing *sheet, SheetPart *on_sheet, SheetPart *on_key, Err *err) {
    const LessonSheet *questions = &sheet->lesson->sheet;
    uint64_t state = sheet->state;
    for (size_t i = 0; i < questions->question_count; i++) {
        const LessonQuestion *question = &questions->question[i];
        Drawing drawing = *sheet;
        Pair pair = {0};
        drawing.state = state;
        if (!drawing_look(&drawing, err) || !make_question(&drawing, question, &pair, err))
            return err_prefix(err, "%s: worksheet: %s", sheet->lesson->folder, question->id);
        const char *number = arena_printf(sheet->arena, "%zu", i + 1);
        on_sheet[i] = (SheetPart){number, pair.sheet.block, pair.sheet.count};
        on_key[i] = (SheetPart){number, pair.key.block, pair.key.count};
        state = drawing.state;
    }
    return true;
}

/* Whether a question is asked of the sheet's own text. */
static bool shares_text(const Lesson *lesson) {
    for (size_t i = 0; i < lesson->sheet.question_count; i++)
        if (!draws_prompt(&lesson->sheet.question[i]))
            return true;
    return false;
}

static void make_first(const Drawing *drawing, SheetPart *on_sheet, SheetPart *on_key) {
    Blocks sheet = {0}, key = {0};
    if (shares_text(drawing->lesson)) {
        add_reading(drawing, &sheet);
        add_reading(drawing, &key);
    }
    add_line(drawing, &key, SHEET_PLAIN, line(drawing, LINE_ROUNDED), true);
    *on_sheet = (SheetPart){NULL, sheet.block, sheet.count};
    *on_key = (SheetPart){NULL, key.block, key.count};
}

static bool make_last(const Drawing *drawing, SheetPart *on_key, Err *err) {
    Blocks key = {0};
    add_line(drawing, &key, SHEET_BOLD, line(drawing, LINE_TEACHER), true);
    if (!add_text(drawing, &key, "teacher", false, err))
        return err_prefix(err, "%s", drawing->lesson->folder);
    *on_key = (SheetPart){NULL, key.block, key.count};
    return true;
}

static SheetDoc document(const Drawing *drawing, bool key, uint64_t seed, const SheetPart *part,
                         size_t count) {
    const char *title = lesson_text(drawing->lesson, drawing->lang, "#");
    return (SheetDoc){.kind = line(drawing, key ? LINE_KEY : LINE_SHEET),
                      .title = title,
                      .blank = {key ? NULL : line(drawing, LINE_NAME), line(drawing, LINE_DATE)},
                      .footer = arena_printf(drawing->arena,
                                             "%s · %s %" PRIu64 " · attnscope " ATTNSCOPE_VERSION,
                                             title, line(drawing, LINE_SEED), seed),
                      .page = line(drawing, LINE_PAGE),
                      .key = key,
                      .part = part,
                      .count = count};
}

bool worksheet_make(const Lesson *lesson, LessonRuns *runs, Lang lang, uint64_t seed,
                    const WorksheetWords *words, Arena *arena, Worksheet *worksheet, Err *err) {
    Drawing drawing = {.lesson = lesson,
                       .runs = runs,
                       .lang = lang,
                       .words = words,
                       .arena = arena,
                       .state = seed};
    size_t count = lesson->sheet.question_count;
    SheetPart *on_sheet = ARENA_NEW_N(arena, SheetPart, count + 1);
    SheetPart *on_key = ARENA_NEW_N(arena, SheetPart, count + 2);
    if (count == 0)
        return err_set(err, "%s: has no worksheet", lesson->folder);
    start(&drawing, lesson);
    if (!drawing_look(&drawing, err) ||
        !drawing_more(&drawing, lesson->sheet.draw, lesson->sheet.draw_count, err))
        return err_prefix(err, "%s: worksheet", lesson->folder);
    make_first(&drawing, on_sheet, on_key);
    if (!make_questions(&drawing, on_sheet + 1, on_key + 1, err) ||
        !make_last(&drawing, on_key + count + 1, err))
        return false;
    *worksheet = (Worksheet){document(&drawing, false, seed, on_sheet, count + 1),
                             document(&drawing, true, seed, on_key, count + 2), drawing.run.model,
                             drawing.run.prompt};
    return true;
}
