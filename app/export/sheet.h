/* sheet: a worksheet (app/ui/sheet.h) on pages: A4 upright, black on white with a little colour, made to
 * be printed. No type is smaller than 9 points. A matrix that is too wide or too high for a page is
 * told in several, each with its headings; none is cut by the end of a page. A question stays on one
 * page where it fits one. */
#ifndef EXPORT_SHEET_H
#define EXPORT_SHEET_H

#include "app/export/about.h"
#include "app/export/page.h"
#include "app/ui/sheet.h"

/* The pages, to look at or to save. NULL where there is no font. Free with page_doc_free. */
PageDoc *sheet_pages(const SheetDoc *sheet, const ExportAbout *about, Err *err);

/* As a PDF file. */
bool sheet_save(const SheetDoc *sheet, const ExportAbout *about, const char *path, Err *err);

#endif
