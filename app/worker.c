#include "app/worker.h"

#include "app/open_prompt.h"
#include "app/worker_unknown.h"

#include "engine/base/background.h"
#include "engine/base/thread.h"
#include "engine/model/fresh.h"
#include "engine/run/prompt.h"
#include "engine/run/recall.h"
#include "engine/trace/plan.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* ---- Shared models --------------------------------------------------------------------------- */

struct SharedModel {
    Model *model;
    atomic_int shares;
};

SharedModel *shared_model_new(Model *model) {
    SharedModel *shared = malloc(sizeof *shared);
    if (!shared)
        abort(); /* small memory, as in arena.h */
    shared->model = model;
    atomic_init(&shared->shares, 1);
    return shared;
}

SharedModel *shared_model_take(SharedModel *shared) {
    atomic_fetch_add(&shared->shares, 1);
    return shared;
}

void shared_model_drop(SharedModel *shared) {
    if (!shared || atomic_fetch_sub(&shared->shares, 1) > 1)
        return;
    model_close(shared->model);
    free(shared);
}

const Model *shared_model(const SharedModel *shared) {
    return shared->model;
}

/* ---- The thread ------------------------------------------------------------------------------ */

typedef struct {
    uint64_t number;  /* 0: no request */
    char *folder;     /* NULL: stay */
    char *set, *mask; /* with the folder: its knobs; "" none */
    Buf text;
    bool own_text;      /* the model's, in the place of `text` */
    const Trace *base;  /* a recall: what is to be completed, … */
    SharedModel *model; /* … by its model; `text` are the stages, … */
    size_t head;        /* … and these tiles are shown */
    AttentionOptions attention;
} Request;

struct Worker {
    Background *background; /* its lock guards what follows */
    Request waiting;
    WorkResult result;
    bool has_result, running, quit;
    RunMemory memory; /* of traces that are done with */
    uint64_t last_number;
    AttentionOptions attention; /* of what is asked for; the window's thread alone */
    atomic_bool stop;           /* what runs now is not wanted any more */
    /* of the thread alone */
    SharedModel *model;
    char *set, *mask; /* turned on it, "": none */
    ThreadPool *pool;
    WorkerOptions options;
    void (*wake)(void);
};

/* NULL stays NULL. */
static char *copy_text(const char *text) {
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy)
        abort(); /* small memory, as in arena.h */
    return copy;
}

static void request_free(Request *request) {
    free(request->folder);
    free(request->set);
    free(request->mask);
    shared_model_drop(request->model);
    buf_free(&request->text);
    *request = (Request){0};
}

void work_result_free(WorkResult *result) {
    trace_free(result->trace); /* before the model that it reads */
    shared_model_drop(result->model);
    arena_free(&result->arena);
    *result = (WorkResult){0};
}

static bool turn_knobs(Model *model, const Request *request, Err *err) {
    if (request->set[0] && !model_set(model, request->set, err))
        return false;
    return !request->mask[0] || model_set_mask(model, request->mask, true, err) ||
           err_prefix(err, "mask");
}

/* The model that is asked for, with its knobs turned; nothing where it is the open one. */
static bool switch_model(Worker *worker, Request *request, Err *err) {
    if (strcmp(worker->model->model->folder, request->folder) == 0 &&
        strcmp(worker->set, request->set) == 0 && strcmp(worker->mask, request->mask) == 0)
        return true;
    Model *model = model_open(request->folder, err);
    if (!model || !turn_knobs(model, request, err)) {
        model_close(model);
        return false;
    }
    shared_model_drop(worker->model);
    worker->model = shared_model_new(model);
    free(worker->set);
    free(worker->mask);
    worker->set = request->set;
    worker->mask = request->mask;
    request->set = request->mask = NULL;
    return true;
}

enum { SAID_MOST = 64 }; /* tokens that a decoder beside an encoder goes on by itself */

/* They are made for one head at a time, when someone looks at them. */
static void leave_tiles_out(Trace *trace) {
    size_t count = (size_t)trace->graph.count;
    if (!trace->left_out)
        trace->left_out = ARENA_NEW_N(&trace->arena, bool, count);
    for (size_t i = 0; i < count; i++)
        trace->left_out[i] = trace->left_out[i] || op_shows_tiles(trace->graph.node[i].op);
}

/* Where none is asked for: in a short text so small that there are several. */
enum { SHORT_TEXT = 64, SHORT_TILE = 4 };
static void choose_tile(const RunText *text, AttentionOptions *attention) {
    bool is_short = text->count <= SHORT_TEXT && text->source_count <= SHORT_TEXT;
    if (attention->tile_rows == 0 && attention->tile_columns == 0 && is_short)
        attention->tile_rows = attention->tile_columns = SHORT_TILE;
}

