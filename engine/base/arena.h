/* arena: memory by lifetime. Everything of one lifetime (a model, a trace, a lesson, a frame) is
 * taken from one arena and goes with it; nothing is freed on its own.
 *
 * Small memory that runs out ends the program: arena_alloc calls abort(). That is the one place
 * where the engine gives up. Large memory, whose size outside data decides (a trace, a weight), is
 * asked for with arena_try, which answers NULL, and the caller turns that into an Err. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ArenaChunk ArenaChunk;

typedef struct {
    ArenaChunk *last;
    size_t total; /* bytes asked of the system */
} Arena;

/* A zeroed Arena is an empty one. Memory is zeroed and aligned to 64 bytes (one cache line, one
 * AVX-512 register). A size of 0 gives a valid pointer. */
void *arena_alloc(Arena *arena, size_t size);
void *arena_try(Arena *arena, size_t size);

/* Memory for large arrays that are written before they are read: arena_try_raw does not zero what was
 * used before. After arena_reserve (false: no memory) requests of `size` bytes in all, each counted
 * up to a multiple of 64, come out of one piece, which is the one of the last round where that is
 * large enough: it has been touched already. */
bool arena_reserve(Arena *arena, size_t size);
void *arena_try_raw(Arena *arena, size_t size);
size_t arena_room(size_t size); /* `size` counted up */

/* count × size, checked: a product that overflows is a request that cannot be met. */
void *arena_alloc_n(Arena *arena, size_t count, size_t size);
#define ARENA_NEW(arena, Type) ((Type *)arena_alloc((arena), sizeof(Type)))
#define ARENA_NEW_N(arena, Type, count) ((Type *)arena_alloc_n((arena), (count), sizeof(Type)))

char *arena_copy_text(Arena *arena, const char *text);
char *arena_copy_bytes(Arena *arena, const void *bytes, size_t size); /* adds a final '\0' */
char *arena_printf(Arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(2)));

/* Keeps the first chunk for the next round, so that a frame's arena is touched only once. */
void arena_reset(Arena *arena);
void arena_free(Arena *arena);

/* Checked products and sums of sizes: false when they do not fit a size_t. */
bool size_mul(size_t a, size_t b, size_t *product);
bool size_add(size_t a, size_t b, size_t *sum);

#endif
