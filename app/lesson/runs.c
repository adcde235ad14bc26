#include "app/lesson/runs.h"

#include "engine/base/background.h"
#include "engine/base/memory.h"
#include "engine/model/catalog.h"
#include "engine/model/fresh.h"
#include "engine/run/prompt.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef enum { ENTRY_WAITS, ENTRY_RUNS, ENTRY_READY, ENTRY_FAILED } EntryState;

/* A model with its knobs turned, shared by the entries that ran it. */
typedef struct {
    const char *name, *set, *mask; /* in the entry's or its own memory */
    Arena arena;
    Model *model;
} Opened;

typedef struct {
    Arena arena;
    LessonRun run; /* its texts in the arena */
    EntryState state;
    Trace *trace;
    Opened *opened;
    Err err;
    uint64_t used; /* when it was last asked for */
} Entry;

typedef struct {
    void **item;
    size_t count, capacity;
} List;

struct LessonRuns {
    Background *background; /* its lock guards entries; NULL: no thread could be had */
    Arena arena;
    const char *assets;
    ThreadPool *pool;
    void (*wake)(void);
    List entries; /* Entry */
    List opened;  /* Opened; of who computes alone, or of lesson_runs_trim while nobody does */
    uint64_t clock;
    bool quit;
    atomic_bool stop;
};

static void list_add(List *list, void *item) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 16;
        list->item = realloc(list->item, list->capacity * sizeof *list->item);
        if (!list->item)
            abort(); /* small memory, as in arena.h */
    }
    list->item[list->count++] = item;
}

static void list_remove(List *list, size_t at) {
    list->item[at] = list->item[--list->count];
}

static void *new_zeroed(size_t size) {
    void *made = calloc(1, size);
    if (!made)
        abort();
    return made;
}

/* ---- Running ------------------------------------------------------------------------------------ */

static void opened_free(Opened *opened) {
    model_close(opened->model);
    arena_free(&opened->arena);
    free(opened);
}

static bool same(const char *a, const char *b) {
    return strcmp(a, b) == 0;
}

static bool turn_knobs(Model *model, const LessonRun *run, Err *err) {
    if (run->set[0] && !model_set(model, run->set, err))
        return err_prefix(err, "set");
    if (run->mask[0] && !model_set_mask(model, run->mask, true, err))
        return err_prefix(err, "mask");
    return true;
}

static Opened *open_model(LessonRuns *runs, const LessonRun *run, Err *err) {
    for (size_t i = 0; i < runs->opened.count; i++) {
        Opened *old = runs->opened.item[i];
        if (same(old->name, run->model) && same(old->set, run->set) && same(old->mask, run->mask))
            return old;
    }
    Opened *opened = new_zeroed(sizeof *opened);
    const char *folder = NULL;
    if (catalog_resolve(runs->assets, run->model, &opened->arena, &folder, err))
        opened->model = model_open(folder, err);
    if (!opened->model || !turn_knobs(opened->model, run, err)) {
        opened_free(opened);
        return NULL;
    }
    opened->name = arena_copy_text(&opened->arena, run->model);
    opened->set = arena_copy_text(&opened->arena, run->set);
    opened->mask = arena_copy_text(&opened->arena, run->mask);
    list_add(&runs->opened, opened);
    return opened;
}

enum { SAID_MOST = 64 }; /* tokens that a decoder beside an encoder goes on by itself */

