/* PNG files, with what the picture is about inside (libpng). */
#include "app/export/page_part.h"

#include <math.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>

#define INCHES_A_METRE (1 / 0.0254)

static void add_bytes(png_structp png, png_bytep bytes, size_t size) {
    buf_add(png_get_io_ptr(png), bytes, size);
}

static void flush_nothing(png_structp png) {
    (void)png;
}

static bool opaque(const Color *argb, int width, int height) {
    for (size_t i = 0; i < (size_t)width * (size_t)height; i++)
        if (argb[i] >> 24 != 0xff)
            return false;
    return true;
}

static png_text note(const char *key, const char *value) {
    char *text = (char *)(uintptr_t)value, *name = (char *)(uintptr_t)key;
    return (png_text){.compression = PNG_ITXT_COMPRESSION_NONE,
                      .key = name,
                      .text = text,
                      .itxt_length = strlen(value),
                      .lang = (char *)(uintptr_t) "",
                      .lang_key = (char *)(uintptr_t) ""};
}

static void set_notes(png_structp png, png_infop info, const PageDoc *doc) {
    png_text text[PAGE_NOTES_MOST + 2];
    int count = 0;
    if (*doc->title)
        text[count++] = note("Title", doc->title);
    if (*doc->description)
        text[count++] = note("Description", doc->description);
    for (size_t i = 0; i < doc->notes; i++)
        text[count++] = note(doc->note[i].key, doc->note[i].value);
    png_set_text(png, info, text, count);
}

static void write_all(png_structp png, png_infop info, const Color *argb, int width, int height,
                      uint8_t *row, bool alpha) {
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 8,
                 alpha ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (int y = 0; y < height; y++) {
        uint8_t *to = row;
        for (int x = 0; x < width; x++) {
            Color pixel = argb[(size_t)y * (size_t)width + (size_t)x];
            *to++ = (uint8_t)(pixel >> 16);
            *to++ = (uint8_t)(pixel >> 8);
            *to++ = (uint8_t)pixel;
            if (alpha)
                *to++ = (uint8_t)(pixel >> 24);
        }
        png_write_row(png, row);
    }
    png_write_end(png, info);
}

bool page_png(Buf *out, const PageDoc *doc, const Color *argb, int width, int height, double scale,
              Err *err) {
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    uint8_t *row = malloc((size_t)width * 4);
    if (!png || !info || !row)
        abort();
    bool alpha = !opaque(argb, width, height);
    bool ok = setjmp(png_jmpbuf(png)) == 0;
    if (ok) {
        png_set_write_fn(png, out, add_bytes, flush_nothing);
        png_uint_32 density = (png_uint_32)lround(scale * 72 * INCHES_A_METRE);
        if (scale > 0)
            png_set_pHYs(png, info, density, density, PNG_RESOLUTION_METER);
        if (doc)
            set_notes(png, info, doc);
        write_all(png, info, argb, width, height, row, alpha);
    }
    png_destroy_write_struct(&png, &info);
    free(row);
    return ok || err_set(err, "a picture of %d × %d pixels could not be encoded", width, height);
}
