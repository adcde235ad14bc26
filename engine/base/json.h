/* json: cJSON read with suspicion. Each getter checks the type and the range, and its message
 * names the file and the field: "config.json: n_layer is \"four\", expected an integer from 1 to
 * 1000". */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "engine/base/buf.h"
#include "engine/base/err.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parses exactly `size` bytes of UTF-8. What follows the value (but white space) is an error, as
 * are a byte order mark and a NUL character in a text ("\u0000"), which C would take for its end.
 * Free with cJSON_Delete. NULL on error; `file` is for the message. */
cJSON *json_parse(const char *text, size_t size, const char *file, Err *err);

/* An absent field gives `absent`, and null does too. An integer must be whole. */
bool json_int(const cJSON *object, const char *field, const char *file, int64_t least, int64_t most,
              int64_t absent, int64_t *value, Err *err);
bool json_number(const cJSON *object, const char *field, const char *file, double absent,
                 double *value, Err *err);
bool json_bool(const cJSON *object, const char *field, const char *file, bool absent, bool *value,
               Err *err);
/* The text belongs to the cJSON tree; absent or null gives `absent`. */
bool json_text(const cJSON *object, const char *field, const char *file, const char *absent,
               const char **value, Err *err);

/* A short picture of any value for a message: "four", 3.5, null, a list, an object. */
const char *json_show(const cJSON *value, char *room, size_t size);

/* Appends a JSON string with its quotes; bytes that are no UTF-8 become U+FFFD. */
void json_quote(Buf *buf, const char *text, size_t size);

#endif