/* Memory goes round: from a trace that the window has done with to the next run. */
static RunMemory borrow_memory(Worker *worker) {
    background_lock(worker->background);
    RunMemory memory = worker->memory;
    worker->memory = (RunMemory){{0}, {0}};
    background_unlock(worker->background);
    return memory;
}

static void return_memory(Worker *worker, RunMemory *memory) {
    background_lock(worker->background);
    RunMemory other = worker->memory; /* given back meanwhile */
    worker->memory = *memory;
    if (other.values.total > memory->values.total) {
        worker->memory.values = other.values;
        other.values = memory->values;
    }
    background_unlock(worker->background);
    run_memory_free(&other);
}

static WorkOutcome run_text(Worker *worker, const AttentionOptions *attention, RunText *text,
                            Arena *arena, WorkResult *result) {
    SampleOptions greedy = SAMPLE_GREEDY;
    const Model *model = worker->model->model;
    RunOptions options = {.max_bytes = &worker->options.max_bytes,
                          .fit = true,
                          .pool = worker->pool,
                          .sample = &greedy,
                          .stop = &worker->stop};
    RunMemory memory = borrow_memory(worker);
    options.memory = &memory;
    Err not_flash;
    bool flash = attention->kind == ATTENTION_FLASH;
    if (prompt_continue(model, SAID_MOST, worker->pool, arena, text, &result->err)) {
        if (forward_attention(model, attention, &not_flash))
            options.attention = *attention;
        choose_tile(text, &options.attention);
        result->trace = run_trace(model, text, &options, &result->err);
    }
    if (!result->trace && !flash && plan_too_large(&result->err)) {
        Err other; /* of a model that can't do without; the first one is told */
        options.attention.kind = ATTENTION_FLASH;
        result->trace = run_trace(model, text, &options, &other);
        result->tiled = result->trace != NULL;
    }
    return_memory(worker, &memory);
    if (!result->trace)
        return WORK_FAILED;
    leave_tiles_out(result->trace);
    result->model = shared_model_take(worker->model);
    return WORK_DONE;
}

static const TokSteps *steps_of(const Tokenizer *tok, const Buf *text, Arena *arena) {
    TokSteps *steps = ARENA_NEW(arena, TokSteps);
    Err too_long;
    return tok_steps(tok, buf_cstr(text), text->size, true, arena, steps, &too_long) ? steps : NULL;
}

static WorkOutcome run_request(Worker *worker, Request *request, WorkResult *result) {
    result->no_model = request->folder && !switch_model(worker, request, &result->err);
    if (result->no_model)
        return WORK_FAILED;
    const Model *model = worker->model->model;
    if (!model->tok)
        return WORK_NO_TOKENIZER;
    Arena arena = {0};
    const char *own = request->own_text ? open_prompt(model, &arena) : NULL;
    if (own)
        buf_text(&request->text, own);
    WorkOutcome outcome = WORK_FAILED;
    Prompt prompt = {.text = {buf_cstr(&request->text), request->text.size},
                     .pad_to = model->config.pad < 0 ? 0 : worker->options.pad_to};
    TokenList list = {0};
    RunText text;
    if (prompt_encode(model, &prompt, &arena, &text, &list, &result->err))
        outcome = run_text(worker, &request->attention, &text, &arena, result);
    else if (prompt_is_empty(model, &prompt))
        outcome = WORK_NO_TOKEN;
    if (outcome == WORK_DONE) {
        result->set = arena_copy_text(&result->arena, worker->set);
        result->mask = arena_copy_text(&result->arena, worker->mask);
        result->own_text = own ? arena_copy_text(&result->arena, own) : NULL;
        result->typed = unknown_texts(model->tok, prompt.text.text, &list, &result->arena);
        result->tok_steps = steps_of(model->tok, &request->text, &result->arena);
    }
    arena_free(&arena);
    return outcome;
}

/* What the base has taken already is no longer to be had. */
static WorkOutcome recall(Worker *worker, Request *request, WorkResult *result) {
    size_t most = worker->options.max_bytes, used = trace_bytes(request->base);
    size_t left = used < most ? most - used : 0;
    RunOptions options = {
        .max_bytes = &left, .fit = true, .pool = worker->pool, .stop = &worker->stop};
    options.attention = (AttentionOptions){.kind = ATTENTION_FLASH, .head = request->head};
    result->recall = true;
    result->trace = run_recall(request->model->model, request->base, buf_cstr(&request->text),
                               &options, &result->err);
    if (!result->trace)
        return WORK_FAILED;
    result->model = request->model;
    request->model = NULL;
    return WORK_DONE;
}

