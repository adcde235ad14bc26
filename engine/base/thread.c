#include "engine/base/thread.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

/* A worker spins over the short pauses between two rounds, and the caller over the last piece of a
 * slower thread. Then they block: where another program wants the processor, one that spins or
 * yields has used up its share when the work comes, one that sleeps gets the processor back. */
#define SPIN_FOR_WORK_NS 20000
#define SPIN_FOR_END_NS 50000

/* A thread that loses its processor holds up the others by no more than a piece. */
#define PIECES_PER_THREAD 8

/* One word says which round it is, how many pieces it has and which of them nobody has taken. A thread
 * takes a piece by changing the whole word, so that one that comes late to a round can take nothing
 * of the next by mistake; and a round is done when its pieces are, whether or not every thread has
 * noticed it. */
typedef uint64_t Round; /* round << 32 | pieces << 16 | next */
#define PIECES_MAX 0xFFFF

struct ThreadPool {
    int workers; /* without the caller */
    pthread_t *thread;
    /* The round's work; nobody reads it without a piece of the round. */
    ThreadJob *job;
    void *user;
    size_t count, piece;
    _Atomic Round round;
    _Atomic size_t done; /* pieces of this round */
    /* Those who have spun long enough. */
    pthread_mutex_t lock;
    pthread_cond_t work, finished;
    _Atomic int sleepers;
    atomic_bool caller_sleeps, stop;
};

int thread_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count < 1 ? 1 : count;
}

static size_t pieces_of(Round round) {
    return (size_t)(round >> 16 & PIECES_MAX);
}

static size_t next_of(Round round) {
    return (size_t)(round & PIECES_MAX);
}

static bool has_work(ThreadPool *pool) {
    Round round = atomic_load(&pool->round);
    return next_of(round) < pieces_of(round) || atomic_load(&pool->stop);
}

static bool is_done(ThreadPool *pool) {
    return atomic_load(&pool->done) == pieces_of(atomic_load(&pool->round));
}

static void pause_briefly(void) {
#if defined __x86_64__ || defined __i386__
    __builtin_ia32_pause();
#elif defined __aarch64__
    __asm__ volatile("yield");
#endif
}

static bool spin(ThreadPool *pool, bool (*ready)(ThreadPool *), unsigned long long limit) {
    unsigned long long start = time_now_ns();
    do {
        for (int i = 0; i < 16; i++, pause_briefly())
            if (ready(pool))
                return true;
    } while (time_now_ns() - start < limit);
    return false;
}

static void finish_piece(ThreadPool *pool, size_t pieces) {
    if (atomic_fetch_add(&pool->done, 1) + 1 < pieces || !atomic_load(&pool->caller_sleeps))
        return;
    pthread_mutex_lock(&pool->lock);
    pthread_cond_signal(&pool->finished);
    pthread_mutex_unlock(&pool->lock);
}

static void take_pieces(ThreadPool *pool) {
    Round round = atomic_load(&pool->round);
    while (next_of(round) < pieces_of(round)) {
        if (!atomic_compare_exchange_weak(&pool->round, &round, round + 1))
            continue;
        size_t first = next_of(round) * pool->piece, left = pool->count - first;
        pool->job(pool->user, first, first + (left < pool->piece ? left : pool->piece));
        finish_piece(pool, pieces_of(round));
        round = atomic_load(&pool->round);
    }
}

/* Whoever goes to sleep says so before looking once more, and whoever has news tells before asking
 * who sleeps: one of the two sees the other. */
static void wait_for_work(ThreadPool *pool) {
    if (spin(pool, has_work, SPIN_FOR_WORK_NS))
        return;
    pthread_mutex_lock(&pool->lock);
    atomic_fetch_add(&pool->sleepers, 1);
    while (!has_work(pool))
        pthread_cond_wait(&pool->work, &pool->lock);
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->lock);
}

static void wait_until_done(ThreadPool *pool) {
    if (spin(pool, is_done, SPIN_FOR_END_NS))
        return;
    pthread_mutex_lock(&pool->lock);
    atomic_store(&pool->caller_sleeps, true);
    while (!is_done(pool))
        pthread_cond_wait(&pool->finished, &pool->lock);
    atomic_store(&pool->caller_sleeps, false);
    pthread_mutex_unlock(&pool->lock);
}

static void wake_sleepers(ThreadPool *pool) {
    if (!atomic_load(&pool->sleepers))
        return;
    pthread_mutex_lock(&pool->lock);
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
}

static void *worker(void *user) {
    ThreadPool *pool = user;
    while (!atomic_load(&pool->stop)) {
        take_pieces(pool);
        wait_for_work(pool);
    }
    return NULL;
}

ThreadPool *thread_pool_new(int threads) {
    ThreadPool *pool = calloc(1, sizeof *pool);
    if (!pool)
        abort();
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->finished, NULL);
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
    atomic_store(&pool->stop, true);
    wake_sleepers(pool);
    for (int i = 0; i < pool->workers; i++)
        pthread_join(pool->thread[i], NULL);
    pthread_cond_destroy(&pool->finished);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    free(pool->thread);
    free(pool);
}

static size_t piece_size(const ThreadPool *pool, size_t count, size_t grain) {
    size_t piece = count / ((size_t)(pool->workers + 1) * PIECES_PER_THREAD);
    size_t least = count / PIECES_MAX + 1;
    piece = piece > grain ? piece : grain;
    return piece > least ? piece : least;
}

void thread_pool_run(ThreadPool *pool, size_t count, size_t grain, ThreadJob *job, void *user) {
    if (count == 0)
        return;
    if (!pool || pool->workers == 0 || count <= grain) {
        job(user, 0, count);
        return;
    }
    pool->job = job;
    pool->user = user;
    pool->count = count;
    pool->piece = piece_size(pool, count, grain);
    atomic_store(&pool->done, 0);
    Round number = atomic_load(&pool->round) >> 32, pieces = (count - 1) / pool->piece + 1;
    atomic_store(&pool->round, (number + 1) << 32 | pieces << 16);
    wake_sleepers(pool);
    take_pieces(pool);
    wait_until_done(pool);
}

unsigned long long time_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned long long)now.tv_sec * 1000000000ull + (unsigned long long)now.tv_nsec;
}
