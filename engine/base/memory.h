/* memory: how much of it this program may still take. Linux tells it in /proc, and a container's
 * limit in its control group; elsewhere it is not known. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

typedef enum {
    MEMORY_UNKNOWN,
    MEMORY_MACHINE, /* MemAvailable */
    MEMORY_GROUP    /* the limit of a control group, less what it uses; version 1 or 2 */
} MemoryFrom;

/* Bytes that are free, and who says so: the machine, or its control group where that leaves less.
 * 0 where it is not known. */
size_t memory_free(MemoryFrom *from);

/* The same of a system whose files lie under `root` ("" is this one). */
size_t memory_free_under(const char *root, MemoryFrom *from);

/* What a trace may take where nobody has said: a quarter of what is free, 1 GiB where that is not
 * known. */
size_t memory_budget(MemoryFrom *from);

#endif
