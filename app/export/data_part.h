/* data_part: what the writers of app/export/data.h share. Private to them. */
#ifndef EXPORT_DATA_PART_H
#define EXPORT_DATA_PART_H

#include "app/export/data.h"
#include "engine/base/file.h"

/* Text on its way into a file, written in pieces. */
typedef struct {
    Buf buf;
    FileOut *file;
} DataOut;

bool data_out_open(DataOut *out, const char *path, Err *err);
void data_out_flush(DataOut *out, size_t most); /* where more than `most` bytes wait */
bool data_out_close(DataOut *out, Err *err);

enum { DATA_NUMBER_SIZE = 32 };
/* Nine significant digits, which give every float32 back: "0.0123456789", "-inf", "nan", as Python's
 * float() reads them. */
const char *data_number(const DataTable *table, const size_t *index, char room[DATA_NUMBER_SIZE]);

void data_csv(const DataTable *table, const ExportAbout *about, DataOut *out);
void data_json(const DataTable *table, const ExportAbout *about, DataOut *out);
void data_npy(const DataTable *table, const ExportAbout *about, DataOut *out);

#endif
