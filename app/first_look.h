/* first_look: what `attnscope open` does on a machine without a display: the same main job as text
 * and files. */
#ifndef APP_FIRST_LOOK_H
#define APP_FIRST_LOOK_H

#include "app/open.h"
#include "engine/base/buf.h"
#include "engine/model/model.h"
#include "engine/trace/trace.h"

/* The tokens, the most likely next ones, and the attention pattern of a head as shades. */
void first_look_text(const Trace *trace, const Model *model, const ViewState *state, Buf *out);

#endif
