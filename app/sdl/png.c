#include "app/sdl/png.h"

#include "engine/base/file.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

static void add_bytes(png_structp png, png_bytep bytes, size_t size) {
    buf_add(png_get_io_ptr(png), bytes, size);
}

static void flush_nothing(png_structp png) {
    (void)png;
}

static void write_row(png_structp png, const uint32_t *pixels, int width, uint8_t *row) {
    for (int x = 0; x < width; x++) {
        row[x * 3] = (uint8_t)(pixels[x] >> 16);
        row[x * 3 + 1] = (uint8_t)(pixels[x] >> 8);
        row[x * 3 + 2] = (uint8_t)pixels[x];
    }
    png_write_row(png, row);
}

static void write_rows(png_structp png, png_infop info, const uint32_t *pixels, int width,
                       int height, int stride, uint8_t *row) {
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 8, PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (int y = 0; y < height; y++) {
        write_row(png, pixels + (ptrdiff_t)y * stride, width, row);
    }
    png_write_end(png, info);
}

bool sdl_encode_png(Buf *out, const uint32_t *pixels, int width, int height, int stride, Err *err) {
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png == NULL ? NULL : png_create_info_struct(png);
    uint8_t *row = malloc((size_t)width * 3);
    if (png == NULL || info == NULL || row == NULL) {
        abort();
    }
    bool ok = setjmp(png_jmpbuf(png)) == 0;
    if (ok) {
        png_set_write_fn(png, out, add_bytes, flush_nothing);
        write_rows(png, info, pixels, width, height, stride, row);
    }
    png_destroy_write_struct(&png, &info);
    free(row);
    return ok || err_set(err, "a picture of %d × %d pixels could not be encoded", width, height);
}

bool sdl_save_png(const char *path, const uint32_t *pixels, int width, int height, int stride,
                  Err *err) {
    Buf bytes = {0};
    bool ok = sdl_encode_png(&bytes, pixels, width, height, stride, err);
    FileOut *out = ok ? file_create(path, err) : NULL;
    if (out != NULL) {
        file_write(out, bytes.bytes, bytes.size);
        ok = file_commit(out, err);
    } else {
        ok = false;
    }
    buf_free(&bytes);
    return ok;
}
