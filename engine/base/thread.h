/* thread: a pool that shares out rows, and the little that a background job needs. Behind this
 * header stands POSIX threads; a build without threads can answer with one. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ThreadPool ThreadPool;

/* How many processors this program may run on, at least 1. */
int thread_count(void);

/* `threads` ≥ 1 counts the caller; fewer are made where the system refuses. */
ThreadPool *thread_pool_new(int threads);
void thread_pool_free(ThreadPool *pool); /* NULL is allowed */

/* Calls job(user, first, last) for pieces that cover [0, count) once, each of at least `grain`
 * items, and returns when all are done. How the pieces are cut must not change any result: each
 * item is computed whole by one call. A NULL pool runs everything in the caller. */
typedef void ThreadJob(void *user, size_t first, size_t last);
void thread_pool_run(ThreadPool *pool, size_t count, size_t grain, ThreadJob *job, void *user);

/* Nanoseconds of a clock that never goes back. */
unsigned long long time_now_ns(void);

#endif
