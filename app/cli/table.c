#include "app/cli/table.h"

#include "engine/base/utf8.h"
#include "engine/trace/plan.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

Table table_new(const char *align, const char *const *head) {
    Table table = {.columns = strlen(align), .align = align};
    assert(table.columns <= TABLE_COLUMNS);
    for (size_t i = 0; i < table.columns; i++)
        table_cell(&table, "%s", head[i]);
    return table;
}

char *text_harmless(char *text) {
    for (char *at = text; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7F)
            *at = '?';
    return text;
}

void table_cell(Table *table, const char *format, ...) {
    char room[512];
    va_list args;
    va_start(args, format);
    vsnprintf(room, sizeof room, format, args);
    va_end(args);
    buf_add(&table->text, text_harmless(room), strlen(room) + 1);
    table->cells++;
}

void table_count(Table *table, bool there, size_t count) {
    char room[32] = "";
    if (there)
        snprintf(room, sizeof room, "%zu", count);
    table_cell(table, "%s", room);
}

void table_bytes(Table *table, double bytes) {
    char text[32];
    bytes_text((size_t)bytes, text, sizeof text);
    table_cell(table, "%s", text);
}

/* Columns of a terminal: a Korean syllable takes two. */
static size_t shown_width(const char *text) {
    size_t width = 0, size = strlen(text);
    for (Utf8Char c; (c = utf8_next(text, size)).size > 0; text += c.size, size -= c.size)
        width += (size_t)utf8proc_charwidth((utf8proc_int32_t)c.code);
    return width;
}

static void measure(const Table *table, size_t *width) {
    const char *cell = table->text.bytes;
    for (size_t i = 0; i < table->cells; i++, cell += strlen(cell) + 1) {
        size_t shown = shown_width(cell);
        if (shown > width[i % table->columns])
            width[i % table->columns] = shown;
    }
}

void table_print(Table *table) {
    size_t width[TABLE_COLUMNS] = {0};
    measure(table, width);
    const char *cell = table->text.bytes;
    for (size_t i = 0; i < table->cells; i++, cell += strlen(cell) + 1) {
        size_t column = i % table->columns;
        bool last = column + 1 == table->columns, right = table->align[column] == 'r';
        int space = (int)(width[column] - shown_width(cell));
        printf("%*s%s%*s%s", right ? space : 0, "", cell, right || last ? 0 : space, "",
               last ? "\n" : "  ");
    }
    buf_free(&table->text);
}
