/* CSV after RFC 4180: lines end in CR LF, a field with a comma, a quote or a line break stands in
 * quotes. The first heading is the JSON of about.h, so that the file's origin is in a field that any
 * reader takes for the name of the row labels. */
#include "app/export/data_part.h"

#include <string.h>

enum { PIECE = 1 << 16 };

static void put_field(Buf *buf, const char *text) {
    if (!text[strcspn(text, ",\"\r\n")] && *text != ' ') {
        buf_text(buf, text);
        return;
    }
    buf_char(buf, '"');
    for (; *text; text++) {
        if (*text == '"')
            buf_char(buf, '"');
        buf_char(buf, *text);
    }
    buf_char(buf, '"');
}

static void put_place(Buf *buf, const DataTable *table, int axis, size_t at) {
    if (table->label[axis])
        put_field(buf, table->label[axis][at]);
    else
        buf_printf(buf, "%zu", at);
}

static void put_corner(const ExportAbout *about, Buf *buf) {
    Buf json = {0};
    about_json(about, &json);
    put_field(buf, buf_cstr(&json));
    buf_free(&json);
}

static void put_value(Buf *buf, const DataTable *table, const size_t *index) {
    char room[DATA_NUMBER_SIZE];
    buf_char(buf, ',');
    buf_text(buf, data_number(table, index, room));
}

/* Up to two axes: rows and columns as they are. */
static void write_table(const DataTable *table, DataOut *out) {
    const Tensor *tensor = &table->tensor;
    size_t columns = tensor->rank > 1 ? tensor->dim[1] : 1;
    for (size_t j = 0; j < columns; j++) {
        buf_char(&out->buf, ',');
        if (tensor->rank > 1)
            put_place(&out->buf, table, 1, j);
        else
            buf_text(&out->buf, "value");
    }
    buf_text(&out->buf, "\r\n");
    for (size_t i = 0; i < tensor->dim[0]; i++) {
        put_place(&out->buf, table, 0, i);
        for (size_t j = 0; j < columns; j++)
            put_value(&out->buf, table, (const size_t[TENSOR_RANK]){i, j});
        buf_text(&out->buf, "\r\n");
        data_out_flush(out, PIECE);
    }
}

/* More axes: a line a cell, with its number, its index and the labels that it has. */
static void write_long(const DataTable *table, DataOut *out) {
    const Tensor *tensor = &table->tensor;
    for (int axis = 0; axis < tensor->rank; axis++) {
        const char *name = axis_name(table->axis[axis]);
        buf_printf(&out->buf, table->label[axis] ? ",%s,%s_label" : ",%s", name, name);
    }
    buf_text(&out->buf, ",value\r\n");
    size_t index[TENSOR_RANK], count = tensor_count(tensor);
    for (size_t cell = 0; cell < count; cell++) {
        shape_unravel(tensor->rank, tensor->dim, cell, index);
        buf_printf(&out->buf, "%zu", cell);
        for (int axis = 0; axis < tensor->rank; axis++) {
            buf_printf(&out->buf, table->label[axis] ? ",%zu," : ",%zu", index[axis]);
            if (table->label[axis])
                put_place(&out->buf, table, axis, index[axis]);
        }
        put_value(&out->buf, table, index);
        buf_text(&out->buf, "\r\n");
        data_out_flush(out, PIECE);
    }
}

void data_csv(const DataTable *table, const ExportAbout *about, DataOut *out) {
    put_corner(about, &out->buf);
    if (table->tensor.rank > 2)
        write_long(table, out);
    else
        write_table(table, out);
}
