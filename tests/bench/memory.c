/* How fast this machine reads memory, with one thread and with two: what bounds a decoder, which reads
 * each weight once a token. The best of several passes over 512 MiB, more than any cache holds. */
#include "engine/base/thread.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define BYTES ((size_t)512 << 20)
#define PIECE ((size_t)1 << 20)
enum { PASSES = 6 };

typedef struct {
    const uint64_t *numbers;
    uint64_t sums[BYTES / PIECE]; /* so that no read is left out */
} Reading;

static void read_pieces(void *user, size_t first, size_t last) {
    Reading *reading = user;
    size_t each = PIECE / sizeof(uint64_t);
    for (size_t piece = first; piece < last; piece++) {
        const uint64_t *from = reading->numbers + piece * each;
        uint64_t sum = 0;
        for (size_t i = 0; i < each; i++)
            sum += from[i];
        reading->sums[piece] = sum;
    }
}

/* In 10⁹ bytes a second. */
static double measure(Reading *reading, int threads) {
    ThreadPool *pool = thread_pool_new(threads);
    double best = 0;
    for (int pass = 0; pass < PASSES; pass++) {
        unsigned long long start = time_now_ns();
        thread_pool_run(pool, BYTES / PIECE, 1, read_pieces, reading);
        double speed = (double)BYTES / (double)(time_now_ns() - start);
        best = speed > best ? speed : best;
    }
    thread_pool_free(pool);
    return best;
}

int main(void) {
    static Reading reading;
    uint64_t *numbers = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                             0);
    if (numbers == MAP_FAILED)
        return 1;
    madvise(numbers, BYTES, MADV_HUGEPAGE);
    for (size_t i = 0; i < BYTES / sizeof *numbers; i++)
        numbers[i] = i;
    reading.numbers = numbers;
    double one = measure(&reading, 1), two = measure(&reading, 2);
    uint64_t sum = 0;
    for (size_t i = 0; i < BYTES / PIECE; i++)
        sum += reading.sums[i];
    printf("{\"one\": %.2f, \"two\": %.2f, \"sum\": %llu}\n", one, two, (unsigned long long)sum);
    return 0;
}
