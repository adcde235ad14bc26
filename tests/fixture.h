/* fixture: what the tests of the engine share: a tiny model opened and run, and where the shared
 * models lie. */
#ifndef TESTS_FIXTURE_H
#define TESTS_FIXTURE_H

#include "engine/model/fresh.h"
#include "engine/run/generate.h"
#include "tests/tiny_model.h"

/* Writes, opens and forgets a tiny folder. Fails the running test with the message on error. */
Model *fixture_model(const TinyModel *options);

/* Models of every family, and with every knob turned that makes other stages: what holds of all of
 * them is asked of each. */
typedef struct {
    const char *folder, *settings; /* NULL: as it is */
    AttentionOptions attention;    /* how it is run */
} FixtureFolder;
#define FIXTURE_FLASH(rows, columns, of_head)                                                      \
    { .kind = ATTENTION_FLASH, .tile_rows = rows, .tile_columns = columns, .head = of_head }
extern const FixtureFolder FIXTURE_FOLDERS[];
extern const size_t FIXTURE_FOLDER_COUNT;
Model *fixture_golden(const FixtureFolder *from);

/* Runs ids 0, 3, 6 … (modulo the vocabulary). */
Trace *fixture_trace(const Model *model, size_t length, const RunOptions *options);

/* The shared folder (ATTNSCOPE_SHARED, or ../shared), or NULL where there is none. */
const char *fixture_shared(void);

/* Largest |a − b| of a kept record against numbers; equal infinities differ by 0, and a NaN or a
 * wrong sign of infinity by infinity. */
double fixture_difference(const Trace *trace, int node, const float *expected);

#endif
