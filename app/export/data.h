/* data: a record of a trace as a file that Python and others read: CSV, NPY, JSON, safetensors.
 * docs/data.md describes the files. Each is written whole or not at all, float32 comes back exactly,
 * and the same record gives the same bytes. */
#ifndef EXPORT_DATA_H
#define EXPORT_DATA_H

#include "app/export/about.h"
#include "engine/trace/trace.h"

typedef enum { DATA_CSV, DATA_NPY, DATA_JSON, DATA_SAFETENSORS, DATA_FORMATS } DataFormat;

/* By the name's ending, in any case: .csv, .npy, .json, .safetensors. False names the four. */
bool data_format(const char *path, DataFormat *format, Err *err);

/* A record, or one head of it. A view: the trace must outlive it. */
typedef struct {
    const Trace *trace;
    int node;
    int without;   /* the record's axis that was sliced away; -1: none */
    Tensor tensor; /* F32 or I32; strided */
    Axis axis[TENSOR_RANK];
    const char *const *label[TENSOR_RANK]; /* what its cells are called; NULL: they have numbers */
} DataTable;

/* Tokens and classes have labels of the trace. `head` NULL: all heads. False where the record was
 * not kept, has no heads, or not that one. */
bool data_take(const Trace *trace, int node, const size_t *head, DataTable *table, Err *err);

/* Whether the record has that head, asked before anything runs. */
bool data_check_head(const Node *node, size_t head, Err *err);

bool data_write(const DataTable *table, const ExportAbout *about, DataFormat format,
                const char *path, Err *err);

#endif
