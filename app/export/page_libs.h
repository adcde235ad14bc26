/* page_libs: Cairo and Pango, loaded when the first document is made. With them come sixteen libraries,
 * which would cost every start of the program two milliseconds; only who prints pays that.
 *
 * Functions are called through tables, with the types of the libraries' own headers:
 * cairo->stroke(cr) is cairo_stroke(cr), pango->layout_new(…) is pango_layout_new(…). The tables are
 * filled once, by page_libs_load, and are constant from then on. */
#ifndef EXPORT_PAGE_LIBS_H
#define EXPORT_PAGE_LIBS_H

#include "engine/base/err.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#define CAIRO_FUNCTIONS(X)                                                                         \
    X(arc)                                                                                         \
    X(close_path)                                                                                  \
    X(create)                                                                                      \
    X(curve_to)                                                                                    \
    X(destroy)                                                                                     \
    X(fill)                                                                                        \
    X(font_options_create)                                                                         \
    X(font_options_destroy)                                                                        \
    X(font_options_set_antialias)                                                                  \
    X(font_options_set_hint_metrics)                                                               \
    X(font_options_set_hint_style)                                                                 \
    X(get_source)                                                                                  \
    X(image_surface_create)                                                                        \
    X(image_surface_get_data)                                                                      \
    X(image_surface_get_stride)                                                                    \
    X(line_to)                                                                                     \
    X(move_to)                                                                                     \
    X(new_sub_path)                                                                                \
    X(paint)                                                                                       \
    X(pattern_set_filter)                                                                          \
    X(pdf_surface_create_for_stream)                                                               \
    X(pdf_surface_set_metadata)                                                                    \
    X(pdf_surface_set_size)                                                                        \
    X(rectangle)                                                                                   \
    X(restore)                                                                                     \
    X(rotate)                                                                                      \
    X(save)                                                                                        \
    X(scale)                                                                                       \
    X(set_antialias)                                                                               \
    X(set_dash)                                                                                    \
    X(set_line_width)                                                                              \
    X(set_source_rgba)                                                                             \
    X(set_source_surface)                                                                          \
    X(show_page)                                                                                   \
    X(status)                                                                                      \
    X(status_to_string)                                                                            \
    X(stroke)                                                                                      \
    X(surface_destroy)                                                                             \
    X(surface_finish)                                                                              \
    X(surface_flush)                                                                               \
    X(surface_mark_dirty)                                                                          \
    X(surface_status)                                                                              \
    X(translate)

#define PANGO_FUNCTIONS(X)                                                                         \
    X(attr_font_desc_new)                                                                          \
    X(attr_font_features_new)                                                                      \
    X(attr_list_insert)                                                                            \
    X(attr_list_new)                                                                               \
    X(attr_list_unref)                                                                             \
    X(cairo_context_set_font_options)                                                              \
    X(cairo_context_set_resolution)                                                                \
    X(cairo_font_map_new)                                                                          \
    X(cairo_show_layout_line)                                                                      \
    X(context_set_base_dir)                                                                        \
    X(context_set_language)                                                                        \
    X(context_set_round_glyph_positions)                                                           \
    X(font_description_free)                                                                       \
    X(font_description_new)                                                                        \
    X(font_description_set_absolute_size)                                                          \
    X(font_description_set_family)                                                                 \
    X(font_description_set_style)                                                                  \
    X(font_description_set_weight)                                                                 \
    X(font_map_create_context)                                                                     \
    X(font_map_list_families)                                                                      \
    X(language_from_string)                                                                        \
    X(layout_get_baseline)                                                                         \
    X(layout_get_extents)                                                                          \
    X(layout_get_line_count)                                                                       \
    X(layout_get_line_readonly)                                                                    \
    X(layout_line_index_to_x)                                                                      \
    X(layout_new)                                                                                  \
    X(layout_set_attributes)                                                                       \
    X(layout_set_auto_dir)                                                                         \
    X(layout_set_single_paragraph_mode)                                                            \
    X(layout_set_text)                                                                             \
    X(layout_set_width)                                                                            \
    X(layout_set_wrap)

#define GLIB_FUNCTIONS(X)                                                                          \
    X(free)                                                                                        \
    X(object_unref)

#define CAIRO_MEMBER(name) __typeof__(&cairo_##name) name;
#define PANGO_MEMBER(name) __typeof__(&pango_##name) name;
#define GLIB_MEMBER(name) __typeof__(&g_##name) name;
typedef struct {
    CAIRO_FUNCTIONS(CAIRO_MEMBER)
} CairoFunctions;
typedef struct {
    PANGO_FUNCTIONS(PANGO_MEMBER)
} PangoFunctions;
typedef struct {
    GLIB_FUNCTIONS(GLIB_MEMBER)
} GlibFunctions;
#undef CAIRO_MEMBER
#undef PANGO_MEMBER
#undef GLIB_MEMBER

extern const CairoFunctions *const cairo;
extern const PangoFunctions *const pango;
extern const GlibFunctions *const glib;

/* False where they are not installed, or lack a function; the message tells the package. */
bool page_libs_load(Err *err);

#endif
