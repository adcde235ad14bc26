#include "engine/base/background.h"

#include <pthread.h>
#include <stdlib.h>

struct Background {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t condition;
    BackgroundRun *run;
    void *user;
};

static void *run_locked(void *argument) {
    Background *background = argument;
    background_lock(background);
    background->run(background, background->user);
    background_unlock(background);
    return NULL;
}

static void release(Background *background) {
    pthread_cond_destroy(&background->condition);
    pthread_mutex_destroy(&background->lock);
    free(background);
}

Background *background_start(BackgroundRun *run, void *user) {
    Background *background = calloc(1, sizeof *background);
    if (!background)
        abort(); /* small memory, as in arena.h */
    background->run = run;
    background->user = user;
    pthread_mutex_init(&background->lock, NULL);
    pthread_cond_init(&background->condition, NULL);
    if (pthread_create(&background->thread, NULL, run_locked, background) == 0)
        return background;
    release(background);
    return NULL;
}

void background_end(Background *background) {
    pthread_join(background->thread, NULL);
    release(background);
}

void background_lock(Background *background) {
    pthread_mutex_lock(&background->lock);
}

void background_unlock(Background *background) {
    pthread_mutex_unlock(&background->lock);
}

void background_wait(Background *background) {
    pthread_cond_wait(&background->condition, &background->lock);
}

void background_signal(Background *background) {
    pthread_cond_signal(&background->condition);
}