/* Sleeps until there is a request; false: the worker ends. The lock is held. */
static bool next_request(Background *background, Worker *worker, Request *request) {
    while (worker->waiting.number == 0 && !worker->quit)
        background_wait(background);
    if (worker->quit)
        return false;
    *request = worker->waiting;
    worker->waiting = (Request){0};
    worker->running = true;
    atomic_store(&worker->stop, false);
    return true;
}

static void publish(Worker *worker, WorkResult *result) {
    worker->running = false;
    /* That a model can't be opened is told even to a window that has gone on. */
    if (atomic_load(&worker->stop) && !result->no_model) {
        work_result_free(result);
        return;
    }
    work_result_free(&worker->result);
    worker->result = *result;
    worker->has_result = true;
}

static void work(Background *background, void *user) {
    Worker *worker = user;
    Request request;
    while (next_request(background, worker, &request)) {
        background_unlock(background);
        WorkResult result = {.number = request.number};
        result.outcome = request.base ? recall(worker, &request, &result)
                                      : run_request(worker, &request, &result);
        request_free(&request);
        background_lock(background);
        publish(worker, &result);
        worker->wake();
    }
}

/* ---- For the window -------------------------------------------------------------------------- */

/* What is there from the beginning. */
static void free_parts(Worker *worker) {
    thread_pool_free(worker->pool);
    shared_model_drop(worker->model);
    free(worker->set);
    free(worker->mask);
    free(worker);
}

Worker *worker_new(SharedModel *model, const WorkerOptions *options, void (*wake)(void), Err *err) {
    Worker *worker = calloc(1, sizeof *worker);
    if (!worker)
        abort();
    worker->model = shared_model_take(model);
    worker->pool = thread_pool_new(options->threads);
    worker->options = *options;
    worker->set = copy_text(options->set ? options->set : "");
    worker->mask = copy_text(options->mask ? options->mask : "");
    worker->wake = wake;
    worker->background = background_start(work, worker);
    if (worker->background)
        return worker;
    err_set(err, "the system gives no thread to compute in");
    free_parts(worker);
    return NULL;
}

void worker_free(Worker *worker) {
    if (!worker)
        return;
    background_lock(worker->background);
    worker->quit = true;
    atomic_store(&worker->stop, true);
    background_signal(worker->background);
    background_unlock(worker->background);
    background_end(worker->background);
    request_free(&worker->waiting);
    work_result_free(&worker->result);
    run_memory_free(&worker->memory);
    free_parts(worker);
}

/* The newest request takes the place of the one that waits, and stops the one that runs. */
static uint64_t put_request(Worker *worker, Request request) {
    background_lock(worker->background);
    /* A model that was asked for and not opened yet is still wanted. */
    if (!request.folder && worker->waiting.folder) {
        request.folder = worker->waiting.folder;
        request.set = worker->waiting.set;
        request.mask = worker->waiting.mask;
        worker->waiting.folder = worker->waiting.set = worker->waiting.mask = NULL;
    }
    request_free(&worker->waiting);
    request.number = ++worker->last_number;
    worker->waiting = request;
    atomic_store(&worker->stop, true);
    background_signal(worker->background);
    uint64_t number = request.number;
    background_unlock(worker->background);
    return number;
}

void worker_attention(Worker *worker, const AttentionOptions *attention) {
    worker->attention = *attention;
}

uint64_t worker_ask(Worker *worker, const WorkAsk *ask) {
    Request request = {
        .attention = worker->attention, .folder = copy_text(ask->folder), .own_text = !ask->text};
    if (ask->folder) {
        request.set = copy_text(ask->set ? ask->set : "");
        request.mask = copy_text(ask->mask ? ask->mask : "");
    }
    if (ask->text)
        buf_add(&request.text, ask->text, ask->size);
    return put_request(worker, request);
}

uint64_t worker_recall(Worker *worker, const Trace *base, SharedModel *model, const char *stages,
                       size_t head) {
    Request request = {.base = base, .model = shared_model_take(model), .head = head};
    buf_text(&request.text, stages);
    return put_request(worker, request);
}

bool worker_busy(Worker *worker) {
    background_lock(worker->background);
    bool busy = worker->waiting.number != 0 || worker->running || worker->has_result;
    background_unlock(worker->background);
    return busy;
}

void worker_give_back(Worker *worker, Trace *trace) {
    if (!trace)
        return;
    background_lock(worker->background);
    run_take_back(&worker->memory, trace);
    background_unlock(worker->background);
}

bool worker_take(Worker *worker, WorkResult *result) {
    background_lock(worker->background);
    bool taken = worker->has_result;
    if (taken)
        *result = worker->result;
    worker->result = (WorkResult){0};
    worker->has_result = false;
    background_unlock(worker->background);
    return taken;
}
