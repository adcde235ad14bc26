/* A matrix with token labels, and empty boxes for what a learner fills in. */
#include "app/export/sheet_part.h"

#include <math.h>
#include <string.h>

static const double ROW = 16.5, PAD = 4, TITLE = 17, TITLE_GAP = 8;
static const double TURNED = 38;     /* the most that turned labels may rise */
static const double LABEL_MOST = 92; /* and that row labels may take */
static const double ANGLE = -55, DEGREE = 3.14159265358979 / 180;
static const double LEAST_CELL = 26; /* wide enough to write a number into */

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
    double *edge; /* [columns + 1] from the first column's left */
    double head;  /* height of the column labels */
    bool turned;
} Grid;

static const char *axes_text(PageDoc *doc, const SheetMatrix *matrix) {
    if (!*matrix->row_axis)
        return matrix->column_axis;
    if (!*matrix->column_axis)
        return matrix->row_axis;
    return arena_printf(page_arena(doc), "%s ↓ %s →", matrix->row_axis, matrix->column_axis);
}

/* Columns as wide as the widest label where there is room, else each as its own label; where that is
 * too wide, too, labels are turned. */
static void set_columns(PageDoc *doc, const SheetMatrix *matrix, double number, double room,
                        Grid *grid) {
    PageStyle style = label_style();
    size_t count = matrix->columns;
    double label = widest(doc, style, matrix->column, count) + 2 * PAD, own = 0;
    double *edge = ARENA_NEW_N(page_arena(doc), double, count + 1);
    for (size_t j = 0; j < count; j++)
        own += fmax(number, page_measure(doc, style, matrix->column[j]).width + 2 * PAD);
    bool equal = fmax(number, label) * (double)count <= room;
    grid->turned = !equal && own > room && label > number;
    for (size_t j = 0; j < count; j++) {
        double fits = page_measure(doc, style, matrix->column[j]).width + 2 * PAD;
        edge[j + 1] = edge[j] + (grid->turned ? number : fmax(number, equal ? label : fits));
    }
    grid->edge = edge;
    grid->head = ROW;
    if (grid->turned)
        grid->head = fmin(TURNED, label * sin(-ANGLE * DEGREE)) + 12;
}

static Grid grid_of(PageDoc *doc, const SheetMatrix *matrix, double width) {
    double number = widest(doc, number_style(), matrix->cell, matrix->rows * matrix->columns);
    double axes = page_measure(doc, small_style(FONT_UI, 0), axes_text(doc, matrix)).width;
    double row = widest(doc, label_style(), matrix->row, matrix->rows);
    Grid grid = {.label = fmin(fmax(row, axes), fmax(LABEL_MOST, axes)) + 2 * PAD};
    set_columns(doc, matrix, fmax(number, LEAST_CELL) + 2 * PAD, width - grid.label, &grid);
    return grid;
}

/* How many columns fit, at least one. */
static size_t columns_in(const Grid *grid, size_t all, double room) {
    size_t count = 1;
    while (count < all && grid->edge[count + 1] <= room)
        count++;
    return count;
}

/* Of `all` rows or columns, in bands of about the same size, as many as the one from `first` on has. */
static size_t share(size_t all, size_t first, size_t most) {
    size_t bands = (all + most - 1) / most, each = (all + bands - 1) / bands;
    return first + each < all ? each : all - first;
}

SheetBand sheet_band(PageDoc *doc, const SheetMatrix *matrix, size_t row, size_t column,
                     double width, double height) {
    Grid grid = grid_of(doc, matrix, width);
    double rows = fmax(1, floor((height - grid.head - TITLE) / ROW));
    size_t columns = columns_in(&grid, matrix->columns, width - grid.label);
    SheetBand band = {.matrix = matrix, .row = row, .column = column};
    band.row_end = row + share(matrix->rows, row, (size_t)rows);
    band.column_end = column + share(matrix->columns, column, columns);
    return band;
}

/* "Queries" of "Queries: what each token looks for". */
static const char *short_title(PageDoc *doc, const SheetMatrix *matrix) {
    const char *colon = strstr(matrix->title, ": ");
    size_t size = colon ? (size_t)(colon - matrix->title) : strlen(matrix->title);
    return arena_copy_bytes(page_arena(doc), matrix->title, size);
}

static double title_width(PageDoc *doc, const SheetMatrix *matrix, const char *title) {
    return page_measure(doc, small_style(FONT_UI_BOLD, 0), title).width + TITLE_GAP +
           page_measure(doc, small_style(FONT_UI, 0), matrix->where).width;
}

double sheet_band_width(PageDoc *doc, const SheetBand *band, double width) {
    Grid grid = grid_of(doc, band->matrix, width);
    double cells = grid.label + grid.edge[band->column_end] - grid.edge[band->column];
    double title = title_width(doc, band->matrix, short_title(doc, band->matrix));
    return fmin(fmax(cells, title), width);
}

static double put_title(PageDoc *doc, Page *page, double x, double y, double width,
                        const SheetMatrix *matrix) {
    PageStyle bold = small_style(FONT_UI_BOLD, SHEET_INK),
              plain = small_style(FONT_UI, SHEET_QUIET);
    const char *title = matrix->title;
    if (title_width(doc, matrix, title) > width)
        title = short_title(doc, matrix);
    double room = width - page_measure(doc, plain, matrix->where).width - TITLE_GAP;
    double at = x + page_text(page, bold, x, y + 10, page_elide(doc, bold, title, room + 0.5));
    page_text(page, plain, at + TITLE_GAP, y + 10, matrix->where);
    return TITLE;
}

/* The first row of a column, where the band's cells begin at (x, y). */
static PageBox column_box(const Grid *grid, const SheetBand *band, size_t column, double x,
                          double y) {
    return (PageBox){x + grid->edge[column] - grid->edge[band->column], y,
                     grid->edge[column + 1] - grid->edge[column], ROW};
}

static void put_heads(PageDoc *doc, Page *page, double x, double y, const Grid *grid,
                      const SheetBand *band) {
    PageStyle style = label_style(), axes = small_style(FONT_UI, SHEET_QUIET);
    page_text(page, axes, x, y + grid->head - 5, axes_text(doc, band->matrix));
    style.anchor = grid->turned ? PAGE_START : PAGE_MIDDLE;
    style.angle = grid->turned ? ANGLE : 0;
    for (size_t j = band->column; j < band->column_end; j++) {
        PageBox box = column_box(grid, band, j, x + grid->label, y);
        double room = grid->turned ? TURNED / sin(-ANGLE * DEGREE) : box.w;
        const char *text = page_elide(doc, label_style(), band->matrix->column[j], room);
        page_text(page, style, box.x + box.w / 2, y + grid->head - 5, text);
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
            double top = y + (double)(i - band->row) * ROW;
            PageBox box = column_box(grid, band, j, x, top);
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
        put_title(doc, page, x, y, band->room > 0 ? band->room : width, band->matrix);
    put_heads(doc, page, x, y + title, &grid, band);
    y += title + grid.head;
    for (size_t i = 0; i < rows; i++)
        put_row_label(doc, page, x, y + ROW * (double)i, &grid, band->matrix->row[band->row + i]);
    for (int blanks = 0; blanks < 2; blanks++)
        put_cells(doc, page, x + grid.label, y, &grid, key, band, blanks == 1);
    return height;
}
