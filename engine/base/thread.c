#include "engine/base/thread.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define SPIN_ROUNDS                                                                                \
    2000 /* a few microseconds: on shared cores a longer spin costs more than a wait */
#define PIECES_PER_THREAD 4

struct ThreadPool {
    int workers; /* without the caller */
    pthread_t *thread;
    pthread_mutex_t lock;
    pthread_cond_t work, idle;
    ThreadJob *job;
    void *user;
    size_t count, piece;
    _Atomic size_t next; /* first item that nobody has taken */
    _Atomic unsigned round;
    _Atomic int busy;
    bool stop;
};

int thread_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count < 1 ? 1 : count;
}

static void take_pieces(ThreadPool *pool) {
    for (;;) {
        size_t first = atomic_fetch_add(&pool->next, pool->piece);
        if (first >= pool->count)
            return;
        size_t left = pool->count - first;
        pool->job(pool->user, first, first + (left < pool->piece ? left : pool->piece));
    }
}

/* Waits for a round after `seen`: spins briefly, then blocks. False when the pool ends. */
static bool wait_for_work(ThreadPool *pool, unsigned seen) {
    for (int i = 0; i < SPIN_ROUNDS; i++)
        if (atomic_load_explicit(&pool->round, memory_order_acquire) != seen)
            break;
    pthread_mutex_lock(&pool->lock);
    while (atomic_load(&pool->round) == seen && !pool->stop)
        pthread_cond_wait(&pool->work, &pool->lock);
    bool stop = pool->stop;
    pthread_mutex_unlock(&pool->lock);
    return !stop;
}

static void *worker(void *user) {
    ThreadPool *pool = user;
    unsigned seen = 0;
    while (wait_for_work(pool, seen)) {
        seen++;
        take_pieces(pool);
        if (atomic_fetch_sub(&pool->busy, 1) == 1) {
            pthread_mutex_lock(&pool->lock);
            pthread_cond_signal(&pool->idle);
            pthread_mutex_unlock(&pool->lock);
        }
    }
    return NULL;
}

ThreadPool *thread_pool_new(int threads) {
    ThreadPool *pool = calloc(1, sizeof *pool);
    if (!pool)
        abort();
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->idle, NULL);
    int wanted = threads > 1 ? threads - 1 : 0;
    pool->thread = calloc((size_t)wanted + 1, sizeof *pool->thread);
    if (!pool->thread)
        abort();
    while (pool->workers < wanted &&
           pthread_create(&pool->thread[pool->workers], NULL, worker, pool) == 0)
        pool->workers++;
    return pool;
}

void thread_pool_free(ThreadPool *pool) {
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stop = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->workers; i++)
        pthread_join(pool->thread[i], NULL);
    pthread_cond_destroy(&pool->idle);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    free(pool->thread);
    free(pool);
}

static void wait_until_idle(ThreadPool *pool) {
    for (int i = 0; i < SPIN_ROUNDS; i++)
        if (atomic_load_explicit(&pool->busy, memory_order_acquire) == 0)
            return;
    pthread_mutex_lock(&pool->lock);
    while (atomic_load(&pool->busy) != 0)
        pthread_cond_wait(&pool->idle, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}

void thread_pool_run(ThreadPool *pool, size_t count, size_t grain, ThreadJob *job, void *user) {
    if (count == 0)
        return;
    if (!pool || pool->workers == 0 || count <= grain) {
        job(user, 0, count);
        return;
    }
    size_t piece = count / ((size_t)(pool->workers + 1) * PIECES_PER_THREAD);
    pthread_mutex_lock(&pool->lock);
    pool->job = job;
    pool->user = user;
    pool->count = count;
    pool->piece = piece > grain ? piece : grain > 0 ? grain : 1;
    atomic_store(&pool->next, 0);
    atomic_store(&pool->busy, pool->workers);
    atomic_fetch_add(&pool->round, 1);
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    take_pieces(pool);
    wait_until_idle(pool);
}

unsigned long long time_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned long long)now.tv_sec * 1000000000ull + (unsigned long long)now.tv_nsec;
}
