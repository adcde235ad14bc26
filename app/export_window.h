/* export_window: figures from the window: what its panel has chosen, the preview, and the file. Preview
 * and file are drawn by the same path as the command line's (app/export/figure.h); the file's bytes are
 * those that `attnscope export` with the same options writes. */
#ifndef APP_EXPORT_WINDOW_H
#define APP_EXPORT_WINDOW_H

#include "app/open.h"
#include "app/views/view.h"

typedef struct ExportWindow ExportWindow;

ExportWindow *export_window_new(const OpenOptions *options);
void export_window_free(ExportWindow *export); /* NULL is allowed */

/* Before a frame: draws the preview anew where something has changed since it was drawn. NULL while the
 * panel is closed. `in` is the frame's, with all but `export` set; what is returned is valid for the
 * frame. */
const ViewExport *export_window_frame(ExportWindow *export, const ViewInput *in);
/* After it: false where the intent is for someone else. */
bool export_window_apply(ExportWindow *export, const ViewInput *in, const Intent *intent);

#endif
