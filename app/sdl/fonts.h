/* fonts: font files behind the roles of app/ui/text.h, through SDL2_ttf.
 *
 * Inter for the interface, JetBrains Mono for numbers and tokens, STIX for formulas, NanumGothic
 * for Korean, DejaVu for all else, and for emoji a font of one colour where one is installed. A
 * character that none of them has is written as its number: “U+1F642”. A file is looked for in the places where Debian puts it, and
 * only when it is not there by family through fontconfig, whose first scan may take seconds. Fonts
 * are opened when first needed.
 *
 * A glyph is a mask of coverage, made once for a (role, pixel size, character) and kept; any colour
 * is painted through it. Advances are whole pixels, so that what is measured is what is drawn. */
#ifndef SDL_FONTS_H
#define SDL_FONTS_H

#include "app/ui/text.h"
#include "engine/base/err.h"

typedef struct Fonts Fonts;

typedef struct {
    int left, top;     /* from the pen on the baseline to the mask's top left; top > 0 is above */
    int width, height; /* of the mask; 0 for a space */
    int advance;
    const uint8_t *mask; /* width × height, 0 … 255 */
} Glyph;

/* Fails when no font at all is found, with the packages to install in the message. */
Fonts *fonts_new(float scale, Err *err);
void fonts_free(Fonts *fonts);

/* In points at the scale that was given; lives as long as the fonts. */
const TextMeasure *fonts_measure(const Fonts *fonts);
float fonts_scale(const Fonts *fonts);

/* `size` in points. Never NULL. */
const Glyph *fonts_glyph(Fonts *fonts, FontRole font, int size, uint32_t code);
/* The same for a size in pixels, and how many pixels a size in points has. */
const Glyph *fonts_glyph_px(Fonts *fonts, FontRole font, int px, uint32_t code);
int fonts_pixels(const Fonts *fonts, int size);

#endif
