/* show_plan: what a run would keep, before it runs. */
#ifndef CLI_SHOW_PLAN_H
#define CLI_SHOW_PLAN_H

#include "app/cli/input.h"
#include "engine/trace/plan.h"

/* `graph` and `plan` of the input; the budget that it was made for. */
void show_plan(const CliInput *input, const Graph *graph, const Plan *plan, const Budget *budget);
void show_plan_json(const CliInput *input, const Graph *graph, const Plan *plan,
                    const Budget *budget);

#endif
