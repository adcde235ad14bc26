/* Stages that a trace has left out, and the records of a head's tiles: computed when they are looked at. */
#include "app/window_part.h"

#include <string.h>

const Trace *window_seen(const WindowAppState *app) {
    return app->recalled ? app->recalled : app->trace;
}

void window_unlook(WindowAppState *app) {
    app->looked = false;
    app->state.veil = NULL;
    if (app->lesson)
        window_lesson_look(app->lesson, NULL, NULL);
}

void window_forget_recalled(WindowAppState *app) {
    if (app->recalled) {
        found_forget(&app->widgets.found);
        window_unlook(app);
    }
    trace_free(app->recalled);
    app->recalled = NULL;
    app->recall = 0;
    app->recall_failed = 0;
}

/* The stage shown is that of tiles, of which not all records are there for the head in view. */
static bool tiles_are_absent(const WindowAppState *app, Tiles *tiles) {
    const Trace *trace = window_seen(app);
    if (app->state.no_tiles || !tiles_of(&trace->graph, app->state.now.node, tiles))
        return false;
    const Node *scores = &trace->graph.node[tiles->record[TILE_SCORES]];
    return !trace_kept(trace, tiles->record[TILE_SCORES]) ||
           scores->param.flash.head !=
               state_head(&app->state, &app->walk, &trace->graph.node[tiles->z]);
}

bool window_stage_is_absent(const WindowAppState *app) {
    Tiles tiles;
    return app->trace && (trace_recallable(window_seen(app), app->state.now.node) ||
                          tiles_are_absent(app, &tiles));
}

static bool same_block(const WindowAppState *app, int a, int b) {
    const Node *node = app->trace->graph.node;
    return node[a].layer == node[b].layer && node[a].stack == node[b].stack;
}

/* What is to be recalled for the stage shown: it, or all records of its tiles with the result. */
static const char *wanted_stages(const WindowAppState *app, const Tiles *tiles, Arena *arena) {
    const Node *node = app->trace->graph.node;
    const char *acc = node[tiles->record[TILE_ACC]].name;
    return arena_printf(arena, "%.*s*,%s", (int)(strrchr(acc, '.') + 1 - acc), acc,
                        node[tiles->z].name);
}

void window_ask_recall(WindowAppState *app) {
    Tiles tiles;
    int node = app->state.now.node;
    if (!window_stage_is_absent(app) || app->waiting || app->recall_failed == node + 1)
        return;
    bool tiled = !app->state.no_tiles && tiles_of(&app->trace->graph, node, &tiles);
    size_t head = tiled ? state_head(&app->state, &app->walk, &app->trace->graph.node[tiles.z]) : 0;
    if (app->recall && same_block(app, node, app->recall_node) && tiled == app->recall_tiled &&
        head == app->recall_head)
        return;                  /* it may come along */
    window_forget_recalled(app); /* that of another block: one at a time */
    Arena arena = {0};
    const char *stages = tiled ? wanted_stages(app, &tiles, &arena)
                               : app->trace->graph.node[node].name;
    app->recall_node = node;
    app->recall_tiled = tiled;
    app->recall_head = head;
    app->recall = worker_recall(app->worker, app->trace, app->model, stages, head);
    arena_free(&arena);
}

void window_take_recalled(WindowAppState *app, WorkResult *result) {
    if (result->number != app->recall) {
        work_result_free(result);
        return;
    }
    shared_model_drop(result->model);
    arena_free(&result->arena);
    window_forget_recalled(app);
    found_forget(&app->widgets.found);
    window_unlook(app);
    app->recalled = result->trace;
    if (result->trace)
        return;
    if (app->recall_tiled) {
        app->no_tiles = result->err;
        state_give_up_tiles(&app->state, app->trace);
        return;
    }
    app->recall_failed = app->recall_node + 1;
    app->recall_problem = result->err;
}
