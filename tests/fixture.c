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

#define FLASH(rows, columns, head) .attention = FIXTURE_FLASH(rows, columns, head)

const FixtureFolder FIXTURE_FOLDERS[] = {
    {.folder = "tests/golden/llama-a"},
    {.folder = "tests/golden/llama-a", .settings = "norm=none,residual=off,act=relu"},
    {.folder = "tests/golden/llama-a", .settings = "norm_place=post,pos=alibi,act=gelu"},
    {.folder = "tests/golden/llama-b", .settings = "mask=local:2,pos=sinusoidal,scale=off"},
    {.folder = "tests/golden/llama-d", .settings = "mask_place=after"},
    {.folder = "tests/golden/mistral-a"},
    {.folder = "tests/golden/qwen2-a", .settings = "softmax=queries,zero_head=0.1"},
    {.folder = "tests/golden/neox-a"},
    {.folder = "tests/golden/neox-b", .settings = "mask=dilated:2:2,act=gelu_new"},
    {.folder = "tests/golden/mixtral-a"},
    {.folder = "tests/golden/mixtral-c", .settings = "mask=full,n_active=2"},
    {.folder = "tests/golden/bert-a"},
    {.folder = "tests/golden/bert-b", .settings = "mask=causal"},
    {.folder = "tests/golden/bert-c", .settings = "mask=local:2"},
    {.folder = "tests/golden/bert-d"},
    {.folder = "tests/golden/t5-a"},
    {.folder = "tests/golden/t5-b"},
    {.folder = "tests/golden/bart-a"},
    {.folder = "tests/golden/marian-a"},
    {.folder = "tests/golden/rnn-a"},
    {.folder = "tests/golden/rnn-b"},
    {.folder = "tests/golden/lstm-a"},
    {.folder = "tests/golden/gru-a"},
    {.folder = "tests/golden/llama-a", FLASH(2, 2, 1)},
    {.folder = "tests/golden/llama-a",
     .settings = "norm_place=post,pos=alibi,act=gelu",
     FLASH(2, 3, 1)},
    {.folder = "tests/golden/llama-b",
     .settings = "mask=local:2,pos=sinusoidal,scale=off",
     FLASH(1, 2, 0)},
    {.folder = "tests/golden/qwen2-a", .settings = "zero_head=0.1", FLASH(3, 1, 1)},
    {.folder = "tests/golden/neox-b", .settings = "mask=dilated:2:2,act=gelu_new", FLASH(1, 1, 0)},
    {.folder = "tests/golden/mixtral-c", .settings = "mask=longformer:1:2", FLASH(2, 2, 0)},
    {.folder = "tests/golden/bert-a", FLASH(2, 2, 1)},
    {.folder = "tests/golden/t5-a", FLASH(2, 2, 1)},
    {.folder = "tests/golden/marian-a", FLASH(3, 2, 0)},
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
