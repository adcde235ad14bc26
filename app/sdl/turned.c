#include "app/sdl/turned.h"

#include "engine/base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The run is set three times as large and sampled in 3 × 3 points a pixel: as sharp as text gets
 * when it is turned. */
enum { SLOTS = 512, FINE = 3, TEXT_MOST = 256 };

typedef struct {
    Turned turned;
    uint8_t *mask;
    FontRole font;
    int size;
    float angle;
    size_t bytes;
    char text[TEXT_MOST];
} Slot;

struct TurnedCache {
    Slot slots[SLOTS];
};

TurnedCache *turned_new(void) {
    TurnedCache *cache = calloc(1, sizeof *cache);
    if (cache == NULL) {
        abort();
    }
    return cache;
}

void turned_free(TurnedCache *cache) {
    for (int i = 0; cache != NULL && i < SLOTS; i++) {
        free(cache->slots[i].mask);
    }
    free(cache);
}

static size_t hash_of(const Slot *wanted) {
    uint64_t hash = 0xcbf29ce484222325U ^ (uint64_t)wanted->font ^ (uint64_t)wanted->size << 8 ^
                    (uint64_t)(int64_t)lroundf(wanted->angle * 16.0F) << 20;
    for (size_t i = 0; i < wanted->bytes; i++) {
        hash = (hash ^ (unsigned char)wanted->text[i]) * 0x100000001b3U;
    }
    return (size_t)(hash >> 20) % SLOTS;
}

static bool same(const Slot *a, const Slot *b) {
    return a->mask != NULL && a->font == b->font && a->size == b->size && a->angle == b->angle &&
           a->bytes == b->bytes && memcmp(a->text, b->text, a->bytes) == 0;
}

typedef struct {
    uint8_t *pixels;
    int width, height, baseline; /* fine pixels */
} Straight;

static void put_glyph(Straight *line, const Glyph *glyph, int pen) {
    for (int y = 0; y < glyph->height; y++) {
        int to_y = line->baseline - glyph->top + y;
        for (int x = 0; x < glyph->width; x++) {
            int to_x = pen + glyph->left + x;
            if (to_x >= 0 && to_x < line->width && to_y >= 0 && to_y < line->height) {
                uint8_t *to = &line->pixels[to_y * line->width + to_x];
                uint8_t from = glyph->mask[y * glyph->width + x];
                *to = from > *to ? from : *to;
            }
        }
    }
}

/* The run, straight and fine, with the advances that it has in its own size. */
static Straight set_straight(Fonts *fonts, const Slot *slot) {
    int px = fonts_pixels(fonts, slot->size);
    Straight line = {.height = px * FINE * 2, .baseline = px * FINE * 3 / 2};
    for (int pass = 0; pass < 2; pass++) {
        int pen = px * FINE / 2; /* room for what reaches over the start */
        for (size_t at = 0; at < slot->bytes;) {
            Utf8Char c = utf8_next(slot->text + at, slot->bytes - at);
            at += c.size;
            uint32_t shown = text_shown(c.code);
            if (shown == 0) {
                continue;
            }
            if (pass == 1) {
                put_glyph(&line, fonts_glyph_px(fonts, slot->font, px * FINE, shown), pen);
            }
            pen += fonts_glyph_px(fonts, slot->font, px, shown)->advance * FINE;
        }
        if (pass == 0) {
            line.width = pen + px * FINE / 2;
            line.pixels = calloc((size_t)line.width * (size_t)line.height, 1);
            if (line.pixels == NULL) {
                abort();
            }
        }
    }
    return line;
}

typedef struct {
    float cos, sin;
    float start; /* where the pen starts in the straight line */
    const Straight *line;
} Turn;

static unsigned sample(const Turn *turn, float x, float y) {
    float along = (x * turn->cos + y * turn->sin) * (float)FINE + turn->start;
    float across = (-x * turn->sin + y * turn->cos) * (float)FINE + (float)turn->line->baseline;
    int px = (int)floorf(along);
    int py = (int)floorf(across);
    bool inside = px >= 0 && px < turn->line->width && py >= 0 && py < turn->line->height;
    return inside ? turn->line->pixels[py * turn->line->width + px] : 0;
}

static uint8_t pixel(const Turn *turn, int x, int y) {
    unsigned sum = 0;
    for (int i = 0; i < FINE * FINE; i++) {
        float dx = ((float)(i % FINE) + 0.5F) / (float)FINE;
        float dy = ((float)(i / FINE) + 0.5F) / (float)FINE;
        sum += sample(turn, (float)x + dx, (float)y + dy);
    }
    return (uint8_t)(sum / (FINE * FINE));
}

/* The box around the turned line, in pixels from the pen's start. */
static void turned_box(const Turn *turn, Turned *box) {
    float x[2] = {-turn->start / (float)FINE,
                  ((float)turn->line->width - turn->start) / (float)FINE};
    float y[2] = {(float)-turn->line->baseline / (float)FINE,
                  (float)(turn->line->height - turn->line->baseline) / (float)FINE};
    float x0 = 0.0F, y0 = 0.0F, x1 = 0.0F, y1 = 0.0F;
    for (int i = 0; i < 4; i++) {
        float cx = x[i & 1] * turn->cos - y[i >> 1] * turn->sin;
        float cy = x[i & 1] * turn->sin + y[i >> 1] * turn->cos;
        x0 = fminf(x0, cx);
        x1 = fmaxf(x1, cx);
        y0 = fminf(y0, cy);
        y1 = fmaxf(y1, cy);
    }
    box->left = (int)floorf(x0);
    box->top = (int)floorf(y0);
    box->width = (int)ceilf(x1) - box->left;
    box->height = (int)ceilf(y1) - box->top;
}

static void turn_run(Fonts *fonts, Slot *slot) {
    static const float RADIANS = 0.017453292519943295F;
    Straight line = set_straight(fonts, slot);
    Turn turn = {cosf(slot->angle * RADIANS), sinf(slot->angle * RADIANS),
                 (float)(fonts_pixels(fonts, slot->size) * FINE / 2), &line};
    turned_box(&turn, &slot->turned);
    int w = slot->turned.width;
    int h = slot->turned.height;
    slot->mask = malloc((size_t)w * (size_t)h);
    if (slot->mask == NULL) {
        abort();
    }
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            slot->mask[y * w + x] = pixel(&turn, slot->turned.left + x, slot->turned.top + y);
        }
    }
    slot->turned.mask = slot->mask;
    free(line.pixels);
}

Turned turned_text(TurnedCache *cache, Fonts *fonts, FontRole font, int size, float angle,
                   const char *text, size_t bytes) {
    Slot wanted = {.font = font, .size = size, .angle = angle};
    while (wanted.bytes < bytes) { /* whole characters only */
        size_t step = utf8_next(text + wanted.bytes, bytes - wanted.bytes).size;
        if (wanted.bytes + step > TEXT_MOST) {
            break;
        }
        memcpy(wanted.text + wanted.bytes, text + wanted.bytes, step);
        wanted.bytes += step;
    }
    Slot *slot = &cache->slots[hash_of(&wanted)];
    if (!same(slot, &wanted)) {
        free(slot->mask);
        *slot = wanted;
        turn_run(fonts, slot);
    }
    return slot->turned;
}
