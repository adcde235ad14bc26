#include "engine/trace/trace_file.h"

#include "engine/base/buf.h"
#include "engine/base/json.h"

#include <stdlib.h>
#include <string.h>

/* ---- saving ---- */

static const char *ref_name(const Graph *graph, Ref ref) {
    return ref.kind == REF_WEIGHT ? graph->weight[ref.index].name : graph->node[ref.index].name;
}

static void quote(Buf *json, const char *text) {
    json_quote(json, text, strlen(text));
}

static void add_record(Buf *json, const Graph *graph, const TracePart *part) {
    const Node *node = &graph->node[part->node];
    buf_text(json, json->size > 1 ? ",{\"name\":" : "{\"name\":");
    quote(json, node->name);
    buf_text(json, ",\"op\":");
    quote(json, op_info(node->op)->name);
    buf_text(json, ",\"inputs\":[");
    for (int i = 0; i < node->n_in; i++) {
        buf_text(json, i ? "," : "");
        quote(json, ref_name(graph, node->in[i]));
    }
    buf_text(json, "],\"axes\":[");
    bool first = true;
    for (int axis = 0; axis < node->rank; axis++) {
        if (axis == part->without)
            continue;
        buf_text(json, first ? "" : ",");
        quote(json, axis_name(node->axis[axis]));
        first = false;
    }
    buf_text(json, "]}");
}

static void records_json(const Trace *trace, const TracePart *part, size_t count, Buf *json) {
    buf_char(json, '[');
    for (size_t i = 0; i < count; i++)
        add_record(json, &trace->graph, &part[i]);
    buf_char(json, ']');
}

static void tokens_json(const TraceText *text, Buf *json) {
    buf_char(json, '[');
    for (size_t i = 0; i < text->length; i++) {
        buf_text(json, i ? "," : "");
        quote(json, text->piece[i]);
    }
    buf_char(json, ']');
}

enum { METAS_OF_TRACE = 9 };

static bool save(const Trace *trace, const TracePart *part, size_t count, const StMeta *more,
                 size_t more_count, const char *path, Err *err) {
    Arena arena = {0};
    StOut *out = ARENA_NEW_N(&arena, StOut, count);
    StMeta *meta = ARENA_NEW_N(&arena, StMeta, METAS_OF_TRACE + more_count);
    for (size_t i = 0; i < count; i++)
        out[i] = (StOut){trace->graph.node[part[i].node].name, part[i].tensor};
    Buf records = {0}, tokens = {0}, source = {0};
    records_json(trace, part, count, &records);
    tokens_json(&trace->own, &tokens);
    tokens_json(&trace->source, &source);
    size_t sequential = graph_sequential_steps(&trace->graph);
    const StMeta always[] = {{"format", TRACE_FORMAT},        {"version", TRACE_VERSION},
                             {"model", trace->model},         {"tokens", buf_cstr(&tokens)},
                             {"attention", trace->attention}, {"kv_cache", trace->kv_cache},
                             {"records", buf_cstr(&records)}};
    size_t metas = sizeof always / sizeof *always;
    memcpy(meta, always, sizeof always);
    if (trace->source.length > 0)
        meta[metas++] = (StMeta){"source_tokens", buf_cstr(&source)};
    if (sequential > 0)
        meta[metas++] = (StMeta){"sequential_steps", arena_printf(&arena, "%zu", sequential)};
    for (size_t i = 0; i < more_count; i++)
        meta[metas++] = more[i];
    bool ok = st_write(path, out, count, meta, metas, err);
    buf_free(&records);
    buf_free(&source);
    buf_free(&tokens);
    arena_free(&arena);
    return ok;
}

bool trace_save(const Trace *trace, const char *path, Err *err) {
    Arena arena = {0};
    TracePart *part = ARENA_NEW_N(&arena, TracePart, (size_t)trace->graph.count);
    size_t count = 0;
    for (int i = 0; i < trace->graph.count; i++)
        if (trace_kept(trace, i))
            part[count++] = (TracePart){i, -1, trace->value[i]};
    bool ok = save(trace, part, count, NULL, 0, path, err);
    arena_free(&arena);
    return ok;
}

bool trace_save_part(const Trace *trace, const TracePart *part, const StMeta *more, size_t count,
                     const char *path, Err *err) {
    return save(trace, part, 1, more, count, path, err);
}

/* ---- loading ---- */

/* A JSON list of texts. */
static bool text_list(const cJSON *list, const char *path, const char *what, Arena *arena,
                      const char ***texts, size_t *count, Err *err) {
    if (!cJSON_IsArray(list))
        return err_set(err, "%s: %s is not a list of texts", path, what);
    *count = 0;
    *texts = ARENA_NEW_N(arena, const char *, (size_t)cJSON_GetArraySize(list));
    for (const cJSON *item = list->child; item; item = item->next) {
        if (!cJSON_IsString(item))
            return err_set(err, "%s: %s, entry %zu is not a text", path, what, *count);
        (*texts)[(*count)++] = arena_copy_text(arena, item->valuestring);
    }
    return true;
}

