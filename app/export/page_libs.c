#include "app/export/page_libs.h"

#include <dlfcn.h>
#include <string.h>

#define LIBRARY "libpangocairo-1.0.so.0" /* it brings the others along */

static CairoFunctions cairo_table;
static PangoFunctions pango_table;
static GlibFunctions glib_table;
const CairoFunctions *const cairo = &cairo_table;
const PangoFunctions *const pango = &pango_table;
const GlibFunctions *const glib = &glib_table;

#define CAIRO_NAME(name) "cairo_" #name,
#define PANGO_NAME(name) "pango_" #name,
#define GLIB_NAME(name) "g_" #name,
static const char *const cairo_name[] = {CAIRO_FUNCTIONS(CAIRO_NAME)};
static const char *const pango_name[] = {PANGO_FUNCTIONS(PANGO_NAME)};
static const char *const glib_name[] = {GLIB_FUNCTIONS(GLIB_NAME)};

/* A table is a row of pointers, one for each name. */
static bool fill(void *library, const char *const *name, size_t size, void *table, Err *err) {
    for (size_t i = 0; i < size / sizeof(void *); i++) {
        void *function = dlsym(library, name[i]);
        if (!function)
            return err_set(err, "Cairo or Pango is too old for figures: it has no %s", name[i]);
        memcpy((char *)table + i * sizeof function, &function, sizeof function);
    }
    return true;
}

bool page_libs_load(Err *err) {
    if (glib_table.object_unref) /* the last one: all are there */
        return true;
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return err_set(err,
                       "figures are drawn with Pango and Cairo; install libpangocairo-1.0-0 (%s)",
                       dlerror());
    return fill(library, cairo_name, sizeof cairo_table, &cairo_table, err) &&
           fill(library, pango_name, sizeof pango_table, &pango_table, err) &&
           fill(library, glib_name, sizeof glib_table, &glib_table, err);
}
