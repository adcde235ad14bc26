/* JSON: what about.h says, the axes with their labels, and the values as lists in lists. JSON has no
 * infinity and no NaN: they are the texts "-inf", "inf" and "nan", which Python's float() and
 * numpy.array(…, dtype="float32") read. */
#include "app/export/data_part.h"
#include "engine/base/json.h"

#include <math.h>
#include <string.h>

enum { PIECE = 1 << 16 };

static void put_text(Buf *buf, const char *text) {
    json_quote(buf, text, strlen(text));
}

static void put_axes(const DataTable *table, Buf *buf) {
    const Tensor *tensor = &table->tensor;
    buf_text(buf, ",\n  \"axes\": [");
    for (int axis = 0; axis < tensor->rank; axis++) {
        buf_text(buf, axis ? ", " : "");
        put_text(buf, axis_name(table->axis[axis]));
    }
    buf_text(buf, "],\n  \"shape\": [");
    for (int axis = 0; axis < tensor->rank; axis++)
        buf_printf(buf, axis ? ", %zu" : "%zu", tensor->dim[axis]);
    buf_printf(buf, "],\n  \"dtype\": \"%s\"", tensor->type == DTYPE_I32 ? "int32" : "float32");
}

static void put_labels(const DataTable *table, Buf *buf) {
    bool first = true;
    buf_text(buf, ",\n  \"labels\": {");
    for (int axis = 0; axis < table->tensor.rank; axis++) {
        if (!table->label[axis])
            continue;
        buf_text(buf, first ? "\n    " : ",\n    ");
        put_text(buf, axis_name(table->axis[axis]));
        for (size_t i = 0; i < table->tensor.dim[axis]; i++) {
            buf_text(buf, i ? ", " : ": [");
            put_text(buf, table->label[axis][i]);
        }
        buf_char(buf, ']');
        first = false;
    }
    buf_text(buf, first ? "}" : "\n  }");
}

static void put_number(const DataTable *table, const size_t *index, Buf *buf) {
    char room[DATA_NUMBER_SIZE];
    bool finite = isfinite(tensor_get(&table->tensor, index));
    buf_printf(buf, finite ? "%s" : "\"%s\"", data_number(table, index, room));
}

/* How many of the last axes begin with this cell, or end with it: so many brackets. */
static int edges(const Tensor *tensor, const size_t *index, bool end) {
    int count = 0;
    for (int axis = tensor->rank - 1; axis >= 0; axis--, count++)
        if (index[axis] != (end ? tensor->dim[axis] - 1 : 0))
            break;
    return count;
}

/* A line for each innermost list. */
static void put_values(const DataTable *table, DataOut *out) {
    const Tensor *tensor = &table->tensor;
    size_t index[TENSOR_RANK], count = tensor_count(tensor);
    buf_text(&out->buf, ",\n  \"values\": ");
    for (size_t cell = 0; cell < count; cell++) {
        shape_unravel(tensor->rank, tensor->dim, cell, index);
        int opened = edges(tensor, index, false), shut = edges(tensor, index, true);
        if (cell > 0)
            buf_text(&out->buf, opened ? ",\n   " : ", ");
        for (int i = 0; i < opened; i++)
            buf_char(&out->buf, '[');
        put_number(table, index, &out->buf);
        for (int i = 0; i < shut; i++)
            buf_char(&out->buf, ']');
        data_out_flush(out, PIECE);
    }
}

void data_json(const DataTable *table, const ExportAbout *about, DataOut *out) {
    Buf *buf = &out->buf;
    AboutField field[ABOUT_FIELDS];
    size_t fields = about_fields(about, field);
    for (size_t i = 0; i < fields; i++) {
        buf_text(buf, i ? ",\n  " : "{\n  ");
        put_text(buf, field[i].key);
        buf_text(buf, ": ");
        put_text(buf, field[i].value);
    }
    put_axes(table, buf);
    put_labels(table, buf);
    put_values(table, out);
    buf_text(buf, "\n}\n");
}
