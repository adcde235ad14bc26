#include "engine/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGNMENT ((size_t)64)
#define CHUNK_SIZE ((size_t)64 * 1024)
#define HUGE_PAGE ((size_t)2 * 1024 * 1024)

struct ArenaChunk {
    ArenaChunk *before;
    size_t size; /* of the space behind this head */
    size_t used;
    size_t dirty; /* bytes from the start that may not be zero */
    bool mapped;
};

#define HEAD_SIZE ALIGNMENT /* the head takes one line, so that the space behind it is aligned */

bool size_mul(size_t a, size_t b, size_t *product) {
    return !__builtin_mul_overflow(a, b, product);
}

bool size_add(size_t a, size_t b, size_t *sum) {
    return !__builtin_add_overflow(a, b, sum);
}

static char *chunk_space(ArenaChunk *chunk) {
    return (char *)chunk + HEAD_SIZE;
}

/* First-touch page faults are what a large trace costs: a large chunk comes straight from the
 * system, already zero and not touched yet, and asks for huge pages. */
static ArenaChunk *chunk_map(size_t size) {
    size_t total;
    if (!size_add(size, HEAD_SIZE + HUGE_PAGE, &total))
        return NULL;
    ArenaChunk *chunk = mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                             0);
    if (chunk == MAP_FAILED)
        return NULL;
#ifdef MADV_HUGEPAGE
    madvise(chunk, total, MADV_HUGEPAGE);
#endif
    chunk->size = total - HEAD_SIZE;
    chunk->mapped = true;
    return chunk;
}

static ArenaChunk *chunk_new(size_t size) {
    if (size >= HUGE_PAGE)
        return chunk_map(size);
    size_t total = size + HEAD_SIZE;
    total += (ALIGNMENT - total % ALIGNMENT) % ALIGNMENT;
    ArenaChunk *chunk = aligned_alloc(ALIGNMENT, total);
    if (!chunk)
        return NULL;
    *chunk = (ArenaChunk){.size = total - HEAD_SIZE, .dirty = total - HEAD_SIZE};
    return chunk;
}

static void chunk_free(ArenaChunk *chunk) {
    if (chunk && chunk->mapped)
        munmap(chunk, chunk->size + HEAD_SIZE);
    else
        free(chunk);
}

/* Zeroes what may have been written before. */
static void *chunk_take(ArenaChunk *chunk, size_t room, bool zeroed) {
    char *memory = chunk_space(chunk) + chunk->used;
    if (zeroed && chunk->used < chunk->dirty) {
        size_t dirty = chunk->dirty - chunk->used;
        memset(memory, 0, dirty < room ? dirty : room);
    }
    chunk->used += room;
    if (chunk->dirty < chunk->used)
        chunk->dirty = chunk->used;
    return memory;
}

size_t arena_room(size_t size) {
    return size > SIZE_MAX - ALIGNMENT ? SIZE_MAX : (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static bool add_chunk(Arena *arena, size_t room) {
    ArenaChunk *fresh = chunk_new(room > CHUNK_SIZE ? room : CHUNK_SIZE);
    if (!fresh)
        return false;
    fresh->before = arena->last;
    arena->last = fresh;
    arena->total += fresh->size + HEAD_SIZE;
    return true;
}

static bool has_room(const Arena *arena, size_t room) {
    return arena->last && arena->last->size - arena->last->used >= room;
}

static void *take(Arena *arena, size_t size, bool zeroed) {
    size_t room = arena_room(size);
    if (room == SIZE_MAX || (!has_room(arena, room) && !add_chunk(arena, room)))
        return NULL;
    return chunk_take(arena->last, room, zeroed);
}

void *arena_try(Arena *arena, size_t size) {
    return take(arena, size, true);
}

void *arena_try_raw(Arena *arena, size_t size) {
    return take(arena, size, false);
}

/* What may lie idle behind a small reservation. */
#define IDLE_MOST ((size_t)64 << 20)

bool arena_reserve(Arena *arena, size_t size) {
    ArenaChunk *only = arena->last && !arena->last->before ? arena->last : NULL;
    bool idle = only && only->used == 0 && only->size > size && only->size - size > IDLE_MOST;
    if (has_room(arena, size) && !idle)
        return true;
    if (only && only->used == 0)
        arena_free(arena); /* empty, and of the wrong size */
    return add_chunk(arena, size);
}

void *arena_alloc(Arena *arena, size_t size) {
    void *memory = arena_try(arena, size);
    if (!memory)
        abort();
    return memory;
}

void *arena_alloc_n(Arena *arena, size_t count, size_t size) {
    size_t total;
    if (!size_mul(count, size, &total))
        abort();
    return arena_alloc(arena, total);
}

char *arena_copy_bytes(Arena *arena, const void *bytes, size_t size) {
    char *copy = arena_alloc(arena, size + 1);
    if (size)
        memcpy(copy, bytes, size);
    return copy;
}

char *arena_copy_text(Arena *arena, const char *text) {
    return arena_copy_bytes(arena, text, strlen(text));
}

char *arena_printf(Arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = arena_alloc(arena, (size_t)length + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return text;
}

void arena_reset(Arena *arena) {
    ArenaChunk *chunk = arena->last;
    while (chunk && chunk->before) {
        ArenaChunk *before = chunk->before;
        arena->total -= chunk->size + HEAD_SIZE;
        chunk_free(chunk);
        chunk = before;
    }
    if (chunk)
        chunk->used = 0;
    arena->last = chunk;
}

void arena_free(Arena *arena) {
    arena_reset(arena);
    chunk_free(arena->last);
    *arena = (Arena){0};
}
