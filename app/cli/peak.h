/* peak: how much memory this process holds, from the system (Linux' /proc; 0 where there is none). */
#ifndef CLI_PEAK_H
#define CLI_PEAK_H

#include <stddef.h>

size_t peak_resident(void); /* bytes now */
size_t peak_most(void); /* the most since peak_reset, or since the start where that is refused */
void peak_reset(void);

#endif
