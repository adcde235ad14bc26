#include "app/lesson/text.h"

#include "app/ui/formula.h"
#include "app/ui/particle.h"
#include "engine/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* How a stretch of text is set. */
typedef struct {
    SpanKind kind; /* SPAN_TEXT or SPAN_BOLD */
    Role role;
    bool link;
    CellRange to;
} Style;

typedef struct {
    const char *text;       /* the whole markup, for the line of an error */
    const ExprScope *scope; /* NULL: it is only checked */
    MarkupVisit *visit;     /* … with this, which may be NULL */
    void *user;
    Arena *arena;
    Err *err;
    LessonSpan *span; /* of the paragraph in hand */
    size_t span_count, span_capacity;
    Buf pending; /* plain text that is no span yet */
    Buf said;    /* the paragraph so far, as a reader hears it: for particles */
    LessonParagraph *paragraph;
    size_t count, capacity;
} Markup;

static bool fault(const Markup *m, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool fault(const Markup *m, const char *at, const char *format, ...) {
    char room[256];
    va_list args;
    va_start(args, format);
    vsnprintf(room, sizeof room, format, args);
    va_end(args);
    size_t line = 1;
    for (const char *c = m->text; c < at; c++)
        line += *c == '\n';
    return err_set(m->err, "line %zu: %s", line, room);
}

static bool fault_before(const Markup *m, const char *at) {
    char room[ERR_TEXT_SIZE];
    memcpy(room, m->err->text, sizeof room);
    return fault(m, at, "%.240s", room);
}

/* ---- Spans and paragraphs ----------------------------------------------------------------------- */

static void add_span(Markup *m, SpanKind kind, const Style *style, const char *text) {
    if (m->span_count == m->span_capacity) {
        size_t larger = m->span_capacity ? m->span_capacity * 2 : 8;
        LessonSpan *span = ARENA_NEW_N(m->arena, LessonSpan, larger);
        if (m->span_count)
            memcpy(span, m->span, m->span_count * sizeof *span);
        m->span = span;
        m->span_capacity = larger;
    }
    m->span[m->span_count++] = (LessonSpan){kind, text, style->role, style->link, style->to};
}

static void flush(Markup *m, const Style *style) {
    if (m->pending.size == 0)
        return;
    add_span(m, style->kind, style, arena_copy_text(m->arena, buf_cstr(&m->pending)));
    buf_add(&m->said, m->pending.bytes, m->pending.size);
    buf_clear(&m->pending);
}

static void put(Markup *m, SpanKind kind, const Style *style, const char *text) {
    flush(m, style);
    add_span(m, kind, style, text);
    if (kind == SPAN_FORMULA)
        formula_plain(text, &m->said);
    else
        buf_text(&m->said, text);
}

static void end_paragraph(Markup *m, bool bullet) {
    if (m->count == m->capacity) {
        size_t larger = m->capacity ? m->capacity * 2 : 8;
        LessonParagraph *paragraph = ARENA_NEW_N(m->arena, LessonParagraph, larger);
        if (m->count)
            memcpy(paragraph, m->paragraph, m->count * sizeof *paragraph);
        m->paragraph = paragraph;
        m->capacity = larger;
    }
    m->paragraph[m->count++] = (LessonParagraph){bullet, m->span, m->span_count};
    m->span = NULL;
    m->span_count = m->span_capacity = 0;
    buf_clear(&m->said);
}

#define HIDDEN "?"

/* ---- Values ------------------------------------------------------------------------------------- */

static bool is_share(const Expr *expr, const ExprScope *scope) {
    CellRange cell;
    Err none;
    return expr_is_cells(expr) && scope->main.trace && expr_cells(expr, scope, &cell, &none) &&
           node_is_share(&scope->main.trace->graph.node[cell.node]);
}

static bool put_value(Markup *m, const Style *style, const Expr *expr, const ValueFormat *format) {
    ExprValue value;
    if (m->scope->hides && m->scope->hides(m->scope->user, expr)) {
        put(m, SPAN_VALUE, style, HIDDEN);
        return true;
    }
    if (!expr_eval(expr, m->scope, m->arena, &value, m->err))
        return false;
    bool share = is_share(expr, m->scope);
    Buf list = {0};
    for (size_t i = 0; i < value.count; i++)
        buf_printf(&list, "%s%s", i ? ", " : "",
                   value_shown(m->arena, format, share, value.value[i]));
    put(m, SPAN_VALUE, style, arena_copy_text(m->arena, buf_cstr(&list)));
    buf_free(&list);
    return true;
}

static bool put_token(Markup *m, const Style *style, const Expr *expr, bool piece) {
    const ExprRun *run = &m->scope->main;
    if (!run->trace)
        return false;
    if (m->scope->hides && m->scope->hides(m->scope->user, expr)) {
        put(m, SPAN_TOKEN, style, HIDDEN);
        return true;
    }
    size_t most = piece ? run->model->config.n_vocab : run->trace->own.length, index;
    if (!expr_index(expr, m->scope, most, piece ? "a piece" : "a token", &index, m->err))
        return false;
    put(m, SPAN_TOKEN, style,
        piece ? piece_quoted(run->model, index, m->arena)
              : label_quoted(run->trace->own.label[index], m->arena));
    return true;
}

/* ---- Items: what stands in braces, backticks, dollars ------------------------------------------- */

/* Behind the quotation that begins at `at`. */
static const char *skip_quoted(const char *at, const char *to) {
    const char *end = memchr(at + 1, '\'', (size_t)(to - at - 1));
    return end ? end + 1 : to;
}

/* The closing brace of the one at `at`; NULL: there is none. */
static const char *brace_end(const char *at, const char *to) {
    for (at++; at < to; at = *at == '\'' ? skip_quoted(at, to) : at + 1)
        if (*at == '}')
            return at;
    return NULL;
}

/* The colon before a format: outside brackets and quotations; NULL: there is none. */
static const char *format_colon(const char *at, const char *to) {
    const char *colon = NULL;
    int depth = 0;
    for (; at < to; at = *at == '\'' ? skip_quoted(at, to) : at + 1) {
        depth += (*at == '[' || *at == '(') - (*at == ']' || *at == ')');
        if (*at == ':' && depth == 0)
            colon = at;
    }
    return colon;
}

static Expr *parse(Markup *m, const char *from, const char *to, bool is_link) {
    Expr *expr = expr_parse(m->arena, from, (size_t)(to - from), m->err);
    if (!expr)
        fault_before(m, from);
    else if (!m->scope && m->visit)
        m->visit(m->user, expr, is_link);
    return expr;
}

/* "token(giver)" between `from` and `to`: what stands inside. */
static bool is_call(const char *name, const char **from, const char **to) {
    size_t size = strlen(name);
    if ((size_t)(*to - *from) < size + 2 || strncmp(*from, name, size) != 0 ||
        (*from)[size] != '(' || (*to)[-1] != ')')
        return false;
    int depth = 0;
    for (const char *at = *from + size; at < *to;
         at = *at == '\'' ? skip_quoted(at, *to) : at + 1) {
        depth += (*at == '(') - (*at == ')');
        if (depth == 0 && at + 1 < *to) /* token(a) + token(b) */
            return false;
    }
    *from += size + 1;
    *to -= 1;
    return true;
}

static bool value_item(Markup *m, const Style *style, const char *from, const char *to) {
    const char *colon = format_colon(from, to), *end = colon ? colon : to;
    ValueFormat format = {.digits = -1};
    if (colon && !value_format_read(colon + 1, (size_t)(to - colon - 1), &format))
        return fault(m, colon,
                     "the format \"%.*s\" is none: expected digits as in {…:3}, {…:%%} "
                     "or {…:.1%%}",
                     (int)(to - colon - 1 > 40 ? 40 : to - colon - 1), colon + 1);
    bool piece = is_call("piece", &from, &end), token = !piece && is_call("token", &from, &end);
    if (format.given && (piece || token))
        return fault(m, from, "a token has no format");
    const Expr *expr = parse(m, from, end, false);
    if (!expr || !m->scope)
        return expr != NULL;
    flush(m, style);
    return piece || token ? put_token(m, style, expr, piece) : put_value(m, style, expr, &format);
}

/* Hangul syllables begin with these bytes. */
static bool is_hangul(const char *at, const char *to) {
    Utf8Char c = utf8_next(at, (size_t)(to - at));
    return c.code >= 0xac00 && c.code <= 0xd7a3;
}

static bool particle_item(Markup *m, const Style *style, const char *from, const char *to) {
    Particle which;
    if (particle_at(from, (size_t)(to - from), &which) == 0) {
        Buf none = {0};
        particle_expand(&none, from, (size_t)(to - from), m->err);
        buf_free(&none);
        return fault_before(m, from);
    }
    flush(m, style);
    buf_text(&m->pending, particle(buf_cstr(&m->said), m->said.size, which));
    return true;
}

/* "{…}" at *at, which moves behind it. */
static bool brace_item(Markup *m, const Style *style, const char **at, const char *to) {
    const char *from = *at;
    if (from + 1 < to && from[1] == '{') {
        buf_char(&m->pending, '{');
        *at += 2;
        return true;
    }
    const char *end = brace_end(from, to);
    if (!end)
        return fault(m, from, "a brace is open: {{ is a brace, {…} a value");
    *at = end + 1;
    bool slash = memchr(from, '/', (size_t)(end - from)) != NULL;
    if (slash && is_hangul(from + 1, end))
        return particle_item(m, style, from, end + 1);
    return value_item(m, style, from + 1, end);
}

/* "`…`" or "$…$" at *at. */
static bool raw_item(Markup *m, const Style *style, const char **at, const char *to) {
    const char *from = *at + 1;
    char sign = **at;
    const char *end = memchr(from, sign, (size_t)(to - from));
    if (!end)
        return fault(m, *at, "%c opens %s that nothing closes", sign,
                     sign == '$' ? "a formula" : "code");
    *at = end + 1;
    char *text = arena_copy_bytes(m->arena, from, (size_t)(end - from));
    for (char *c = text; *c; c++)
        *c = *c == '\n' ? ' ' : *c;
    if (sign == '$' && !formula_valid(text, NULL))
        return fault(m, from, "the formula \"%.60s\" can't be read", text);
    put(m, sign == '$' ? SPAN_FORMULA : SPAN_CODE, style, text);
    return true;
}

/* ---- Links -------------------------------------------------------------------------------------- */

static const char *skip_item(const char *at, const char *to) {
    const char *end = NULL;
    if (*at == '{')
        end = brace_end(at, to);
    else if (*at == '`' || *at == '$')
        end = memchr(at + 1, *at, (size_t)(to - at - 1));
    return end ? end + 1 : at + 1;
}

static const char *bracket_end(const char *at, const char *to) {
    for (at++; at < to; at = skip_item(at, to))
        if (*at == ']')
            return at;
    return NULL;
}

static const char *parenthesis_end(const char *at, const char *to) {
    int depth = 0;
    for (; at < to; at = *at == '\'' ? skip_quoted(at, to) : at + 1) {
        depth += (*at == '(') - (*at == ')');
        if (depth == 0)
            return at;
    }
    return NULL;
}

static bool read_target(Markup *m, const char *from, const char *to, Style *style) {
    static const struct {
        char letter;
        Role role;
    } colours[] = {{'q', ROLE_QUERY}, {'k', ROLE_KEY}, {'v', ROLE_VALUE}, {'h', ROLE_HAND}};
    for (size_t i = 0; i < sizeof colours / sizeof *colours; i++)
        if (to - from >= 2 && from[0] == colours[i].letter && from[1] == ':') {
            style->role = colours[i].role;
            if ((from += 2) == to)
                return true;
            break;
        }
    Expr *expr = parse(m, from, to, true);
    if (!expr)
        return false;
    style->link = true;
    return !m->scope || expr_cells(expr, m->scope, &style->to, m->err);
}

static bool inline_text(Markup *m, Style style, const char *from, const char *to);

/* "[text](target)" at *at; anything else in brackets is itself. */
static bool link_item(Markup *m, const Style *style, const char **at, const char *to) {
    const char *from = *at, *end = bracket_end(from, to);
    if (!end || end + 1 >= to || end[1] != '(') {
        buf_char(&m->pending, '[');
        *at += 1;
        return true;
    }
    const char *close = parenthesis_end(end + 1, to);
    if (!close)
        return fault(m, end, "the link's parenthesis is open");
    *at = close + 1;
    flush(m, style);
    Style inner = *style;
    return read_target(m, end + 2, close, &inner) && inline_text(m, inner, from + 1, end);
}

/* ---- Text --------------------------------------------------------------------------------------- */

static bool bold_item(Markup *m, const Style *style, const char **at, const char *to) {
    const char *from = *at + 2, *end = from;
    while (end + 1 < to && !(end[0] == '*' && end[1] == '*'))
        end = skip_item(end, to);
    if (end + 1 >= to)
        return fault(m, *at, "** opens a bold text that nothing closes");
    *at = end + 2;
    flush(m, style);
    Style inner = *style;
    inner.kind = SPAN_BOLD;
    return inline_text(m, inner, from, end);
}

static bool item(Markup *m, const Style *style, const char **at, const char *to) {
    const char *c = *at;
    switch (*c) {
    case '{': return brace_item(m, style, at, to);
    case '`':
    case '$': return raw_item(m, style, at, to);
    case '[': return link_item(m, style, at, to);
    case '*':
        if (c + 1 < to && c[1] == '*')
            return bold_item(m, style, at, to);
        break;
    case '}':
        if (c + 1 == to || c[1] != '}')
            return fault(m, c, "a brace closes that none opened: }} is a brace");
        *at += 1;
        break;
    case '\n': /* lines of a paragraph are one */
        while (*at + 1 < to && ((*at)[1] == ' ' || (*at)[1] == '\n'))
            *at += 1;
        buf_char(&m->pending, ' ');
        *at += 1;
        return true;
    default: break;
    }
    buf_char(&m->pending, *c);
    *at += 1;
    return true;
}

static bool inline_text(Markup *m, Style style, const char *from, const char *to) {
    while (from < to)
        if (!item(m, &style, &from, to))
            return false;
    flush(m, &style);
    return true;
}

static const char *line_end(const char *at) {
    const char *end = strchr(at, '\n');
    return end ? end : at + strlen(at);
}

static bool is_blank(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
        at++;
    return at == end;
}

static bool is_bullet(const char *at) {
    return at[0] == '-' && at[1] == ' ';
}

/* The end of the paragraph that begins at `at`: before a blank line, or the next point of a list. */
static const char *paragraph_end(const char *at) {
    const char *end = line_end(at);
    while (*end && !is_bullet(end + 1) && !is_blank(end + 1, line_end(end + 1)))
        end = line_end(end + 1);
    return end;
}

static bool paragraphs(Markup *m) {
    const char *at = m->text;
    while (*at) {
        const char *end = line_end(at);
        if (!is_blank(at, end)) {
            bool bullet = is_bullet(at);
            end = paragraph_end(at);
            const char *to = end;
            while (to > at && (to[-1] == ' ' || to[-1] == '\r'))
                to--;
            Style style = {.kind = SPAN_TEXT, .role = ROLE_NONE};
            if (!inline_text(m, style, bullet ? at + 2 : at, to))
                return false;
            end_paragraph(m, bullet);
        }
        at = *end ? end + 1 : end;
    }
    return true;
}

static bool run_markup(Markup *m) {
    m->err->text[0] = '\0';
    bool ok = paragraphs(m);
    buf_free(&m->pending);
    buf_free(&m->said);
    return ok;
}

bool markup_check(const char *markup, MarkupVisit *visit, void *user, Err *err) {
    Arena arena = {0};
    Err own;
    Markup m = {
        .text = markup, .visit = visit, .user = user, .arena = &arena, .err = err ? err : &own};
    bool ok = run_markup(&m);
    arena_free(&arena);
    return ok;
}

bool markup_render(const char *markup, const ExprScope *scope, Arena *arena, LessonBody *body,
                   Err *err) {
    Err own;
    Markup m = {.text = markup, .scope = scope, .arena = arena, .err = err ? err : &own};
    bool ok = run_markup(&m);
    *body = ok ? (LessonBody){m.paragraph, m.count} : (LessonBody){NULL, 0};
    return ok;
}

void body_plain(const LessonBody *body, Buf *out) {
    for (size_t p = 0; p < body->count; p++) {
        const LessonParagraph *paragraph = &body->paragraph[p];
        buf_text(out, paragraph->bullet ? "- " : "");
        for (size_t i = 0; i < paragraph->span_count; i++) {
            const LessonSpan *span = &paragraph->span[i];
            if (span->kind == SPAN_FORMULA)
                formula_plain(span->text, out);
            else
                buf_text(out, span->text);
        }
        buf_char(out, '\n');
    }
}
