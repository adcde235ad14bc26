/* Pointing: which place of the trace is meant, and whether it is a right one. */
#include "app/lesson/point.h"

#include <string.h>

int point_row_axis(const Node *node) {
    for (int axis = 0; axis < node->rank; axis++)
        if (axis_is_position(node->axis[axis]))
            return axis;
    return 0;
}

bool point_has_axis(const LessonCheck *check, const Node *node, int axis) {
    if (check->at == POINT_CELL || axis_is_head(node->axis[axis]))
        return check->at <= POINT_COLUMN;
    return axis == (check->at == POINT_ROW ? point_row_axis(node) : node->rank - 1);
}

bool grade_record(Play *play, const LessonCheck *check, int *node, Err *err) {
    *node = trace_find(play->trace, check->record);
    return *node >= 0 || err_set(err, "there is no record %s in this run", check->record);
}

/* ---- Right or not ------------------------------------------------------------------------------- */

static bool eval_bound(Play *play, const LessonCheck *check, const ExprName *bound, size_t count,
                       bool *right, Err *err) {
    ExprScope scope = play_scope(play, SHOW_ALL);
    scope.bound = bound;
    scope.bound_count = count;
    return expr_true(check->when, &scope, right, err);
}

static bool grade_place(Play *play, const LessonCheck *check, const Answer *answer, bool *right,
                        Err *err) {
    const Graph *graph = &play->trace->graph;
    int record;
    if (!grade_record(play, check, &record, err))
        return false;
    const Node *node = &graph->node[record];
    if (graph_owner(graph, answer->node) != graph_owner(graph, record))
        return said_err(err, play->lang, SAID_OTHER_RECORD, graph->node[answer->node].name,
                        check->record);
    ExprName bound[TENSOR_RANK];
    size_t count = 0;
    for (int axis = 0; axis < node->rank; axis++)
        if (point_has_axis(check, node, axis))
            bound[count++] = (ExprName){axis_name(node->axis[axis]), (double)answer->index[axis]};
    return eval_bound(play, check, bound, count, right, err);
}

/* A second name of the stage is as good. */
static bool grade_stage(Play *play, const LessonCheck *check, const Answer *answer, bool *right,
                        Err *err) {
    const Graph *graph = &play->trace->graph;
    int owner = graph_owner(graph, answer->node);
    *right = false;
    for (int i = 0; i < graph->count && !*right; i++) {
        ExprScope scope = play_scope(play, SHOW_ALL);
        scope.stage = graph->node[i].name;
        if (graph_owner(graph, i) == owner && !expr_true(check->when, &scope, right, err))
            return false;
    }
    return true;
}

bool grade_point(Play *play, const LessonCheck *check, const Answer *answer, bool *right,
                 Err *err) {
    ExprName bound = {check->at == POINT_HEAD ? "head" : "position", (double)answer->place};
    switch (check->at) {
    case POINT_CELL:
    case POINT_ROW:
    case POINT_COLUMN: return grade_place(play, check, answer, right, err);
    case POINT_HEAD:
    case POINT_TOKEN: return eval_bound(play, check, &bound, 1, right, err);
    case POINT_STAGE: return grade_stage(play, check, answer, right, err);
    }
    return false;
}

/* ---- One place after another -------------------------------------------------------------------- */

bool point_first(Play *play, const LessonCheck *check, Answer *answer, Err *err) {
    *answer = (Answer){.node = 0};
    if (check->at > POINT_COLUMN)
        return true;
    if (!grade_record(play, check, &answer->node, err))
        return false;
    const Node *node = &play->trace->graph.node[answer->node];
    long head = play_head(play);
    for (int axis = 0; axis < node->rank; axis++)
        if (axis_is_head(node->axis[axis]) && head >= 0 && (size_t)head < node->dim[axis])
            answer->index[axis] = (size_t)head;
    return true;
}

static bool next_index(Play *play, const LessonCheck *check, Answer *answer) {
    const Node *node = &play->trace->graph.node[answer->node];
    bool head_fixed = play_head(play) >= 0;
    for (int axis = node->rank - 1; axis >= 0; axis--) {
        if (!point_has_axis(check, node, axis) || (head_fixed && axis_is_head(node->axis[axis])))
            continue;
        if (++answer->index[axis] < node->dim[axis])
            return true;
        answer->index[axis] = 0;
    }
    return false;
}

bool point_next(Play *play, const LessonCheck *check, Answer *answer) {
    switch (check->at) {
    case POINT_HEAD: return ++answer->place < play->model->config.n_heads;
    case POINT_TOKEN: return ++answer->place < play->trace->own.length;
    case POINT_STAGE: return ++answer->node < play->trace->graph.count;
    default: return next_index(play, check, answer);
    }
}
