/* sheet_part: what the files of sheet share; private to them. Each `put` draws at (x, y), its upper
 * left corner, and returns its height; without a page it only measures. */
#ifndef EXPORT_SHEET_PART_H
#define EXPORT_SHEET_PART_H

#include "app/export/sheet.h"

#define SHEET_BODY 10.5 /* points, like all sizes here */
#define SHEET_SMALL 9.0
#define SHEET_LEADING 15.5 /* from baseline to baseline */
#define SHEET_INK COLOR_RGB(0x15181e)
#define SHEET_QUIET COLOR_RGB(0x505b6b)
#define SHEET_RULE COLOR_RGB(0xb9bec6)
#define SHEET_SOLUTION COLOR_RGB(0x0b4f8a) /* what only the key has */

/* A paragraph's spans, or a bullet's, in lines of at most `width`. Formulas are drawn as formula.h draws
 * them. */
double sheet_put_spans(PageDoc *doc, Page *page, double x, double y, double width, Color color,
                       const SheetBlock *block);

/* Tokens in frames, one after another, their places below them. */
double sheet_put_tokens(PageDoc *doc, Page *page, double x, double y, double width,
                        const char *const *token, size_t count);

/* Rows [row, row_end) and columns [column, column_end) of a matrix. */
typedef struct {
    const SheetMatrix *matrix;
    size_t row, row_end, column, column_end;
    double room; /* for the title, where another matrix stands beside it; 0: the whole width */
} SheetBand;
/* The band that begins with this cell, of as many rows and columns as the area has room for: at least
 * one of each. */
SheetBand sheet_band(PageDoc *doc, const SheetMatrix *matrix, size_t row, size_t column,
                     double width, double height);
/* With its title, shortened if need be; `width` is that of the page's text. */
double sheet_band_width(PageDoc *doc, const SheetBand *band, double width);
/* The matrix's title stands above its first band. */
double sheet_put_band(PageDoc *doc, Page *page, double x, double y, double width, bool key,
                      const SheetBand *band);

#endif
