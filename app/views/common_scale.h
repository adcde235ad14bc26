/* common_scale: from a value to a colour, and the bar that says which is which.
 *
 * Scores, activations and weights have a sign: zero is in the middle, and both sides reach to the
 * largest magnitude, so that equal colours are equal magnitudes. Probabilities begin at 0. The
 * limits come from the cells in view (the head in view) and are printed beside the bar. −∞ has no
 * place on a scale: such a cell is crossed out. */
#ifndef VIEWS_COMMON_SCALE_H
#define VIEWS_COMMON_SCALE_H

#include "app/ui/ui.h"
#include "app/views/common_found.h"

typedef enum { SCALE_SIGNED, SCALE_SHARE } ScaleKind;

typedef struct {
    ScaleKind kind;
    double low, high; /* the least and the largest finite value; shares: 0 and the largest */
    bool any;         /* there is a finite value */
    bool open;        /* not all cells are computed yet: the limits are not told */
} Scale;

Scale scale_of(Found *found, const Matrix *matrix, ScaleKind kind);
Color scale_color(const Theme *theme, const Scale *scale, double value);
/* Decimals that serve every value on the scale (percent: of the percentage). */
int scale_decimals(const Scale *scale);
/* “−0.786”, “45.9 %”, “−∞”, with the scale's decimals. */
const char *scale_number(Arena *arena, const Scale *scale, double value);

/* One value by itself, the same wherever it stands alone: as many digits as it deserves. */
const char *scale_value(Arena *arena, ScaleKind kind, double value);
/* Decimals that tell the neighbours of a sorted list apart; `value` stands in its order. */
int scale_list_decimals(const Scale *scale, const double *value, int count);
const char *scale_with_decimals(Arena *arena, ScaleKind kind, double value, int decimals);

/* Both scales become the one that holds the values of both. */
void scale_join(Scale *a, Scale *b);

/* The bar from low (below) to high (above), with both limits and zero beside it. SCALE_BAR_WIDTH
 * holds bar and numbers. */
enum { SCALE_BAR_WIDTH = 72 };
void scale_bar(Ui *ui, Rect rect, const Scale *scale);
/* The same lying down, the limits at its ends; SCALE_BAR_HEIGHT high. */
enum { SCALE_BAR_HEIGHT = 16 };
void scale_bar_across(Ui *ui, Rect rect, const Scale *scale);

#endif
