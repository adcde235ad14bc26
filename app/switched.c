#include "app/switched.h"

#include "engine/trace/trace_diff.h"

#include <math.h>
#include <string.h>

static bool same_text(const TraceText *a, const TraceText *b) {
    return a->length == b->length && a->real == b->real &&
           (a->length == 0 || memcmp(a->ids, b->ids, a->length * sizeof *a->ids) == 0);
}

static bool is_attended(const Node *node) {
    return node->op == OP_FLASH || node->op == OP_WEIGHTED_SUM;
}

void switched_measure(const Trace *before, const Trace *now, Arena *arena, Switched *switched) {
    *switched = (Switched){.worst = -1};
    if (strcmp(before->attention, now->attention) == 0 ||
        before->graph.weight != now->graph.weight || !same_text(&before->own, &now->own) ||
        !same_text(&before->source, &now->source))
        return;
    switched->before = strcmp(before->attention, "flash") == 0 ? ATTENTION_FLASH
                                                               : ATTENTION_STANDARD;
    switched->apart = ARENA_NEW_N(arena, double, (size_t)now->graph.count);
    for (int i = 0; i < now->graph.count; i++) {
        int other = is_attended(&now->graph.node[i]) ? trace_find(before, now->graph.node[i].name)
                                                     : -1;
        switched->apart[i] = NAN;
        if (other < 0 || !trace_kept(now, i) || !trace_kept(before, other))
            continue;
        switched->apart[i] = trace_diff_record(before, other, now, i, false).absolute;
        if (!switched->known || switched->apart[i] > switched->apart[switched->worst])
            switched->worst = i;
        switched->known = true;
    }
}