static bool read_record(TraceFile *trace, const cJSON *item, FileRecord *record, Err *err) {
    const char *path = trace->file.path, *name = NULL, *op = NULL;
    size_t inputs = 0, axes = 0;
    if (!json_text(item, "name", path, NULL, &name, err) ||
        !json_text(item, "op", path, NULL, &op, err))
        return false;
    if (!name || !op)
        return err_set(err, "%s: records: an entry has no name or no op", path);
    record->name = arena_copy_text(&trace->arena, name);
    record->op = arena_copy_text(&trace->arena, op);
    record->tensor = st_find(&trace->file, name);
    if (!record->tensor)
        return err_set(err, "%s: records lists %s, but the file has no such tensor", path, name);
    if (!text_list(cJSON_GetObjectItemCaseSensitive(item, "inputs"), path, "inputs", &trace->arena,
                   &record->inputs, &inputs, err) ||
        !text_list(cJSON_GetObjectItemCaseSensitive(item, "axes"), path, "axes", &trace->arena,
                   &record->axes, &axes, err))
        return false;
    record->input_count = (int)inputs;
    record->axis_count = (int)axes;
    if (record->axis_count != record->tensor->rank)
        return err_set(err, "%s: %s names %d axes, but its tensor has %d", path, name,
                       record->axis_count, record->tensor->rank);
    if (record->tensor->size == 0)
        return err_set(err, "%s: %s has no cell at all", path, name);
    if (record->tensor->type != DTYPE_F32 && record->tensor->type != DTYPE_I32)
        return err_set(err, "%s: %s is %s, expected F32 or I32", path, name,
                       record->tensor->type_name);
    return true;
}

static bool read_records(TraceFile *trace, const cJSON *list, Err *err) {
    const char *path = trace->file.path;
    size_t count = cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;
    if (!cJSON_IsArray(list) || count != trace->file.count)
        return err_set(err, "%s: records lists %zu records, but the file has %zu tensors", path,
                       count, trace->file.count);
    trace->record = ARENA_NEW_N(&trace->arena, FileRecord, count);
    for (const cJSON *item = list->child; item; item = item->next) {
        if (!read_record(trace, item, &trace->record[trace->count], err))
            return false;
        if (trace_file_find(trace, trace->record[trace->count].name))
            return err_set(err, "%s: records lists %s twice", path,
                           trace->record[trace->count].name);
        trace->count++;
    }
    return true;
}

static bool meta_json(const TraceFile *trace, const char *key, cJSON **json, Err *err) {
    const char *text = st_meta(&trace->file, key);
    *json = NULL;
    if (!text)
        return err_set(err, "%s: __metadata__ has no %s", trace->file.path, key);
    *json = json_parse(text, strlen(text), trace->file.path, err);
    return *json || err_prefix(err, "__metadata__: %s", key);
}

/* Older files don't have it. */
static bool read_steps(TraceFile *trace, Err *err) {
    const char *text = st_meta(&trace->file, "sequential_steps");
    char *end;
    if (!text)
        return true;
    trace->sequential_steps = strtoul(text, &end, 10);
    return (trace->sequential_steps > 0 && !*end && *text >= '0' && *text <= '9') ||
           err_set(err, "%s: __metadata__: sequential_steps is \"%.40s\", expected a whole number",
                   trace->file.path, text);
}

static bool read_metadata(TraceFile *trace, Err *err) {
    const char *path = trace->file.path, *format = st_meta(&trace->file, "format");
    if (!format || strcmp(format, TRACE_FORMAT) != 0)
        return err_set(err, "%s: is no trace: __metadata__ format is \"%s\", expected \"%s\"", path,
                       format ? format : "", TRACE_FORMAT);
    trace->version = st_meta(&trace->file, "version");
    if (!trace->version || strcmp(trace->version, TRACE_VERSION) != 0)
        return err_set(err, "%s: trace version is \"%s\", this program reads \"%s\"", path,
                       trace->version ? trace->version : "", TRACE_VERSION);
    trace->model = st_meta(&trace->file, "model");
    trace->attention = st_meta(&trace->file, "attention");
    trace->kv_cache = st_meta(&trace->file, "kv_cache");
    if (!trace->model || !trace->attention || !trace->kv_cache)
        return err_set(err, "%s: __metadata__ lacks model, attention or kv_cache", path);
    if (!read_steps(trace, err))
        return false;
    cJSON *json;
    bool ok = meta_json(trace, "tokens", &json, err) &&
              text_list(json, path, "tokens", &trace->arena, &trace->token, &trace->token_count,
                        err);
    cJSON_Delete(json);
    if (!ok)
        return false;
    if (st_meta(&trace->file, "source_tokens")) {
        ok = meta_json(trace, "source_tokens", &json, err) &&
             text_list(json, path, "source_tokens", &trace->arena, &trace->source,
                       &trace->source_count, err);
        cJSON_Delete(json);
    }
    if (!ok)
        return false;
    ok = meta_json(trace, "records", &json, err) && read_records(trace, json, err);
    cJSON_Delete(json);
    return ok;
}

/* After the file itself was opened, or not. */
static bool load(TraceFile *trace, bool opened, Err *err) {
    if (opened && read_metadata(trace, err))
        return true;
    if (opened)
        st_close(&trace->file);
    arena_free(&trace->arena);
    return false;
}

bool trace_load(const char *path, TraceFile *trace, Err *err) {
    *trace = (TraceFile){0};
    return load(trace, st_open(path, &trace->arena, &trace->file, err), err);
}

bool trace_parse(const uint8_t *bytes, size_t size, const char *path, TraceFile *trace, Err *err) {
    *trace = (TraceFile){0};
    return load(trace, st_parse(bytes, size, path, &trace->arena, &trace->file, err), err);
}

void trace_file_close(TraceFile *trace) {
    st_close(&trace->file);
    arena_free(&trace->arena);
}

const FileRecord *trace_file_find(const TraceFile *trace, const char *name) {
    for (size_t i = 0; i < trace->count; i++)
        if (strcmp(trace->record[i].name, name) == 0)
            return &trace->record[i];
    return NULL;
}
