/* A trace file from anywhere: whatever the bytes are, it is read whole or refused with a message. */
#include "engine/trace/trace_file.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    TraceFile trace;
    Err err = {{0}};
    if (!trace_parse(data, size, "trace.safetensors", &trace, &err)) {
        if (!err.text[0])
            abort(); /* refused without a word */
        return 0;
    }
    for (size_t i = 0; i < trace.count; i++)
        if (trace_file_find(&trace, trace.record[i].name) != &trace.record[i])
            abort();
    trace_file_close(&trace);
    return 0;
}
