#include "app/ui/formula.h"

#include "app/ui/formula_parse.h"

#include <math.h>
#include <string.h>

/* One function lays an item out, and draws it when there is a list: so what is measured is what is
 * drawn. All proportions are parts of the size (ems), close to TeX's for a text font. */
typedef struct {
    DrawList *list; /* NULL: only measure */
    const TextMeasure *measure;
    const Theme *theme;
    Color color;
} Layout;

static const float ASCENT = 0.70F, DESCENT = 0.21F, AXIS = 0.25F;

static FormulaSize place_list(const Layout *l, const Item *first, float x, float baseline, int size,
                              bool script);
static FormulaSize place_item(const Layout *l, const Item *item, float x, float baseline, int size,
                              bool script);

static int script_size(int size) {
    int smaller = (int)lroundf((float)size * 0.68F);
    return smaller < 9 ? (size < 9 ? size : 9) : smaller;
}

static Color item_color(const Layout *l, const Item *item) {
    return item->role == ROLE_NONE ? l->color : theme_role(l->theme, item->role);
}

static float put(const Layout *l, const Item *item, FontRole font, const char *text, float x,
                 float baseline, int size) {
    if (l->list != NULL) {
        draw_text(l->list, font, size, item_color(l, item), x, baseline, text);
    }
    return text_width(l->measure, font, size, text);
}

static void rule(const Layout *l, const Item *item, float x1, float y1, float x2, float y2,
                 float thickness) {
    if (l->list != NULL) {
        draw_line(l->list, x1, y1, x2, y2, thickness, DRAW_SOLID, item_color(l, item));
    }
}

static FormulaSize place_run(const Layout *l, const Item *item, float x, float baseline, int size) {
    float em = (float)size;
    if (item->class == CLASS_SPACE) {
        return (FormulaSize){em * (item->text[0] == ' ' ? 0.3F : 0.17F), 0.0F, 0.0F};
    }
    float width = put(l, item, item->font, item->text, x, baseline, size);
    return (FormulaSize){width, em * ASCENT, em * DESCENT};
}

static FormulaSize place_big(const Layout *l, const Item *item, float x, float baseline, int size) {
    int large = (int)lroundf((float)size * 1.4F);
    float em = (float)large;
    float shift = em * 0.06F; /* onto the axis */
    float width = put(l, item, FONT_MATH, item->text, x, baseline + shift, large);
    return (FormulaSize){width, em * 0.78F, em * 0.27F};
}

static FormulaSize place_frac(const Layout *l, const Item *item, float x, float baseline,
                              int size) {
    float em = (float)size;
    Layout dry = *l;
    dry.list = NULL;
    FormulaSize above = place_item(&dry, item->body, x, baseline, size, false);
    FormulaSize below = place_item(&dry, item->below, x, baseline, size, false);
    float pad = em * 0.16F;
    float gap = em * 0.15F;
    float width = fmaxf(above.width, below.width) + pad * 2.0F;
    float axis = roundf(baseline - em * AXIS);
    float up = axis - gap - above.descent;
    float down = axis + gap + below.ascent;
    place_item(l, item->body, x + (width - above.width) * 0.5F, up, size, false);
    place_item(l, item->below, x + (width - below.width) * 0.5F, down, size, false);
    rule(l, item, x + pad * 0.5F, axis, x + width - pad * 0.5F, axis, fmaxf(1.0F, em * 0.05F));
    return (FormulaSize){width, baseline - up + above.ascent, down + below.descent - baseline};
}

static FormulaSize place_sqrt(const Layout *l, const Item *item, float x, float baseline,
                              int size) {
    float em = (float)size;
    float sign = em * 0.55F;
    FormulaSize body = place_item(l, item->body, x + sign, baseline, size, false);
    float thick = fmaxf(1.0F, em * 0.05F);
    float top = baseline - body.ascent - em * 0.10F;
    float low = baseline + body.descent * 0.6F;
    float knee = low - (low - top) * 0.45F;
    rule(l, item, x + em * 0.02F, knee + em * 0.05F, x + em * 0.13F, knee, thick);
    rule(l, item, x + em * 0.13F, knee, x + em * 0.30F, low, thick * 1.7F);
    rule(l, item, x + em * 0.30F, low, x + sign - em * 0.06F, top, thick);
    rule(l, item, x + sign - em * 0.06F, top, x + sign + body.width + em * 0.04F, top, thick);
    return (FormulaSize){sign + body.width + em * 0.06F, baseline - top + thick, body.descent};
}

/* Parentheses in a size that reaches round their body, centred on it. */
static FormulaSize place_paren(const Layout *l, const Item *item, float x, float baseline, int size,
                               bool script) {
    Layout dry = *l;
    dry.list = NULL;
    FormulaSize body = place_list(&dry, item->body, x, baseline, size, script);
    float em = (float)size;
    float height = body.ascent + body.descent;
    int large = size;
    float shift = 0.0F;
    if (height > em * 1.35F) {
        large = (int)lroundf(fminf(height / 0.92F, em * 3.0F));
        float middle = baseline - (body.ascent - body.descent) * 0.5F;
        shift = middle + (float)large * AXIS - baseline;
    }
    float open = put(l, item, FONT_MATH, "(", x, baseline + shift, large);
    place_list(l, item->body, x + open, baseline, size, script);
    float close = 0.0F;
    if (item->closed) {
        close = put(l, item, FONT_MATH, ")", x + open + body.width, baseline + shift, large);
    }
    return (FormulaSize){open + body.width + close, fmaxf(body.ascent, em * ASCENT),
                         fmaxf(body.descent, em * DESCENT)};
}

