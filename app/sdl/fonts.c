#include "app/sdl/fonts.h"

#include "app/sdl/fonts_find.h"

#include <SDL_ttf.h>
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    TTF_Font *font; /* NULL until it is needed, or when it can't be opened */
    bool tried;
    int size; /* in pixels, that it is set to now */
} Face;

typedef struct {
    uint64_t key; /* role, pixels and character; 0: free */
    Glyph glyph;
} Slot;

typedef struct {
    int size; /* points; 0: not measured yet */
    FontMetrics metrics;
} Measured;

enum { METRICS_MOST = 64 };

struct Fonts {
    float scale;
    TextMeasure measure;
    Face faces[FONT_FILE_COUNT];
    Arena arena; /* masks */
    Slot *slots;
    size_t count, capacity; /* a power of two */
    Measured measured[FONT_COUNT][METRICS_MOST];
};

/* ---- Files ---- */

static TTF_Font *face_of(Fonts *fonts, FontFile file, int px) {
    Face *face = &fonts->faces[file];
    if (!face->tried) {
        face->tried = true;
        char path[1024];
        if (fonts_find(file, path, sizeof path)) {
            face->font = TTF_OpenFont(path, px);
        }
        if (face->font != NULL) {
            TTF_SetFontHinting(face->font, TTF_HINTING_LIGHT);
            TTF_SetFontKerning(face->font, 0);
            face->size = px;
        }
    }
    if (face->font != NULL && face->size != px) {
        TTF_SetFontSize(face->font, px);
        face->size = px;
    }
    return face->font;
}

/* The first font of the role's chain that has the character; NULL if none has. */
static TTF_Font *font_for(Fonts *fonts, FontRole role, int px, uint32_t code) {
    FontFile chain[FONT_CHAIN_MOST];
    int count = fonts_chain(role, chain);
    for (int i = 0; i < count; i++) {
        TTF_Font *font = face_of(fonts, chain[i], px);
        if (font != NULL && TTF_GlyphIsProvided32(font, code)) {
            return font;
        }
    }
    return NULL;
}

/* ---- Glyphs ---- */

/* The part of a surface that is not empty, as a mask in the arena. `left` and `top` come in as the
 * place of the surface's corner. */
static void take_mask(Fonts *fonts, SDL_Surface *surface, Glyph *glyph) {
    int x0 = surface->w, y0 = surface->h, x1 = 0, y1 = 0;
    for (int y = 0; y < surface->h; y++) {
        const uint8_t *row = (const uint8_t *)surface->pixels + y * surface->pitch;
        for (int x = 0; x < surface->w; x++) {
            if (row[x * 4 + 3] != 0) {
                x0 = x < x0 ? x : x0;
                x1 = x + 1 > x1 ? x + 1 : x1;
                y0 = y < y0 ? y : y0;
                y1 = y + 1;
            }
        }
    }
    if (x1 <= x0) {
        return;
    }
    glyph->width = x1 - x0;
    glyph->height = y1 - y0;
    glyph->left += x0;
    glyph->top -= y0;
    uint8_t *mask = arena_alloc_n(&fonts->arena, (size_t)glyph->width, (size_t)glyph->height);
    for (int y = 0; y < glyph->height; y++) {
        const uint8_t *row = (const uint8_t *)surface->pixels + (y + y0) * surface->pitch;
        for (int x = 0; x < glyph->width; x++) {
            mask[y * glyph->width + x] = row[(x + x0) * 4 + 3];
        }
    }
    glyph->mask = mask;
}

/* SDL_ttf puts the pen at the surface's left and its ascent at the top, but for glyphs that reach
 * beyond either. */
static bool render(Fonts *fonts, TTF_Font *font, uint32_t code, Glyph *glyph) {
    int left, right, bottom, top, advance;
    if (TTF_GlyphMetrics32(font, code, &left, &right, &bottom, &top, &advance) != 0) {
        return false;
    }
    glyph->advance = advance;
    int ascent = TTF_FontAscent(font);
    glyph->left = left < 0 ? left : 0;
    glyph->top = top > ascent ? top : ascent;
    if (right <= left || top <= bottom) {
        return true; /* a space */
    }
    SDL_Surface *raw = TTF_RenderGlyph32_Blended(font, code, (SDL_Color){255, 255, 255, 255});
    SDL_Surface *surface = raw == NULL ? NULL
                                       : SDL_ConvertSurfaceFormat(raw, SDL_PIXELFORMAT_RGBA32, 0);
    SDL_FreeSurface(raw);
    if (surface != NULL) {
        take_mask(fonts, surface, glyph);
        SDL_FreeSurface(surface);
    }
    return true;
}

