/* file: reading and writing files. Reading maps the file where that is possible; writing never
 * leaves a half-written file: it writes beside the name, flushes, and moves over it. An output that
 * exists and is no regular file (a pipe, a link such as /dev/stdout) is written in place. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "engine/base/arena.h"
#include "engine/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const uint8_t *bytes; /* read-only; not NULL, even for an empty file */
    size_t size;
    bool mapped;
} FileMap;

/* The whole file, mapped, or read where it can't be. A folder or a missing file is an error that
 * names the path and the system's reason. */
bool file_map(const char *path, FileMap *map, Err *err);
void file_unmap(FileMap *map);

/* The whole file as text in the arena, with a final '\0'. More than `most` bytes is an error. */
bool file_read_text(const char *path, size_t most, Arena *arena, char **text, size_t *size,
                    Err *err);

bool file_exists(const char *path);
bool file_is_folder(const char *path);
/* A pipe waits for whoever writes into it, a device may never end. */
bool file_is_pipe_or_device(const char *path);
bool file_make_folders(const char *path, Err *err); /* like mkdir -p */
/* The names in a folder, sorted, without "." and ".."; none where there is no such folder. */
size_t file_list(const char *folder, Arena *arena, const char ***names);
char *file_join(Arena *arena, const char *folder, const char *name);

/* A file that is being written. After file_create succeeded, end with file_commit or file_discard;
 * both free it. Errors of file_write are kept and reported by file_commit, which then leaves the
 * old file as it was. */
typedef struct FileOut FileOut;
FileOut *file_create(const char *path, Err *err);
void file_write(FileOut *out, const void *bytes, size_t size);
bool file_commit(FileOut *out, Err *err);
void file_discard(FileOut *out);

#endif