static FormulaSize place_nucleus(const Layout *l, const Item *item, float x, float baseline,
                                 int size, bool script) {
    switch (item->kind) {
    case ITEM_RUN: return place_run(l, item, x, baseline, size);
    case ITEM_BIG: return place_big(l, item, x, baseline, size);
    case ITEM_FRAC: return place_frac(l, item, x, baseline, size);
    case ITEM_SQRT: return place_sqrt(l, item, x, baseline, size);
    case ITEM_PAREN: return place_paren(l, item, x, baseline, size, script);
    case ITEM_GROUP: break;
    }
    return place_list(l, item->body, x, baseline, size, script);
}

/* An item with what stands below and above it. */
static FormulaSize place_item(const Layout *l, const Item *item, float x, float baseline, int size,
                              bool script) {
    FormulaSize all = place_nucleus(l, item, x, baseline, size, script);
    float em = (float)size;
    float at = x + all.width;
    int small = script_size(size);
    float width = 0.0F;
    float ascent = all.ascent, descent = all.descent;
    if (item->sub != NULL) {
        float drop = item->kind == ITEM_BIG ? em * 0.36F : fmaxf(em * 0.20F, descent - em * 0.05F);
        FormulaSize sub = place_item(l, item->sub, at, baseline + drop, small, true);
        width = sub.width;
        all.descent = fmaxf(all.descent, sub.descent + drop);
    }
    if (item->sup != NULL) {
        float lean = item->font == FONT_MATH_ITALIC && item->kind == ITEM_RUN ? em * 0.06F : 0.0F;
        float rise = fmaxf(em * 0.38F, ascent - em * 0.28F);
        FormulaSize sup = place_item(l, item->sup, at + lean, baseline - rise, small, true);
        width = fmaxf(width, sup.width + lean);
        all.ascent = fmaxf(all.ascent, sup.ascent + rise);
    }
    bool scripts = item->sub != NULL || item->sup != NULL;
    all.width += width + (scripts ? em * 0.08F : 0.0F);
    return all;
}

static bool starts_operand(const Item *before) {
    return before == NULL || before->class == CLASS_BINARY || before->class == CLASS_RELATION ||
           before->class == CLASS_OPEN || before->class == CLASS_PUNCT;
}

/* A minus at the start, or after another operator, is a sign and not an operation. */
static ItemClass spacing_class(const Item *before, const Item *item) {
    bool sign = item->class == CLASS_BINARY && starts_operand(before);
    return sign ? CLASS_ORD : item->class;
}

static float space_between(const Item *before, ItemClass left, const Item *item, ItemClass right,
                           bool script) {
    if (before == NULL || left == CLASS_SPACE || right == CLASS_SPACE) {
        return 0.0F;
    }
    if (script) {
        return 0.0F;
    }
    if (left == CLASS_RELATION || right == CLASS_RELATION) {
        return 0.28F;
    }
    if (left == CLASS_BINARY || right == CLASS_BINARY) {
        return 0.22F;
    }
    if (left == CLASS_PUNCT || left == CLASS_BIG || right == CLASS_BIG) {
        return 0.17F;
    }
    if (left == CLASS_FUNCTION) {
        return item->kind == ITEM_PAREN || right == CLASS_OPEN || right == CLASS_CLOSE ||
                       right == CLASS_PUNCT
                   ? 0.0F
                   : 0.17F;
    }
    if (right == CLASS_FUNCTION) {
        return left == CLASS_OPEN ? 0.0F : 0.17F;
    }
    return 0.0F;
}

static FormulaSize place_list(const Layout *l, const Item *first, float x, float baseline, int size,
                              bool script) {
    FormulaSize all = {0.0F, 0.0F, 0.0F};
    const Item *before = NULL;
    ItemClass left = CLASS_SPACE;
    for (const Item *item = first; item != NULL; item = item->next) {
        ItemClass class = spacing_class(before, item);
        all.width += space_between(before, left, item, class, script) * (float)size;
        FormulaSize one = place_item(l, item, x + all.width, baseline, size, script);
        all.width += one.width;
        all.ascent = fmaxf(all.ascent, one.ascent);
        all.descent = fmaxf(all.descent, one.descent);
        before = item;
        left = class;
    }
    return all;
}

static FormulaSize lay_out(const Layout *l, float x, float baseline, int size, const char *markup) {
    Arena arena = {0};
    FormulaTree tree = formula_parse(&arena, markup);
    FormulaSize result = place_list(l, tree.first, x, baseline, size, false);
    arena_free(&arena);
    return result;
}

FormulaSize formula_measure(const TextMeasure *measure, int size, const char *markup) {
    Layout l = {NULL, measure, &THEME_DARK, 0};
    return lay_out(&l, 0.0F, 0.0F, size, markup);
}

FormulaSize formula_draw(DrawList *list, const TextMeasure *measure, const Theme *theme, float x,
                         float baseline, int size, Color color, const char *markup) {
    Layout l = {list, measure, theme, color};
    return lay_out(&l, x, baseline, size, markup);
}

int formula_fit(const TextMeasure *measure, int size, int least, float width, const char *markup) {
    while (size > least && formula_measure(measure, size, markup).width > width) {
        size--;
    }
    return size;
}

bool formula_valid(const char *markup, size_t *where) {
    Arena arena = {0};
    FormulaTree tree = formula_parse(&arena, markup);
    if (!tree.valid && where != NULL) {
        *where = tree.fault;
    }
    arena_free(&arena);
    return tree.valid;
}