/* A hollow box, for what can't even be written as a number. */
static void make_box(Fonts *fonts, int px, Glyph *glyph) {
    int w = px / 2 > 4 ? px / 2 : 4;
    int h = px * 7 / 10 > 5 ? px * 7 / 10 : 5;
    uint8_t *mask = arena_alloc_n(&fonts->arena, (size_t)w, (size_t)h);
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            bool edge = x == 0 || y == 0 || x == w - 1 || y == h - 1;
            mask[y * w + x] = edge ? 200 : 0;
        }
    }
    *glyph = (Glyph){.left = 1, .top = h, .width = w, .height = h, .advance = w + 2, .mask = mask};
}

static Slot *slot_of(Slot *slots, size_t capacity, uint64_t key) {
    uint64_t hash = key * 0x9e3779b97f4a7c15U;
    size_t at = (size_t)(hash >> 32) & (capacity - 1);
    while (slots[at].key != 0 && slots[at].key != key) {
        at = (at + 1) & (capacity - 1);
    }
    return &slots[at];
}

static void grow(Fonts *fonts) {
    size_t capacity = fonts->capacity == 0 ? 1024 : fonts->capacity * 2;
    Slot *slots = calloc(capacity, sizeof *slots);
    if (slots == NULL) {
        abort();
    }
    for (size_t i = 0; i < fonts->capacity; i++) {
        if (fonts->slots[i].key != 0) {
            *slot_of(slots, capacity, fonts->slots[i].key) = fonts->slots[i];
        }
    }
    free(fonts->slots);
    fonts->slots = slots;
    fonts->capacity = capacity;
}

/* Into the mask of `to`, with the pen at x. */
static void paint(const Glyph *from, int x, uint8_t *mask, const Glyph *to) {
    for (int row = 0; row < from->height; row++) {
        for (int column = 0; column < from->width; column++) {
            int at_x = x + from->left + column, at_y = to->top - from->top + row;
            if (at_x >= 0 && at_x < to->width && at_y >= 0 && at_y < to->height) {
                mask[at_y * to->width + at_x] = from->mask[row * from->width + column];
            }
        }
    }
}

/* “U+1F642” as one glyph, for a character that no font has. */
static void make_number(Fonts *fonts, FontRole font, int px, uint32_t code, Glyph *glyph) {
    char text[16];
    SDL_snprintf(text, sizeof text, "U+%04X", (unsigned)code);
    Glyph made = {.top = px, .height = px + px / 4, .advance = px / 8};
    for (const char *at = text; *at != '\0'; at++) {
        made.advance += fonts_glyph_px(fonts, font, px, (uint8_t)*at)->advance;
    }
    made.width = made.advance += px / 8;
    uint8_t *mask = arena_alloc_n(&fonts->arena, (size_t)made.width, (size_t)made.height);
    memset(mask, 0, (size_t)made.width * (size_t)made.height);
    made.mask = mask;
    int x = px / 8;
    for (const char *at = text; *at != '\0'; at++) {
        const Glyph *letter = fonts_glyph_px(fonts, font, px, (uint8_t)*at);
        paint(letter, x, mask, &made);
        x += letter->advance;
    }
    *glyph = made;
}

static void make_glyph(Fonts *fonts, FontRole font, int px, uint32_t code, Glyph *glyph) {
    TTF_Font *face = font_for(fonts, font, px, code);
    if (face != NULL && render(fonts, face, code, glyph)) {
        return;
    }
    if (code < 0x80) { /* what numbers are written with */
        make_box(fonts, px, glyph);
    } else {
        make_number(fonts, font, px, code, glyph);
    }
}

