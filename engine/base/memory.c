#include "engine/base/memory.h"

#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define UNLIMITED ((uint64_t)1 << 62) /* version 1 says about 2⁶³ where there is no limit */

/* The number behind `key` in a file of lines "key number"; `key` "": the file's first word. */
static bool read_number(const char *path, const char *key, uint64_t *number) {
    FILE *file = fopen(path, "re");
    char line[256];
    bool found = false;
    size_t size = strlen(key);
    while (file && !found && fgets(line, sizeof line, file))
        found = strncmp(line, key, size) == 0 && sscanf(line + size, "%" SCNu64, number) == 1;
    if (file)
        fclose(file);
    return found;
}

/* How one version calls things. */
typedef struct {
    const char *mount, *limit, *used, *cache;
} GroupFiles;
static const GroupFiles VERSION_1 = {"/sys/fs/cgroup/memory", "memory.limit_in_bytes",
                                     "memory.usage_in_bytes", "total_inactive_file "};
static const GroupFiles VERSION_2 = {"/sys/fs/cgroup", "memory.max", "memory.current",
                                     "inactive_file "};

static bool read_group_number(const char *folder, const char *name, const char *key,
                              uint64_t *number) {
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return read_number(path, key, number);
}

/* What one group leaves; the files that it has read count as free, for they can be read again. */
static uint64_t group_free(const char *folder, const GroupFiles *files) {
    uint64_t limit, used, cache = 0;
    if (!read_group_number(folder, files->limit, "", &limit) || limit > UNLIMITED ||
        !read_group_number(folder, files->used, "", &used))
        return UINT64_MAX;
    read_group_number(folder, "memory.stat", files->cache, &cache);
    used -= cache < used ? cache : used;
    return used < limit ? limit - used : 0;
}

/* The least of the group at `path` and those above it. */
static uint64_t groups_free(const char *root, const GroupFiles *files, const char *path) {
    char folder[PATH_MAX];
    int size = snprintf(folder, sizeof folder, "%s%s", root, files->mount);
    size_t top = size > 0 ? (size_t)size : 0;
    uint64_t least = UINT64_MAX;
    if (top + strlen(path) >= sizeof folder)
        return least;
    memcpy(folder + top, path, strlen(path) + 1);
    for (;;) {
        uint64_t here = group_free(folder, files);
        char *slash = strrchr(folder + top, '/');
        least = here < least ? here : least;
        if (!slash)
            return least;
        *slash = '\0';
    }
}

/* The groups of this process: lines "number:controllers:path". */
static uint64_t all_groups_free(const char *root) {
    char path[PATH_MAX], line[PATH_MAX + 256];
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    FILE *file = fopen(path, "re");
    uint64_t least = UINT64_MAX;
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        char *which = strchr(line, ':'), *group = which ? strchr(which + 1, ':') : NULL;
        if (!group)
            continue;
        *group++ = '\0';
        const GroupFiles *files = strcmp(which, ":") == 0       ? &VERSION_2
                                  : strstr(which + 1, "memory") ? &VERSION_1
                                                                : NULL;
        uint64_t here = files ? groups_free(root, files, group) : UINT64_MAX;
        least = here < least ? here : least;
    }
    if (file)
        fclose(file);
    return least;
}

size_t memory_free_under(const char *root, MemoryFrom *from) {
    char path[PATH_MAX];
    uint64_t kib = 0, machine = UINT64_MAX, groups = all_groups_free(root);
    snprintf(path, sizeof path, "%s/proc/meminfo", root);
    if (read_number(path, "MemAvailable:", &kib) && kib < UNLIMITED / 1024)
        machine = kib * 1024;
    uint64_t least = groups < machine ? groups : machine;
    *from = least == UINT64_MAX ? MEMORY_UNKNOWN : groups < machine ? MEMORY_GROUP : MEMORY_MACHINE;
    if (*from == MEMORY_UNKNOWN)
        return 0;
    return least < SIZE_MAX ? (size_t)least : SIZE_MAX;
}

size_t memory_free(MemoryFrom *from) {
    return memory_free_under("", from);
}

size_t memory_budget(MemoryFrom *from) {
    size_t bytes = memory_free(from);
    return *from == MEMORY_UNKNOWN ? (size_t)1 << 30 : bytes / 4;
}
