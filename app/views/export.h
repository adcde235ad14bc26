/* export: the panel that makes a figure of the stage shown: what kind, for what, where it goes, and how it
 * will look. The program draws the preview and writes the file. */
#ifndef VIEWS_EXPORT_H
#define VIEWS_EXPORT_H

#include "app/views/view.h"

void export_open(Ui *ui);
bool export_is_open(const Ui *ui);
/* Over a window of w × h points; draws nothing while it is closed. */
void export_view(const ViewInput *in, int w, int h);

#endif