const Glyph *fonts_glyph_px(Fonts *fonts, FontRole font, int px, uint32_t code) {
    assert(font < FONT_COUNT && px > 0 && px < 4096);
    if (fonts->count * 2 >= fonts->capacity) {
        grow(fonts);
    }
    uint64_t key = 1ULL << 48 | (uint64_t)font << 40 | (uint64_t)px << 24 | (code & 0x1fffffU);
    Slot *slot = slot_of(fonts->slots, fonts->capacity, key);
    if (slot->key == 0) {
        Glyph glyph = {0};
        make_glyph(fonts, font, px, code, &glyph);
        slot = slot_of(fonts->slots, fonts->capacity, key); /* others may have been made for it */
        *slot = (Slot){key, glyph};
        fonts->count++;
    }
    return &slot->glyph;
}

int fonts_pixels(const Fonts *fonts, int size) {
    int px = (int)lroundf((float)size * fonts->scale);
    return px < 1 ? 1 : (px > 1024 ? 1024 : px);
}

const Glyph *fonts_glyph(Fonts *fonts, FontRole font, int size, uint32_t code) {
    return fonts_glyph_px(fonts, font, fonts_pixels(fonts, size), code);
}

/* ---- Measuring ---- */

static float measure_advance(void *user, FontRole font, int size, uint32_t code) {
    Fonts *fonts = user;
    return (float)fonts_glyph(fonts, font, size, code)->advance / fonts->scale;
}

static FontMetrics read_metrics(Fonts *fonts, FontRole font, int size) {
    int px = fonts_pixels(fonts, size);
    TTF_Font *face = font_for(fonts, font, px, 'H');
    const Glyph *capital = fonts_glyph_px(fonts, font, px, 'H');
    float ascent = face == NULL ? (float)px : (float)TTF_FontAscent(face);
    float descent = face == NULL ? (float)px * 0.25F : (float)-TTF_FontDescent(face);
    /* Some files claim a line and a half of room; a caret or a link must not be that high. */
    float px_size = (float)px;
    return (FontMetrics){.ascent = fminf(ascent, px_size) / fonts->scale,
                         .descent = fminf(descent, px_size * 0.28F) / fonts->scale,
                         .cap = (float)capital->top / fonts->scale};
}

static FontMetrics measure_metrics(void *user, FontRole font, int size) {
    Fonts *fonts = user;
    if (size <= 0 || size >= METRICS_MOST) {
        return read_metrics(fonts, font, size);
    }
    Measured *measured = &fonts->measured[font][size];
    if (measured->size == 0) {
        measured->size = size;
        measured->metrics = read_metrics(fonts, font, size);
    }
    return measured->metrics;
}

/* ---- Life ---- */

static bool has_any_font(Fonts *fonts) {
    return font_for(fonts, FONT_UI, fonts_pixels(fonts, 13), 'H') != NULL;
}

Fonts *fonts_new(float scale, Err *err) {
    if (TTF_Init() != 0) {
        err_set(err, "the font library could not start: %s", TTF_GetError());
        return NULL;
    }
    Fonts *fonts = calloc(1, sizeof *fonts);
    if (fonts == NULL) {
        abort();
    }
    fonts->scale = scale;
    fonts->measure = (TextMeasure){fonts, measure_advance, measure_metrics};
    if (!has_any_font(fonts)) {
        err_set(err, "no font was found: install the packages fonts-inter, fonts-jetbrains-mono, "
                     "fonts-stix, fonts-nanum and fonts-dejavu-core");
        fonts_free(fonts);
        return NULL;
    }
    return fonts;
}

void fonts_free(Fonts *fonts) {
    if (fonts == NULL) {
        return;
    }
    for (int i = 0; i < FONT_FILE_COUNT; i++) {
        if (fonts->faces[i].font != NULL) {
            TTF_CloseFont(fonts->faces[i].font);
        }
    }
    arena_free(&fonts->arena);
    free(fonts->slots);
    free(fonts);
    TTF_Quit();
}

const TextMeasure *fonts_measure(const Fonts *fonts) {
    return &fonts->measure;
}

float fonts_scale(const Fonts *fonts) {
    return fonts->scale;
}