static Trace *run_prompt(LessonRuns *runs, const Model *model, const LessonRun *run, Err *err) {
    Arena arena = {0};
    SampleOptions greedy = SAMPLE_GREEDY;
    bool flash = same(run->attention, "flash");
    if (!flash && !same(run->attention, "standard")) {
        err_set(err, "attention is \"%.40s\", expected standard or flash", run->attention);
        return NULL;
    }
    MemoryFrom from;
    size_t most = memory_budget(&from);
    RunOptions options = {.max_bytes = &most,
                          .fit = true,
                          .pool = runs->pool,
                          .sample = &greedy,
                          .stop = &runs->stop};
    options.attention.kind = flash ? ATTENTION_FLASH : ATTENTION_STANDARD;
    Prompt prompt = {.text = {run->prompt, strlen(run->prompt)}};
    RunText text;
    Trace *trace = NULL;
    if (model_has_tokenizer(model, err) && forward_attention(model, &options.attention, err) &&
        prompt_encode(model, &prompt, &arena, &text, NULL, err) &&
        prompt_continue(model, SAID_MOST, runs->pool, &arena, &text, err))
        trace = run_trace(model, &text, &options, err);
    arena_free(&arena);
    return trace;
}

/* Without the lock: while it is ENTRY_RUNS nobody else touches it. */
static void compute(LessonRuns *runs, Entry *entry) {
    entry->opened = open_model(runs, &entry->run, &entry->err);
    if (entry->opened)
        entry->trace = run_prompt(runs, entry->opened->model, &entry->run, &entry->err);
}

static void finish(Entry *entry) {
    entry->state = entry->trace ? ENTRY_READY : ENTRY_FAILED;
}

/* The one that was asked for last: what is in view now. */
static Entry *next_waiting(const LessonRuns *runs) {
    Entry *next = NULL;
    for (size_t i = 0; i < runs->entries.count; i++) {
        Entry *entry = runs->entries.item[i];
        if (entry->state == ENTRY_WAITS && (!next || entry->used > next->used))
            next = entry;
    }
    return next;
}

static void work(Background *background, void *user) {
    LessonRuns *runs = user;
    while (!runs->quit) {
        Entry *entry = next_waiting(runs);
        if (!entry) {
            background_wait(background);
            continue;
        }
        entry->state = ENTRY_RUNS;
        background_unlock(background);
        compute(runs, entry);
        background_lock(background);
        finish(entry);
        background_signal(background); /* who waits in lesson_runs_wait */
        if (runs->wake)
            runs->wake();
    }
}

/* ---- For who asks ------------------------------------------------------------------------------- */

LessonRuns *lesson_runs_new(const char *assets, int threads, void (*wake)(void)) {
    LessonRuns *runs = new_zeroed(sizeof *runs);
    runs->assets = arena_copy_text(&runs->arena, assets);
    runs->pool = thread_pool_new(threads);
    runs->wake = wake;
    atomic_init(&runs->stop, false);
    runs->background = background_start(work, runs);
    return runs;
}

static void entry_free(Entry *entry) {
    trace_free(entry->trace); /* before the model that it reads */
    arena_free(&entry->arena);
    free(entry);
}

static void lock(LessonRuns *runs) {
    if (runs->background)
        background_lock(runs->background);
}

static void unlock(LessonRuns *runs) {
    if (runs->background)
        background_unlock(runs->background);
}

static void end_thread(LessonRuns *runs) {
    if (!runs->background)
        return;
    atomic_store(&runs->stop, true);
    background_lock(runs->background);
    runs->quit = true;
    background_signal(runs->background);
    background_unlock(runs->background);
    background_end(runs->background);
}

void lesson_runs_free(LessonRuns *runs) {
    if (!runs)
        return;
    end_thread(runs);
    for (size_t i = 0; i < runs->entries.count; i++)
        entry_free(runs->entries.item[i]);
    for (size_t i = 0; i < runs->opened.count; i++)
        opened_free(runs->opened.item[i]);
    free(runs->entries.item);
    free(runs->opened.item);
    thread_pool_free(runs->pool);
    arena_free(&runs->arena);
    free(runs);
}

static LessonRun copy_run(Arena *arena, const LessonRun *run) {
    return (LessonRun){.model = arena_copy_text(arena, run->model),
                       .prompt = arena_copy_text(arena, run->prompt),
                       .set = arena_copy_text(arena, run->set),
                       .mask = arena_copy_text(arena, run->mask),
                       .attention = arena_copy_text(arena, run->attention)};
}

