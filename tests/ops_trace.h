/* ops_trace: a trace made by hand, of the operations and kinds that only some families or
 * experiments have, so that everything that shows or explains a trace can be tried on them. */
#ifndef TESTS_OPS_TRACE_H
#define TESTS_OPS_TRACE_H

#include "engine/trace/trace.h"

Trace *ops_trace(size_t length); /* at least 1; trace_free */

#endif
