#include "engine/trace/trace.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void trace_free(Trace *trace) {
    if (!trace)
        return;
    Arena arena = trace->arena; /* the trace itself lies in it */
    arena_free(&trace->values);
    arena_free(&arena);
}

static const TraceText *text_of(const Trace *trace, TextId id) {
    return id == TEXT_SOURCE ? &trace->source : &trace->own;
}

const TraceText *trace_text(const Trace *trace, int node, int axis) {
    const Node *from = &trace->graph.node[node];
    if (!axis_is_position(from->axis[axis]))
        return NULL;
    return text_of(trace, from->axis[axis] == AXIS_KEY ? from->keys : from->rows);
}

int trace_find(const Trace *trace, const char *name) {
    return graph_find(&trace->graph, name);
}

bool trace_kept(const Trace *trace, int node) {
    return trace->asked[node] && trace->value[node].data != NULL;
}

size_t trace_bytes(const Trace *trace) {
    size_t bytes = 0;
    for (int i = 0; i < trace->graph.count; i++)
        if (trace->value[i].data && trace->graph.node[i].alias < 0)
            bytes += tensor_count(&trace->value[i]) * dtype_size(trace->value[i].type);
    return bytes;
}

bool trace_left_out(const Trace *trace, int node) {
    return trace->left_out && trace->left_out[node];
}

bool trace_complete(const Trace *trace, int node) {
    OpCall call;
    return trace_call(trace, node, &call);
}

static bool is_there(const Trace *trace, int node) {
    return trace->value[node].data || trace_left_out(trace, node);
}

bool trace_recallable(const Trace *trace, int node) {
    const Node *from = &trace->graph.node[node];
    bool all = is_there(trace, node);
    for (int i = 0; i < from->n_in; i++)
        all = all && (from->in[i].kind == REF_WEIGHT || is_there(trace, from->in[i].index));
    return all && !trace_complete(trace, node);
}

double trace_get(const Trace *trace, int node, const size_t *index) {
    return tensor_get(&trace->value[node], index);
}

static Tensor ref_tensor(const Trace *trace, Ref ref) {
    return ref.kind == REF_WEIGHT ? trace->graph.weight[ref.index].tensor : trace->value[ref.index];
}

bool trace_call(const Trace *trace, int node, OpCall *call) {
    const Node *from = &trace->graph.node[node];
    *call = (OpCall){.op = from->op,
                     .param = from->param,
                     .out = trace->value[node],
                     .n_in = from->n_in,
                     .length = text_of(trace, from->keys)->length};
    bool kept = call->out.data != NULL;
    for (int i = 0; i < from->n_in; i++) {
        call->in[i] = ref_tensor(trace, from->in[i]);
        kept = kept && call->in[i].data != NULL;
    }
    return kept;
}

bool trace_explain(const Trace *trace, int node, const size_t *index, TermVisitor *visit,
                   void *user, Explanation *explanation, Err *err) {
    OpCall call;
    if (!trace_call(trace, node, &call))
        return err_set(err, "%s: it, or a record that it was made from, was not kept",
                       trace->graph.node[node].name);
    op_explain(&call, index, visit, user, explanation);
    return true;
}

void trace_operand(const Trace *trace, int node, const OpOperand *operand, OperandName *name) {
    *name = (OperandName){.kind = OPERAND_CONSTANT, .name = operand->name, .node = -1};
    if (operand->slot == SLOT_CONSTANT)
        return;
    Ref ref = {REF_NODE, node};
    if (operand->slot != SLOT_RESULT)
        ref = trace->graph.node[node].in[operand->slot];
    if (ref.kind == REF_NODE) {
        name->kind = OPERAND_RECORD;
        name->name = trace->graph.node[ref.index].name;
        name->node = ref.index;
        name->rank = operand->rank;
        memcpy(name->index, operand->index, sizeof name->index);
        return;
    }
    const Weight *weight = &trace->graph.weight[ref.index];
    name->kind = OPERAND_WEIGHT;
    name->name = weight_file_name(weight, operand->index);
    name->rank = weight->file_rank;
    weight_file_index(weight, operand->index, name->index);
}

size_t trace_step_count(const Trace *trace, int node) {
    OpCall call;
    bool complete = trace_call(trace, node, &call); /* how many there are is in the shapes */
    return complete || trace_recallable(trace, node) ? op_step_count(&call) : 0;
}

void trace_step_at(const Trace *trace, int node, size_t number, OpStep *step) {
    OpCall call;
    bool kept = trace_call(trace, node, &call);
    assert(kept);
    (void)kept;
    op_step_at(&call, number, step);
}

/* Reads "3" of "3,1]" and steps over the sign behind it. */
static bool parse_index(const char **at, char end, size_t *index) {
    char *after;
    *at += strspn(*at, " ");
    if (**at < '0' || **at > '9')
        return false;
    errno = 0;
    unsigned long long value = strtoull(*at, &after, 10);
    after += strspn(after, " ");
    if (errno || *after != end)
        return false;
    *index = (size_t)value;
    *at = after + 1;
    return true;
}

static int find_record(const Trace *trace, const char *text, size_t length) {
    for (int i = 0; i < trace->graph.count; i++) {
        const char *name = trace->graph.node[i].name;
        if (strlen(name) == length && memcmp(name, text, length) == 0)
            return i;
    }
    return -1;
}

bool trace_parse_cell(const Trace *trace, const char *text, int *node, size_t *index, Err *err) {
    size_t length = strcspn(text, "[");
    *node = find_record(trace, text, length);
    if (*node < 0)
        return err_set(err, "cell: no record is called \"%.*s\"",
                       (int)(length < 200 ? length : 200), text);
    const Node *record = &trace->graph.node[*node];
    const char *at = text + length;
    bool good = *at == '[';
    at += good;
    for (int axis = 0; axis < record->rank && good; axis++)
        good = parse_index(&at, axis + 1 < record->rank ? ',' : ']', &index[axis]);
    if (!good || *at)
        return err_set(err, "cell: \"%s\", expected %s[…] with %d whole numbers between commas",
                       text, record->name, record->rank);
    for (int axis = 0; axis < record->rank; axis++)
        if (index[axis] >= record->dim[axis])
            return err_set(err,
                           "cell: %s has %zu along its axis %s, so an index from 0 to %zu is "
                           "expected; found %zu",
                           record->name, record->dim[axis], axis_name(record->axis[axis]),
                           record->dim[axis] - 1, index[axis]);
    return true;
}
