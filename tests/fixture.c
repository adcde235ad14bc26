#include "tests/fixture.h"

#include "engine/base/file.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

Model *fixture_model(const TinyModel *options) {
    char *folder = tiny_folder_new();
    tiny_model_write(folder, options);
    Err err = {{0}};
    Model *model = model_open(folder, &err);
    if (!model)
        print_message("%s\n", err.text);
    assert_non_null(model);
    tiny_folder_remove(folder);
    return model;
}

Trace *fixture_trace(const Model *model, size_t length, const RunOptions *options) {
    int32_t ids[256];
    assert_true(length <= 256);
    for (size_t i = 0; i < length; i++)
        ids[i] = (int32_t)(i * 3 % model->config.n_vocab);
    Err err = {{0}};
    Trace *trace = run_trace(model, ids, length, options, &err);
    if (!trace)
        print_message("%s\n", err.text);
    assert_non_null(trace);
    return trace;
}

const char *fixture_shared(void) {
    const char *path = getenv("ATTNSCOPE_SHARED");
    if (!path)
        path = "../shared";
    return file_is_folder(path) ? path : NULL;
}

double fixture_difference(const Trace *trace, int node, const float *expected) {
    const float *values = tensor_f32(&trace->value[node]);
    double worst = 0;
    for (size_t i = 0; i < tensor_count(&trace->value[node]); i++) {
        double difference = values[i] == expected[i]
                                ? 0
                                : fabs((double)values[i] - (double)expected[i]);
        if (!(difference <= worst))
            worst = isnan(difference) ? INFINITY : difference;
    }
    return worst;
}
