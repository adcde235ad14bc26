/* formula: a small part of TeX's mathematics, measured and drawn as text runs and lines.
 *
 * Markup, as in the operations' table:
 *   s_{ij} = \q{q_{id}} \cdot \k{k_{jd}}      letters are variables, in italic; digits upright
 *   \mathrm{softmax}(x)                       upright words; exp, max, min, log, sqrt as \exp …
 *   x_{i}^{2}                                 below and above, one over the other when both are
 *                                             given; one character needs no braces: x_i^2
 *   \frac{a}{b}   \sqrt{d}                    fraction, root
 *   \sum_{d}  \prod_{d}                       large sign, its subscript to the lower right
 *   \cdot \times \div \pm \to \infty \le \ge \ne \approx \odot \dots \lfloor \rfloor
 *   \alpha \beta \gamma \epsilon \theta \mu \sigma \pi \phi \lambda (or the letters as UTF-8)
 *   \q{…} \k{…} \v{…} \hand{…}                colour of a role
 *   \, and ~                                  a thin space and a space; \{ \} \_ \\ are the signs
 * Plain spaces between items mean nothing: operators bring their own. "-" is drawn as “−”, "*" as
 * “·”. Markup comes from our tables and is checked by tests; whatever is wrong in it is drawn as it
 * stands, and nesting beyond 8 levels is drawn flat: nothing can fail. */
#ifndef UI_FORMULA_H
#define UI_FORMULA_H

#include "app/ui/theme.h"

typedef struct {
    float width, ascent, descent; /* ascent and descent from the baseline, both ≥ 0 */
} FormulaSize;

FormulaSize formula_measure(const TextMeasure *measure, int size, const char *markup);

/* Draws with the baseline of the formula's line at `baseline`; returns the size. `color` is for
 * what has no role. */
FormulaSize formula_draw(DrawList *list, const TextMeasure *measure, const Theme *theme, float x,
                         float baseline, int size, Color color, const char *markup);
/* The largest size ≤ `size` and ≥ `least` whose width fits. */
int formula_fit(const TextMeasure *measure, int size, int least, float width, const char *markup);

/* One line of Unicode text: "s_ij = Σ_d q_id · k_jd", "exp(s − m) / Σ_j exp(s_j − m)", "√d_head".
 * Roles leave no trace. */
void formula_plain(const char *markup, Buf *out);

/* Whether the markup is well formed: known commands, braces in pairs, arguments present. For the
 * tests of the tables; `where` (may be NULL) gets the byte offset of the first fault. */
bool formula_valid(const char *markup, size_t *where);

#endif
