/* progress: how far a learner has come, under the user's data folder
 * ($XDG_DATA_HOME/attnscope/progress.json, else ~/.local/share/…). A file that can't be read is told
 * once and left alone; it is never written over unread. */
#ifndef LESSON_PROGRESS_H
#define LESSON_PROGRESS_H

#include "app/lesson/play.h"

typedef struct LessonProgress LessonProgress;

/* Never NULL: without a home or a readable file there is nothing kept, and `err` (its text else "")
 * says why. */
LessonProgress *progress_open(Err *err);
void progress_close(LessonProgress *progress);
/* Puts the play where the learner left it: the scene, the answers that were closed. False: there is
 * nothing about this lesson. */
bool progress_resume(const LessonProgress *progress, Play *play);
/* Notes where the play is, and writes the file. */
bool progress_keep(LessonProgress *progress, const Play *play, Err *err);
/* For the contents: checks closed, of how many; 0, 0 where nothing is known. */
void progress_of(const LessonProgress *progress, const char *lesson, size_t *solved, size_t *asked);

#endif
