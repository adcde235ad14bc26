/* table: rows of text in columns, as wide as they must be on a terminal. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "engine/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum { TABLE_COLUMNS = 12 };

typedef struct {
    size_t columns;
    const char *align; /* a letter a column: 'l' or 'r' */
    Buf text;          /* the cells, each with a final '\0' */
    size_t cells;
} Table;

/* `head` are as many titles as `align` has letters. Free by printing. */
Table table_new(const char *align, const char *const *head);
void table_cell(Table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The number, or nothing where there is none. */
void table_count(Table *table, bool there, size_t count);
void table_bytes(Table *table, double bytes); /* "1.5 MiB" */
void table_print(Table *table);

/* Makes text from outside safe for a terminal, in place: control characters become "?". */
char *text_harmless(char *text);

#endif
