/* picture: drawing commands into a PNG file, without a window. */
#ifndef APP_PICTURE_H
#define APP_PICTURE_H

#include "app/cli/paint.h"

/* Two pixels a point. False where the fonts are missing or the file can't be written. */
CliPaint picture_save;

#endif
