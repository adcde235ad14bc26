#include "app/cli/peak.h"

#include <stdio.h>
#include <string.h>

/* "VmHWM:     1234 kB" */
static size_t status_bytes(const char *field) {
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    unsigned long long kilobytes = 0;
    size_t size = strlen(field);
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, field, size) == 0 && sscanf(line + size, ": %llu", &kilobytes) == 1)
            break;
    if (file)
        fclose(file);
    return (size_t)kilobytes * 1024;
}

size_t peak_resident(void) {
    return status_bytes("VmRSS");
}

size_t peak_most(void) {
    return status_bytes("VmHWM");
}

void peak_reset(void) {
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (!file)
        return;
    fputs("5", file);
    fclose(file);
}
