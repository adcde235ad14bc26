/* map: the model's stages from top to bottom, blocks that fold, the stage shown lit; click to go
 * there. Its widgets are "map/RECORD" for each stage and "map/block/LAYER" for the folds. */
#ifndef VIEWS_MAP_H
#define VIEWS_MAP_H

#include "app/views/view.h"

void map_view(const ViewInput *in, Rect area);

#endif
