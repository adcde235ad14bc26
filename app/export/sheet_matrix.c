/* A matrix with token labels, and empty boxes for what a learner fills in. */
#include "app/export/sheet_part.h"

#include <math.h>

static const double ROW = 16.5, PAD = 4, TITLE = 17;
static const double TURNED = 38;     /* the most that turned labels may rise */
static const double LABEL_MOST = 92; /* and that row labels may take */
static const double ANGLE = -55;

static PageStyle number_style(void) {
    return (PageStyle){FONT_MONO, SHEET_SMALL, SHEET_INK, PAGE_END, 0};
}

static PageStyle label_style(void) {
    return (PageStyle){FONT_MONO, SHEET_SMALL, SHEET_QUIET, PAGE_START, 0};
}

static PageStyle small_style(FontRole font, Color color) {
    return (PageStyle){font, SHEET_SMALL, color, PAGE_START, 0};
}

static double widest(PageDoc *doc, PageStyle style, const char *const *text, size_t count) {
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, page_measure(doc, style, text[i]).width);
    return most;
}

/* The same for all bands, so that they line up. */
typedef struct {
    double label; /* width of the row labels */
    double cell;
    double head; /* height of the column labels */
    bool turned;
} Grid;

static const char *axes_text(PageDoc *doc, const SheetMatrix *matrix) {
    if (!*matrix->row_axis)
        return matrix->column_axis;
    if (!*matrix->column_axis)
        return matrix->row_axis;
    return arena_printf(page_arena(doc), "%s ↓ %s →", matrix->row_axis, matrix->column_axis);
}

static Grid grid_of(PageDoc *doc, const SheetMatrix *matrix, double width) {
    double number = widest(doc, number_style(), matrix->cell, matrix->rows * matrix->columns);
    double label = widest(doc, label_style(), matrix->column, matrix->columns);
    double axes = page_measure(doc, small_style(FONT_UI, 0), axes_text(doc, matrix)).width;
    double row = widest(doc, label_style(), matrix->row, matrix->rows);
    Grid grid = {.label = fmin(fmax(row, axes), fmax(LABEL_MOST, axes)) + 2 * PAD,
                 .cell = fmax(number, 26) + 2 * PAD,
                 .head = ROW};
    double straight = fmax(grid.cell, label + 2 * PAD);
    if (grid.label + straight * (double)matrix->columns <= width)
        grid.cell = straight;
    else
        grid.turned = label + 2 > grid.cell;
    if (grid.turned)
        grid.head = fmin(TURNED, label * sin(-ANGLE * 3.14159265 / 180) + 4) + 8;
    return grid;
}

/* Of `all` rows or columns, in bands of about the same size, as many as the one from `first` on has. */
static size_t share(size_t all, size_t first, double room) {
    size_t most = (size_t)fmax(1, room), bands = (all + most - 1) / most;
    size_t each = (all + bands - 1) / bands;
    return first + each < all ? each : all - first;
}

SheetBand sheet_band(PageDoc *doc, const SheetMatrix *matrix, size_t row, size_t column,
                     double width, double height) {
    Grid grid = grid_of(doc, matrix, width);
    double columns = floor((width - grid.label) / grid.cell);
    double rows = floor((height - grid.head - TITLE) / ROW);
    SheetBand band = {matrix, row, 0, column, 0};
    band.row_end = row + share(matrix->rows, row, rows);
    band.column_end = column + share(matrix->columns, column, columns);
    return band;
}

static double put_title(PageDoc *doc, Page *page, double x, double y, double width,
                        const SheetMatrix *matrix) {
    PageStyle bold = small_style(FONT_UI_BOLD, SHEET_INK),
              plain = small_style(FONT_UI, SHEET_QUIET);
    double room = width - page_measure(doc, plain, matrix->where).width - 8;
    double at = x + page_text(page, bold, x, y + 10, page_elide(doc, bold, matrix->title, room));
    page_text(page, plain, at + 8, y + 10, matrix->where);
    return TITLE;
}

static void put_heads(PageDoc *doc, Page *page, double x, double y, const Grid *grid,
                      const SheetBand *band) {
    PageStyle style = label_style(), axes = small_style(FONT_UI, SHEET_QUIET);
    page_text(page, axes, x, y + grid->head - 5, axes_text(doc, band->matrix));
    for (size_t j = band->column; j < band->column_end; j++) {
        double left = x + grid->label + (double)(j - band->column) * grid->cell;
        const char *text = band->matrix->column[j];
        style.anchor = grid->turned ? PAGE_START : PAGE_MIDDLE;
        style.angle = grid->turned ? ANGLE : 0;
        text = page_elide(doc, label_style(), text,
                          grid->turned ? TURNED / sin(-ANGLE * 3.14159265 / 180) : grid->cell);
        page_text(page, style, left + grid->cell / 2, y + grid->head - 5, text);
    }
}

static void put_cell(PageDoc *doc, Page *page, PageBox box, bool key, const SheetMatrix *matrix,
                     size_t cell) {
    PageStyle style = number_style();
    bool blank = matrix->blank[cell];
    double baseline = box.y + (box.h + page_cap(doc, style)) / 2;
    double line = blank ? 1.3 : 0.4; /* centred on the edges, which neighbours share */
    page_frame(page, (PageBox){box.x - line / 2, box.y - line / 2, box.w + line, box.h + line}, 0,
               line, blank ? SHEET_INK : SHEET_RULE);
    if (blank && !key)
        return;
    if (blank) {
        style.font = FONT_MONO_BOLD;
        style.color = SHEET_SOLUTION;
    }
    page_text(page, style, box.x + box.w - PAD, baseline, matrix->cell[cell]);
}

static void put_row_label(PageDoc *doc, Page *page, double x, double y, const Grid *grid,
                          const char *label) {
    PageStyle style = label_style();
    page_text(page, style, x, y + (ROW + page_cap(doc, style)) / 2,
              page_elide(doc, style, label, grid->label - PAD));
}

/* The blanks, or all others: heavy frames lie on light ones. */
static void put_cells(PageDoc *doc, Page *page, double x, double y, const Grid *grid, bool key,
                      const SheetBand *band, bool blanks) {
    const SheetMatrix *matrix = band->matrix;
    for (size_t i = band->row; i < band->row_end; i++)
        for (size_t j = band->column; j < band->column_end; j++) {
            size_t cell = i * matrix->columns + j;
            PageBox box = {x + (double)(j - band->column) * grid->cell,
                           y + (double)(i - band->row) * ROW, grid->cell, ROW};
            if (matrix->blank[cell] == blanks)
                put_cell(doc, page, box, key, matrix, cell);
        }
}

double sheet_put_band(PageDoc *doc, Page *page, double x, double y, double width, bool key,
                      const SheetBand *band) {
    Grid grid = grid_of(doc, band->matrix, width);
    double title = band->row == 0 && band->column == 0 ? TITLE : 0;
    size_t rows = band->row_end - band->row;
    double height = title + grid.head + ROW * (double)rows;
    if (!page)
        return height;
    if (title > 0)
        put_title(doc, page, x, y, width, band->matrix);
    put_heads(doc, page, x, y + title, &grid, band);
    y += title + grid.head;
    for (size_t i = 0; i < rows; i++)
        put_row_label(doc, page, x, y + ROW * (double)i, &grid, band->matrix->row[band->row + i]);
    for (int blanks = 0; blanks < 2; blanks++)
        put_cells(doc, page, x + grid.label, y, &grid, key, band, blanks == 1);
    return height;
}
