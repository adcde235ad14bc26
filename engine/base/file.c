#include "engine/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t NOTHING[1] = {0}; /* what an unopened map points at */

static bool too_large(const char *path, size_t most, Err *err) {
    return err_set(err, "%s: more than %zu bytes, which is the most that is read here", path, most);
}

/* A pipe or a device can't be mapped and does not know its size: read to the end. */
static bool read_all(int fd, const char *path, size_t most, FileMap *map, Err *err) {
    uint8_t *bytes = NULL;
    size_t size = 0, capacity = 0;
    for (;;) {
        if (size == capacity) {
            capacity = capacity ? capacity * 2 : 64 * 1024;
            uint8_t *more = realloc(bytes, capacity);
            if (!more) {
                free(bytes);
                return err_set(err, "%s: too large to read", path);
            }
            bytes = more;
        }
        ssize_t got = read(fd, bytes + size, capacity - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            free(bytes);
            return err_set(err, "%s: %s", path, strerror(errno));
        }
        if (got == 0)
            break;
        size += (size_t)got;
        if (size > most) {
            free(bytes);
            return too_large(path, most, err);
        }
    }
    *map = (FileMap){.bytes = bytes, .size = size, .mapped = false};
    return true;
}

/* Files that the system makes up (/proc) say that they are empty, and are read. */
static bool map_open_file(int fd, const char *path, size_t most, FileMap *map, Err *err) {
    struct stat info;
    if (fstat(fd, &info) != 0)
        return err_set(err, "%s: %s", path, strerror(errno));
    if (S_ISDIR(info.st_mode))
        return err_set(err, "%s: is a folder, expected a file", path);
    if (S_ISREG(info.st_mode) && info.st_size > 0) {
        size_t size = (size_t)info.st_size;
        if (size > most)
            return too_large(path, most, err);
        void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes != MAP_FAILED) {
            *map = (FileMap){.bytes = bytes, .size = size, .mapped = true};
            return true;
        }
    }
    return read_all(fd, path, most, map, err);
}

static bool map_at_most(const char *path, size_t most, FileMap *map, Err *err) {
    *map = (FileMap){.bytes = NOTHING};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, "%s: %s", path, strerror(errno));
    bool ok = map_open_file(fd, path, most, map, err);
    close(fd);
    return ok;
}

bool file_map(const char *path, FileMap *map, Err *err) {
    return map_at_most(path, SIZE_MAX, map, err);
}

void file_unmap(FileMap *map) {
    if (map->mapped)
        munmap((void *)(uintptr_t)map->bytes, map->size);
    else if (map->bytes != NOTHING)
        free((void *)(uintptr_t)map->bytes);
    *map = (FileMap){.bytes = NOTHING};
}

bool file_read_text(const char *path, size_t most, Arena *arena, char **text, size_t *size,
                    Err *err) {
    FileMap map;
    if (!map_at_most(path, most, &map, err))
        return false;
    *text = arena_copy_bytes(arena, map.bytes, map.size);
    *size = map.size;
    file_unmap(&map);
    return true;
}

bool file_exists(const char *path) {
    struct stat info;
    return stat(path, &info) == 0;
}

bool file_is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool file_is_pipe_or_device(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t file_list(const char *folder, Arena *arena, const char ***names) {
    size_t count = 0, capacity = 16;
    *names = ARENA_NEW_N(arena, const char *, capacity);
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (count == capacity) {
            const char **more = ARENA_NEW_N(arena, const char *, capacity * 2);
            memcpy(more, *names, count * sizeof *more);
            *names = more;
            capacity *= 2;
        }
        (*names)[count++] = arena_copy_text(arena, entry->d_name);
    }
    if (dir)
        closedir(dir);
    qsort(*names, count, sizeof **names, by_name);
    return count;
}

char *file_join(Arena *arena, const char *folder, const char *name) {
    size_t length = strlen(folder);
    bool slash = length > 0 && folder[length - 1] == '/';
    return arena_printf(arena, "%s%s%s", folder, slash || length == 0 ? "" : "/", name);
}

bool file_make_folders(const char *path, Err *err) {
    char part[PATH_MAX];
    if (strlen(path) >= sizeof part)
        return err_set(err, "%s: the path is too long", path);
    strcpy(part, path);
    for (char *slash = part + 1;; slash++) {
        if (*slash && *slash != '/')
            continue;
        char end = *slash;
        *slash = '\0';
        if (mkdir(part, 0777) != 0 && !file_is_folder(part))
            return err_set(err, "%s: can't make the folder: %s", part, strerror(errno));
        *slash = end;
        if (!end)
            return true;
    }
}

struct FileOut {
    FILE *file;
    char *path;
    char *beside; /* NULL when written in place */
    int error;    /* the first errno of a write */
};

static void out_free(FileOut *out) {
    free(out->path);
    free(out->beside);
    free(out);
}

static FileOut *out_new(const char *path, bool in_place) {
    FileOut *out = calloc(1, sizeof *out);
    if (!out)
        abort();
    out->path = strdup(path);
    size_t room = strlen(path) + 32;
    out->beside = in_place ? NULL : malloc(room);
    if (!out->path || (!in_place && !out->beside))
        abort();
    if (!in_place)
        snprintf(out->beside, room, "%s.%ld.part", path, (long)getpid());
    return out;
}

FileOut *file_create(const char *path, Err *err) {
    struct stat info;
    if (file_is_folder(path)) {
        err_set(err, "%s: is a folder, expected the name of a file", path);
        return NULL;
    }
    bool there = lstat(path, &info) == 0; /* a link stays one: what it points at is written */
    if (there && S_ISREG(info.st_mode) && access(path, W_OK) != 0) {
        err_set(err, "%s: can't be written: %s", path, strerror(errno));
        return NULL;
    }
    FileOut *out = out_new(path, there && !S_ISREG(info.st_mode));
    out->file = fopen(out->beside ? out->beside : path, "wb");
    if (!out->file) {
        err_set(err, "%s: can't be written: %s", path, strerror(errno));
        out_free(out);
        return NULL;
    }
    if (there && out->beside)
        (void)fchmod(fileno(out->file), info.st_mode & 07777);
    return out;
}

void file_write(FileOut *out, const void *bytes, size_t size) {
    if (out->error || size == 0)
        return;
    if (fwrite(bytes, 1, size, out->file) != size)
        out->error = errno ? errno : EIO;
}

/* Everything up to the close is checked: a full disk often shows only there. */
static int finish(FileOut *out) {
    int error = out->error;
    if (fflush(out->file) != 0 && !error)
        error = errno;
    if (out->beside && fsync(fileno(out->file)) != 0 && !error)
        error = errno;
    if (fclose(out->file) != 0 && !error)
        error = errno;
    if (!error && out->beside && rename(out->beside, out->path) != 0)
        error = errno;
    return error;
}

bool file_commit(FileOut *out, Err *err) {
    int error = finish(out);
    if (error) {
        err_set(err, "%s: can't be written: %s", out->path, strerror(error));
        if (out->beside)
            unlink(out->beside);
    }
    out_free(out);
    return error == 0;
}

void file_discard(FileOut *out) {
    fclose(out->file);
    if (out->beside)
        unlink(out->beside);
    out_free(out);
}