/* With the lock held. */
static Entry *entry_of(LessonRuns *runs, const LessonRun *run) {
    for (size_t i = 0; i < runs->entries.count; i++) {
        Entry *entry = runs->entries.item[i];
        if (lesson_run_same(&entry->run, run)) {
            entry->used = ++runs->clock;
            return entry;
        }
    }
    Entry *entry = new_zeroed(sizeof *entry);
    entry->run = copy_run(&entry->arena, run);
    entry->used = ++runs->clock;
    list_add(&runs->entries, entry);
    if (runs->background) {
        background_signal(runs->background);
    } else {
        compute(runs, entry);
        finish(entry);
    }
    return entry;
}

static RunAnswer answer(const Entry *entry, ExprRun *out, Err *err) {
    if (entry->state == ENTRY_READY) {
        *out = (ExprRun){entry->trace, entry->opened->model};
        return RUN_READY;
    }
    if (entry->state != ENTRY_FAILED)
        return RUN_WAITS;
    err_set(err, "%s", entry->err.text);
    return RUN_FAILED;
}

RunAnswer lesson_runs_get(LessonRuns *runs, const LessonRun *run, ExprRun *out, Err *err) {
    lock(runs);
    RunAnswer is = answer(entry_of(runs, run), out, err);
    unlock(runs);
    return is;
}

bool lesson_runs_wait(LessonRuns *runs, const LessonRun *run, ExprRun *out, Err *err) {
    lock(runs);
    Entry *entry = entry_of(runs, run);
    while (entry->state == ENTRY_WAITS || entry->state == ENTRY_RUNS)
        background_wait(runs->background);
    RunAnswer is = answer(entry, out, err);
    unlock(runs);
    return is == RUN_READY;
}

static bool is_busy(const LessonRuns *runs) {
    for (size_t i = 0; i < runs->entries.count; i++) {
        EntryState state = ((Entry *)runs->entries.item[i])->state;
        if (state == ENTRY_WAITS || state == ENTRY_RUNS)
            return true;
    }
    return false;
}

bool lesson_runs_busy(LessonRuns *runs) {
    lock(runs);
    bool busy = is_busy(runs);
    unlock(runs);
    return busy;
}

void lesson_runs_settle(LessonRuns *runs) {
    lock(runs);
    while (is_busy(runs))
        background_wait(runs->background);
    unlock(runs);
}

/* ---- Giving up ---------------------------------------------------------------------------------- */

/* SIZE_MAX: none of them can go. */
static size_t least_used(const List *entries) {
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < entries->count; i++) {
        const Entry *entry = entries->item[i];
        if (entry->state != ENTRY_RUNS &&
            (least == SIZE_MAX || entry->used < ((Entry *)entries->item[least])->used))
            least = i;
    }
    return least;
}

static bool is_needed(const List *entries, const Opened *opened) {
    for (size_t i = 0; i < entries->count; i++) {
        const Entry *entry = entries->item[i];
        /* One that runs may be about to take it. */
        if (entry->opened == opened || entry->state == ENTRY_RUNS)
            return true;
    }
    return false;
}

void lesson_runs_trim(LessonRuns *runs) {
    lock(runs);
    bool dropped = false;
    while (runs->entries.count > RUNS_KEPT) {
        size_t least = least_used(&runs->entries);
        if (least == SIZE_MAX)
            break;
        entry_free(runs->entries.item[least]);
        list_remove(&runs->entries, least);
        dropped = true;
    }
    for (size_t i = runs->opened.count; dropped && i-- > 0;) {
        if (is_needed(&runs->entries, runs->opened.item[i]))
            continue;
        opened_free(runs->opened.item[i]);
        list_remove(&runs->opened, i);
    }
    unlock(runs);
}
