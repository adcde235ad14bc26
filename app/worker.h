/* worker: a thread that opens models, cuts texts into tokens and runs them, so that the window
 * never waits. The newest request wins: one that is still running is stopped, one that waits is
 * dropped.
 *
 * A finished trace is handed over whole, with a share of the model that it reads its weights from;
 * a model is closed when the last share of it is given back. */
#ifndef APP_WORKER_H
#define APP_WORKER_H

#include "engine/model/forward.h"
#include "engine/text/tok_steps.h"
#include "engine/trace/trace.h"

typedef struct SharedModel SharedModel;
SharedModel *shared_model_new(Model *model); /* takes the model over */
SharedModel *shared_model_take(SharedModel *shared);
void shared_model_drop(SharedModel *shared); /* NULL is allowed */
const Model *shared_model(const SharedModel *shared);

typedef enum {
    WORK_DONE,
    WORK_NO_TOKEN,     /* the text gives none */
    WORK_NO_TOKENIZER, /* the model has none */
    WORK_FAILED        /* see err */
} WorkOutcome;

typedef struct {
    uint64_t number; /* of the request */
    bool recall;     /* of worker_recall: the trace borrows from the base; no text below */
    WorkOutcome outcome;
    Err err;            /* WORK_FAILED */
    bool no_model;      /* … because the model that was asked for can't be opened */
    Trace *trace;       /* WORK_DONE: the caller's now */
    SharedModel *model; /* … with a share of its model */
    Arena arena;        /* the caller's too: */
    const char **typed; /* [length] what was typed where the token is the unknown one, else NULL */
    const char *own_text; /* the model's own text, where that was asked for; else NULL */
    bool tiled;           /* standard attention would not have fitted, so it is flash attention */
    const TokSteps *tok_steps; /* how the tokens came to be; NULL: the text is too long for that */
    const char *set, *mask;    /* turned on the model: "scale=off", "full"; "": none */
} WorkResult;

/* What is to be run. */
typedef struct {
    const char *folder; /* this model; NULL: the one that is open, as it is */
    const char *set;    /* its knobs (knobs.h) and … */
    const char *mask;   /* … its mask; "" or NULL: as it is */
    const char *text;   /* NULL: the one that the model begins with (open_prompt.h) */
    size_t size;
} WorkAsk;

typedef struct Worker Worker;

typedef struct {
    int threads;
    size_t pad_to;    /* shorter texts are filled up where a model has a padding token */
    size_t max_bytes; /* a trace, its working set and a recall; what does not fit is left out */
    const char *set, *mask; /* that were turned on the first model; NULL: none */
} WorkerOptions;

/* Takes a share of `model` and starts with it. `wake` is called from the worker's thread when a
 * result is there. NULL where the system has no thread to give. */
Worker *worker_new(SharedModel *model, const WorkerOptions *options, void (*wake)(void), Err *err);
void worker_free(Worker *worker); /* stops what runs and waits for it; NULL is allowed */

/* How attention is computed in the runs that are asked for from now on; standard at first, and where
 * the model can't do it otherwise. A tile that is not given is one of 4 × 4 in a short text. With flash attention the records of tiles are left out, for
 * worker_recall to bring those of one head. */
void worker_attention(Worker *worker, const AttentionOptions *attention);

/* Asks for a run; returns the request's number, from 1. A model that is another than the open one, or
 * has other knobs, is opened first, and stays if that succeeds. */
uint64_t worker_ask(Worker *worker, const WorkAsk *ask);
/* Asks for records that `base` left out (recall.h), with as much of their block as fits, by the model
 * that the base came with. `stages` are globs; `head` is the one whose tiles are shown. The base must
 * live until the result was taken, or that of a later request. */
uint64_t worker_recall(Worker *worker, const Trace *base, SharedModel *model, const char *stages,
                       size_t head);
/* A request waits, runs, or its result was not taken yet. */
bool worker_busy(Worker *worker);
/* The newest result; false: there is none. Older ones were dropped. */
bool worker_take(Worker *worker, WorkResult *result);
void work_result_free(WorkResult *result); /* one that is not wanted */
/* Frees a trace that worker_take gave, and keeps its memory for the next run. No recall may borrow
 * from it any more. NULL is allowed. */
void worker_give_back(Worker *worker, Trace *trace);

#endif
