/* trace_file: a trace as a safetensors file, as TRACE.md lays down: float32, int32 for ids;
 * `__metadata__` holds format, version, model, tokens, attention, kv_cache and the list of records
 * in the order of computation. */
#ifndef TRACE_TRACE_FILE_H
#define TRACE_TRACE_FILE_H

#include "engine/base/err.h"
#include "engine/tensor/safetensors.h"
#include "engine/trace/trace.h"

#define TRACE_FORMAT "attnscope-trace"
#define TRACE_VERSION "1"

/* Writes every kept record. */
bool trace_save(const Trace *trace, const char *path, Err *err);

/* A kept record, or what one index of one of its axes leaves of it. */
typedef struct {
    int node;
    int without;   /* the axis that is gone; -1: none */
    Tensor tensor; /* a view of the values */
} TracePart;
/* Writes it alone, with further metadata; trace_load reads such a file, too. */
bool trace_save_part(const Trace *trace, const TracePart *part, const StMeta *more, size_t count,
                     const char *path, Err *err);

/* One record of a file that was read back. */
typedef struct {
    const char *name, *op;
    const char **inputs;
    int input_count;
    const char **axes;
    int axis_count;
    const StTensor *tensor;
} FileRecord;

typedef struct {
    Arena arena;
    StFile file;
    const char *model, *attention, *kv_cache, *version;
    size_t sequential_steps; /* graph_sequential_steps; 0: the file doesn't say */
    const char **token;
    size_t token_count;
    const char **source; /* of two stacks what the encoder read; else none */
    size_t source_count;
    FileRecord *record; /* in the order of computation */
    size_t count;
} TraceFile;

/* Checks format and version, that records and tensors match one to one, and axes the ranks. */
bool trace_load(const char *path, TraceFile *trace, Err *err);
/* The same from memory, for tests and fuzzing; `bytes` must outlive the TraceFile. */
bool trace_parse(const uint8_t *bytes, size_t size, const char *path, TraceFile *trace, Err *err);
void trace_file_close(TraceFile *trace);
const FileRecord *trace_file_find(const TraceFile *trace, const char *name); /* NULL: not there */

#endif
