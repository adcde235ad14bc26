/* text: measuring, fitting and stepping through UTF-8 text, and writing numbers.
 *
 * A font is a role, not a file: the back end decides which files stand behind it, and which one
 * supplies a character that the first lacks. Nothing here knows a font library: widths come from a
 * TextMeasure, which the back end or a test provides. Text is drawn one character after the other
 * with the same advances, so what is measured is what is drawn (no kerning, no ligatures).
 *
 * Lengths are in points, the unit of the whole user interface; the back end multiplies them by the
 * scale of the screen. Text may hold invalid UTF-8: each bad part counts as U+FFFD. */
#ifndef UI_TEXT_H
#define UI_TEXT_H

#include "engine/base/arena.h"
#include "engine/base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    FONT_UI,          /* Inter */
    FONT_UI_BOLD,     /* Inter Semi Bold */
    FONT_MONO,        /* JetBrains Mono: numbers and tokens, so that columns line up */
    FONT_MONO_BOLD,   /* JetBrains Mono Bold */
    FONT_MATH,        /* STIX upright */
    FONT_MATH_ITALIC, /* STIX italic: variables */
    FONT_COUNT
} FontRole;

typedef struct {
    float ascent;  /* above the baseline, > 0 */
    float descent; /* below it, > 0 */
    float cap;     /* height of a capital letter: what text is centred by */
} FontMetrics;

typedef struct {
    void *user;
    /* How far the pen moves after this character; `size` is in points. */
    float (*advance)(void *user, FontRole font, int size, uint32_t code);
    FontMetrics (*metrics)(void *user, FontRole font, int size);
} TextMeasure;

/* For exact tests: every character is size/2 wide (combining marks 0, East Asian wide ones size),
 * ascent 3/4, descent 1/4 and capitals 3/4 of the size. */
extern const TextMeasure TEXT_FIXED;

/* What is drawn for a character: line feed as ↵, tab as →, other controls as U+FFFD, else itself.
 * 0: nothing is drawn and nothing advances (joiners, variation selectors). */
uint32_t text_shown(uint32_t code);

float text_width(const TextMeasure *measure, FontRole font, int size, const char *text);
float text_width_n(const TextMeasure *measure, FontRole font, int size, const char *text,
                   size_t bytes);

/* The baseline that centres capitals between top and top + height. */
float text_baseline(const TextMeasure *measure, FontRole font, int size, float top, float height);

/* The text itself if it fits, else shortened with “…” in the arena. A width too small even for the
 * “…” gives "". */
typedef enum { TEXT_ELIDE_END, TEXT_ELIDE_MIDDLE } TextElide;
const char *text_elide(Arena *arena, const TextMeasure *measure, FontRole font, int size,
                       const char *text, float width, TextElide where);

/* Lines of a paragraph: broken at spaces (Korean too), inside a word only when it is longer than a
 * line; '\n' always breaks. Each line points into `text`, without the space it was broken at.
 * Returns how many; an empty text has one empty line. */
typedef struct {
    const char *text;
    size_t size;
    float width;
} TextLine;
size_t text_wrap(Arena *arena, const TextMeasure *measure, FontRole font, int size,
                 const char *text, float width, TextLine **lines);

/* Steps of a caret, as byte offsets: a grapheme (what a reader calls a character), a word (over
 * its letters or signs and the spaces after, or before it). They stop at 0 and at size. */
size_t text_next_grapheme(const char *text, size_t size, size_t at);
size_t text_previous_grapheme(const char *text, size_t size, size_t at);
size_t text_next_word(const char *text, size_t size, size_t at);
size_t text_previous_word(const char *text, size_t size, size_t at);
/* The word around `at`, as a double click selects it. */
void text_word_around(const char *text, size_t size, size_t at, size_t *from, size_t *to);
/* The grapheme boundary nearest to x, measured from the text's start. */
size_t text_hit(const TextMeasure *measure, FontRole font, int size, const char *text, size_t bytes,
                float x);

/* Appends the text with each invalid part as U+FFFD; CR LF and CR become LF; '\0' is dropped. */
void text_repair(Buf *buf, const char *text, size_t size);

/* A number with a fixed count of decimals and a true minus sign: “−0.786”, “−∞”, “NaN”. What rounds
 * to zero has no sign. */
const char *text_number(Arena *arena, double value, int decimals);
/* The same with a sign always: “+39.62”. */
const char *text_number_signed(Arena *arena, double value, int decimals);
/* Two digits and a power of ten, for what is very small: “1.2e−07”. */
const char *text_power(Arena *arena, double value);
/* How many decimals a column deserves whose largest magnitude is this: three to four significant
 * digits: 0.0123 → 4, 0.786 → 3, 39.6 → 2, 12345 → 0. At most 8. */
int text_decimals(double largest);
/* “90.2 %” from 0.902. */
const char *text_percent(Arena *arena, double share, int decimals);
/* One number, or one share as a percentage, that stands alone: as many digits as it deserves. */
const char *text_alone(Arena *arena, double value);
const char *text_share(Arena *arena, double share);
/* Decimals of the percentage that serve shares up to the largest of them. */
int text_share_decimals(double largest);
/* “1,234,567”, “−5”. */
const char *text_count(Arena *arena, int64_t count);

/* A token as it is shown: each leading space as “·”, controls as text_shown() does. */
const char *text_token(Arena *arena, const char *token, size_t size);

#endif
