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

Model *fixture_golden(const FixtureFolder *from) {
    Err err = {{0}};
    Model *model = model_open(from->folder, &err);
    if (!model || (from->settings && !model_set(model, from->settings, &err)))
        fail_msg("%s", err.text);
    return model;
}

const FixtureFolder FIXTURE_FOLDERS[] = {
    {"tests/golden/llama-a", NULL},
    {"tests/golden/llama-a", "norm=none,residual=off,act=relu"},
    {"tests/golden/llama-a", "norm_place=post,pos=alibi,act=gelu"},
    {"tests/golden/llama-b", "mask=local:2,pos=sinusoidal,scale=off"},
    {"tests/golden/llama-d", "mask_place=after"},
    {"tests/golden/mistral-a", NULL},
    {"tests/golden/qwen2-a", "softmax=queries,zero_head=0.1"},
    {"tests/golden/neox-a", NULL},
    {"tests/golden/neox-b", "mask=dilated:2:2,act=gelu_new"},
    {"tests/golden/mixtral-a", NULL},
    {"tests/golden/mixtral-c", "mask=full,n_active=2"},
    {"tests/golden/bert-a", NULL},
    {"tests/golden/bert-b", "mask=causal"},
    {"tests/golden/bert-c", "mask=local:2"},
    {"tests/golden/bert-d", NULL},
    {"tests/golden/t5-a", NULL},
    {"tests/golden/t5-b", NULL},
    {"tests/golden/bart-a", NULL},
    {"tests/golden/marian-a", NULL},
    {"tests/golden/rnn-a", NULL},
    {"tests/golden/rnn-b", NULL},
    {"tests/golden/lstm-a", NULL},
    {"tests/golden/gru-a", NULL},
};
const size_t FIXTURE_FOLDER_COUNT = sizeof FIXTURE_FOLDERS / sizeof *FIXTURE_FOLDERS;

/* An encoder's source is one token longer; of a BERT's tokens the last is padding. */
Trace *fixture_trace(const Model *model, size_t length, const RunOptions *options) {
    int32_t ids[256];
    const ModelConfig *c = &model->config;
    assert_true(length < 256);
    for (size_t i = 0; i <= length; i++)
        ids[i] = (int32_t)(i * 3 % c->n_vocab);
    RunText text = {.ids = ids, .count = length};
    if (c->two_stacks) {
        text.source = ids;
        text.source_count = length + 1;
    }
    if (c->task != TASK_TEXT && length > 2)
        text.real = length - 1;
    Err err = {{0}};
    Trace *trace = run_trace(model, &text, options, &err);
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
