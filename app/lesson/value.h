/* value: a number or a token as a lesson's text shows it. */
#ifndef LESSON_VALUE_H
#define LESSON_VALUE_H

#include "engine/model/model.h"
#include "engine/trace/trace.h"

typedef struct {
    bool given, percent;
    int digits; /* −1: as many as the number deserves */
} ValueFormat;

/* What stands behind a value's colon: "3", "%" or ".1%". False: it is none of these. */
bool value_format_read(const char *text, size_t size, ValueFormat *format);
/* `share`: without a format it is shown as a percentage, as the window shows shares. */
const char *value_shown(Arena *arena, const ValueFormat *format, bool share, double value);

/* “·Mina”: a token's label, or that of a piece of the vocabulary, as a text shows it. */
const char *label_quoted(const char *label, Arena *arena);
const char *piece_quoted(const Model *model, size_t id, Arena *arena);
/* A token of a text, with which one it is where there are several: “·Tom”#2. */
const char *token_quoted(const TraceText *text, size_t position, Arena *arena);

#endif
