/* lesson_part: what the files of the panel share. Private to the panel.
 *
 * Like the inspector it is laid out twice a frame: once to know how high it is, once to draw it
 * scrolled. A part takes the pen, draws at its y if `draw`, and moves it down. */
#ifndef VIEWS_LESSON_PART_H
#define VIEWS_LESSON_PART_H

#include "app/ui/formula.h"
#include "app/views/lesson.h"
#include "app/views/words.h"

typedef struct {
    const ViewInput *in;
    Ui *ui;
    Arena *arena;
    const Theme *theme;
    Play *play;
    LessonPanel *panel;
    int x, w, y;
    int size; /* of the words */
    bool draw;
    int links; /* so many have been drawn */
} LessonPen;

void lesson_space(LessonPen *pen, int height);
/* Plain words that wrap. */
void lesson_words(LessonPen *pen, FontRole font, int size, Color color, const char *text);
/* A quiet heading. */
void lesson_heading(LessonPen *pen, const char *text);
/* Why progress is not kept, where it isn't. */
void lesson_unkept(LessonPen *pen);
/* Paragraphs with formulas, numbers and links. */
void lesson_body(LessonPen *pen, const LessonBody *body, int size, Color color);
/* A button in a line of its own, as wide as its label; at most `w` wide. True: clicked. */
bool lesson_button(LessonPen *pen, const char *id, const char *label, unsigned flags);
void lesson_table(LessonPen *pen, const PlayTable *table);

typedef void LessonPart(LessonPen *pen, size_t number);
/* The part on a raised card, with some room around it. */
void lesson_card(LessonPen *pen, LessonPart *part, size_t number, Color edge);

void lesson_checks(LessonPen *pen);
/* The first open question of the scene; false: all are closed. */
bool lesson_open_check(const ViewInput *in, size_t *check);
/* Hands in what stands in the panel for this question, as its button does. */
void lesson_answer(const ViewInput *in, size_t check);
/* What the reader points at; NULL: nothing yet. */
const char *lesson_pointed(const ViewInput *in, const LessonCheck *check, Answer *answer);

void lesson_contents(const ViewInput *in, Rect area);

#endif
