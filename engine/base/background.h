/* background: one thread beside the caller's, with the lock that both share and a condition to
 * sleep on. Behind this header stand POSIX threads. */
#ifndef BASE_BACKGROUND_H
#define BASE_BACKGROUND_H

#include <stdbool.h>

typedef struct Background Background;

/* Starts run(background, user), which begins with the lock held and must end with it held. NULL
 * where the system gives no thread. */
typedef void BackgroundRun(Background *background, void *user);
Background *background_start(BackgroundRun *run, void *user);
/* Waits until `run` has returned, and frees. Call it without the lock. */
void background_end(Background *background);

void background_lock(Background *background);
void background_unlock(Background *background);
/* With the lock held: gives it up until background_signal is called, and has it again. May return
 * without reason, so ask in a loop. */
void background_wait(Background *background);
void background_signal(Background *background);

#endif
