#include "app/export/data.h"

#include "app/export/data_part.h"
#include "engine/trace/trace_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- which ---- */

static const char *const ENDING[DATA_FORMATS] = {
    [DATA_CSV] = ".csv",
    [DATA_NPY] = ".npy",
    [DATA_JSON] = ".json",
    [DATA_SAFETENSORS] = ".safetensors",
};

bool data_format(const char *path, DataFormat *format, Err *err) {
    size_t length = strlen(path);
    for (int i = 0; i < DATA_FORMATS; i++) {
        size_t ending = strlen(ENDING[i]);
        *format = (DataFormat)i;
        if (length >= ending && strcasecmp(path + length - ending, ENDING[i]) == 0)
            return true;
    }
    return err_set(err, "%s: expected a name that ends in .csv, .npy, .json or .safetensors", path);
}

bool data_check_head(const Node *node, size_t head, Err *err) {
    int axis = node_heads_axis(node);
    if (axis < 0)
        return err_set(err, "head %zu: %s has no heads", head, node->name);
    return head < node->dim[axis] ||
           err_set(err, "head %zu: %s has %zu heads, expected 0 to %zu", head, node->name,
                   node->dim[axis], node->dim[axis] - 1);
}

static void drop_axis(DataTable *table, int axis, size_t at) {
    Tensor *tensor = &table->tensor;
    size_t index[TENSOR_RANK] = {0};
    index[axis] = at;
    tensor->data = tensor_at(tensor, tensor_offset(tensor, index));
    tensor->rank--;
    for (int i = axis; i < tensor->rank; i++) {
        tensor->dim[i] = tensor->dim[i + 1];
        tensor->stride[i] = tensor->stride[i + 1];
        table->axis[i] = table->axis[i + 1];
        table->label[i] = table->label[i + 1];
    }
    table->without = axis;
}

static const char *const *labels_of(const Trace *trace, int node, int axis) {
    const TraceText *tokens = trace_text(trace, node, axis);
    if (trace->graph.node[node].axis[axis] == AXIS_LABEL)
        return trace->class_name;
    return tokens ? (const char *const *)tokens->label : NULL;
}

bool data_take(const Trace *trace, int node, const size_t *head, DataTable *table, Err *err) {
    const Node *from = &trace->graph.node[node];
    if (head && !data_check_head(from, *head, err))
        return false;
    if (!trace_kept(trace, node))
        return err_set(err, "%s was not kept in this run", from->name);
    *table = (DataTable){trace, node, -1, .tensor = trace->value[node]};
    for (int axis = 0; axis < from->rank; axis++) {
        table->axis[axis] = from->axis[axis];
        table->label[axis] = labels_of(trace, node, axis);
    }
    if (head)
        drop_axis(table, node_heads_axis(from), *head);
    return true;
}

/* ---- writing ---- */

enum { PIECE = 1 << 16 };

bool data_out_open(DataOut *out, const char *path, Err *err) {
    *out = (DataOut){.file = file_create(path, err)};
    return out->file != NULL;
}

void data_out_flush(DataOut *out, size_t most) {
    if (out->buf.size <= most)
        return;
    file_write(out->file, out->buf.bytes, out->buf.size);
    buf_clear(&out->buf);
}

bool data_out_close(DataOut *out, Err *err) {
    data_out_flush(out, 0);
    buf_free(&out->buf);
    return file_commit(out->file, err);
}

const char *data_number(const DataTable *table, const size_t *index, char room[DATA_NUMBER_SIZE]) {
    double value = tensor_get(&table->tensor, index);
    int digits = table->tensor.type == DTYPE_I32 ? 10 : 9;
    if (isnan(value))
        strcpy(room, "nan"); /* printf would tell its sign */
    else if (value == 0 && signbit(value))
        strcpy(room, "-0.0"); /* "-0" is a whole number in JSON, which has no sign */
    else
        snprintf(room, DATA_NUMBER_SIZE, "%.*g", digits, value);
    return room;
}

/* numpy.lib.format: "\x93NUMPY", the version, the length of the header, a Python dict in ASCII, spaces
 * and a line break up to a multiple of 64 bytes, the numbers. A comment behind the dict is part of
 * no value. numpy.load refuses a header of more than 10000 characters. */
void data_npy(const DataTable *table, const ExportAbout *about, DataOut *out) {
    enum { CUT = 600, ALIGNED = 64, PREFIX = 10 };
    const Tensor *tensor = &table->tensor;
    Buf header = {0};
    buf_printf(&header, "{'descr': '%s', 'fortran_order': False, 'shape': (",
               tensor->type == DTYPE_I32 ? "<i4" : "<f4");
    for (int axis = 0; axis < tensor->rank; axis++)
        buf_printf(&header, axis ? ", %zu" : "%zu", tensor->dim[axis]);
    buf_text(&header, tensor->rank == 1 ? ",), } # " : "), } # ");
    about_json_ascii(about, CUT, &header);
    while ((PREFIX + header.size + 1) % ALIGNED != 0)
        buf_char(&header, ' ');
    buf_char(&header, '\n');
    buf_add(&out->buf, "\x93NUMPY\x01\x00", 8);
    buf_char(&out->buf, (char)(header.size & 0xff));
    buf_char(&out->buf, (char)(header.size >> 8));
    buf_add(&out->buf, header.bytes, header.size);
    buf_free(&header);
    size_t index[TENSOR_RANK] = {0}, count = tensor_count(tensor);
    for (size_t cell = 0; cell < count; cell++) {
        shape_unravel(tensor->rank, tensor->dim, cell, index);
        buf_add(&out->buf, tensor_at(tensor, tensor_offset(tensor, index)), 4);
        data_out_flush(out, PIECE);
    }
}

/* As `attnscope trace` writes it, with one record; what the trace's metadata lack is added. */
static bool write_safetensors(const DataTable *table, const ExportAbout *about, const char *path,
                              Err *err) {
    AboutField field[ABOUT_FIELDS];
    StMeta more[ABOUT_FIELDS];
    size_t fields = about_fields(about, field), count = 0;
    for (size_t i = 0; i < fields; i++)
        if (strcmp(field[i].key, "model") != 0)
            more[count++] = (StMeta){field[i].key, field[i].value};
    TracePart part = {table->node, table->without, table->tensor};
    return trace_save_part(table->trace, &part, more, count, path, err);
}

bool data_write(const DataTable *table, const ExportAbout *about, DataFormat format,
                const char *path, Err *err) {
    static void (*const writer[DATA_FORMATS])(const DataTable *, const ExportAbout *, DataOut *) = {
        [DATA_CSV] = data_csv,
        [DATA_NPY] = data_npy,
        [DATA_JSON] = data_json,
    };
    DataOut out;
    if (format == DATA_SAFETENSORS)
        return write_safetensors(table, about, path, err);
    if (!data_out_open(&out, path, err))
        return false;
    writer[format](table, about, &out);
    return data_out_close(&out, err);
}
