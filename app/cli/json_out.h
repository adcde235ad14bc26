/* json_out: JSON as it is written, item by item. Numbers have nine significant digits, which is
 * enough for every float32; what is not finite becomes "-inf", "inf" or "nan". */
#ifndef CLI_JSON_OUT_H
#define CLI_JSON_OUT_H

#include "engine/base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NUMBER_SIZE = 32 };
/* "0.0123456789", "-inf", "nan". */
const char *number_text(double value, char room[NUMBER_SIZE]);

typedef struct {
    Buf buf;
    int depth;
    bool started;   /* the innermost list or object has an item */
    uint64_t lined; /* bit d: what is open at depth d has items on lines of their own */
} JsonOut;

/* `key` is NULL in a list, and for the outermost value. */
void json_open(JsonOut *out, const char *key, char bracket); /* '{' or '[' */
void json_shut(JsonOut *out, char bracket);                  /* '}' or ']' */
void json_put_text(JsonOut *out, const char *key, const char *text);
void json_put_bytes(JsonOut *out, const char *key, const char *text, size_t size);
void json_put_number(JsonOut *out, const char *key, double value);
void json_put_whole(JsonOut *out, const char *key, uint64_t value);
void json_put_bool(JsonOut *out, const char *key, bool value);
void json_put_sizes(JsonOut *out, const char *key, const size_t *list, size_t count);
void json_put_ids(JsonOut *out, const char *key, const int32_t *list, size_t count);

/* Prints everything with a final line break to standard output, and frees. */
void json_print(JsonOut *out);

#endif
