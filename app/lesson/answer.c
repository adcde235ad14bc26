/* Answers: the right one, a wrong one, and how the right one is told. */
#include "app/lesson/play_part.h"
#include "app/lesson/point.h"

#include <math.h>
#include <string.h>

/* ---- Right and wrong ---------------------------------------------------------------------------- */

static bool fill_answer(Play *play, const LessonCheck *check, bool right, Answer *answer,
                        Err *err) {
    Expected expected;
    if (!grade_expected(play, check, &expected, err))
        return false;
    double scale = check->percent ? 100 : 1, unit = pow(10, -check->digits);
    double value = expected.value * scale;
    bool finite = isfinite(value);
    if (right)
        answer->number = finite ? round(value / unit) * unit : value;
    else
        answer->number = finite ? value + 2 * (unit + expected.tolerance * scale) : 0;
    return true;
}

static bool choose_answer(Play *play, size_t at, bool right, Answer *answer, Err *err) {
    const LessonCheck *check = &play_scene_now(play)->check[at];
    const size_t *shown = play_order(play, at, check->option_count, &play->arena);
    for (size_t i = 0; i < check->option_count; i++) {
        bool is_right;
        if (!grade_option(play, &check->option[shown[i]], &is_right, err))
            return false;
        answer->item = i;
        if (is_right == right)
            return true;
    }
    return err_set(err, "all options are %s", right ? "wrong" : "right");
}

static bool order_answer(Play *play, size_t at, bool right, Answer *answer, Err *err) {
    const LessonCheck *check = &play_scene_now(play)->check[at];
    size_t count = check->stage_count;
    size_t *computed = ARENA_NEW_N(&play->arena, size_t, count);
    size_t *order = ARENA_NEW_N(&play->arena, size_t, count);
    const size_t *shown = play_order(play, at, count, &play->arena);
    if (!grade_stages(play, check, computed, err))
        return false;
    for (size_t i = 0; i < count; i++)
        for (size_t place = 0; place < count; place++)
            if (shown[place] == computed[right ? i : count - 1 - i])
                order[i] = place;
    answer->order = order;
    return true;
}

static bool point_answer(Play *play, const LessonCheck *check, bool right, Answer *answer,
                         Err *err) {
    bool is_right = false, more = point_first(play, check, answer, err);
    if (!more)
        return false;
    for (; more; more = point_next(play, check, answer)) {
        if (!grade_point(play, check, answer, &is_right, err))
            return false;
        if (is_right == right)
            return true;
    }
    return err_set(err, "every place is %s", right ? "wrong" : "right");
}

static bool find_answer(Play *play, size_t at, bool right, Answer *answer, Err *err) {
    const LessonCheck *check = &play_scene_now(play)->check[at];
    *answer = (Answer){.node = 0};
    if (!play_has_trace(play, err))
        return false;
    switch (check->kind) {
    case CHECK_FILL: return fill_answer(play, check, right, answer, err);
    case CHECK_CHOOSE: return choose_answer(play, at, right, answer, err);
    case CHECK_POINT: return point_answer(play, check, right, answer, err);
    case CHECK_ORDER: return order_answer(play, at, right, answer, err);
    case CHECK_MAKE: return true;
    }
    return false;
}

static Known *known_of(Play *play, size_t check) {
    if (!play->made.known)
        play->made.known = ARENA_NEW_N(&play->arena, Known, play_scene_now(play)->check_count);
    return &play->made.known[check];
}

bool play_right_answer(Play *play, size_t check, Answer *answer, Err *err) {
    Known *known = known_of(play, check);
    if (!known->has_answer && !find_answer(play, check, true, &known->answer, err))
        return false;
    known->has_answer = true;
    *answer = known->answer;
    return true;
}

bool play_wrong_answer(Play *play, size_t check, Answer *answer, Err *err) {
    return find_answer(play, check, false, answer, err);
}

/* ---- In words ----------------------------------------------------------------------------------- */

static void fill_words(Play *play, const LessonCheck *check, Buf *out) {
    Expected expected;
    Err none;
    if (!grade_expected(play, check, &expected, &none))
        return;
    bool percent = check->percent && isfinite(expected.value);
    buf_text(out, percent ? text_percent(&play->arena, expected.value, check->digits)
                          : text_number(&play->arena, expected.value, check->digits));
}

static void choose_words(Play *play, size_t at, Buf *out) {
    const LessonCheck *check = &play_scene_now(play)->check[at];
    ExprScope scope = play_scope(play, SHOW_ALL);
    for (size_t i = 0; i < check->option_count; i++) {
        LessonBody body;
        Err none;
        bool right;
        const char *part = arena_printf(&play->arena, "/option %s", check->option[i].id);
        const char *text = play_check_text(play, at, part);
        if (!grade_option(play, &check->option[i], &right, &none) || !right || !text ||
            !markup_render(text, &scope, &play->arena, &body, &none))
            continue;
        buf_text(out, out->size ? "; " : "");
        body_plain(&body, out);
        while (out->size && out->bytes[out->size - 1] == '\n')
            out->bytes[--out->size] = '\0';
    }
}

static const char *axis_words(Play *play, int node, int axis, size_t index) {
    const char *name = said_axis(play->lang, play->trace->graph.node[node].axis[axis]);
    const TraceText *text = trace_text(play->trace, node, axis);
    return text ? arena_printf(&play->arena, "%s %s", name, token_quoted(text, index, &play->arena))
                : arena_printf(&play->arena, "%s %zu", name, index);
}

static const char *place_words(Play *play, const LessonCheck *check, const Answer *answer) {
    static const SaidId ids[] = {SAID_THE_CELL, SAID_THE_ROW, SAID_THE_COLUMN};
    const Node *node = &play->trace->graph.node[answer->node];
    const char *words = "";
    for (int axis = 0; axis < node->rank; axis++)
        if (point_has_axis(check, node, axis) && !axis_is_head(node->axis[axis]))
            words = arena_printf(&play->arena, "%s%s%s", words, words[0] ? ", " : "",
                                 axis_words(play, answer->node, axis, answer->index[axis]));
    return said(play->lang, ids[check->at], words, NULL, &play->arena);
}

static void point_words(Play *play, size_t at, Buf *out) {
    const LessonCheck *check = &play_scene_now(play)->check[at];
    Answer answer;
    Err none;
    if (!play_right_answer(play, at, &answer, &none))
        return;
    const char *number = arena_printf(&play->arena, "%zu", answer.place);
    switch (check->at) {
    case POINT_HEAD: buf_text(out, said(play->lang, SAID_HEAD, number, NULL, &play->arena)); break;
    case POINT_TOKEN:
        buf_text(out, token_quoted(&play->trace->own, answer.place, &play->arena));
        break;
    case POINT_STAGE: buf_text(out, play->trace->graph.node[answer.node].name); break;
    default: buf_text(out, place_words(play, check, &answer)); break;
    }
}

static void order_words(Play *play, const LessonCheck *check, Buf *out) {
    size_t *computed = ARENA_NEW_N(&play->arena, size_t, check->stage_count);
    Err none;
    if (!grade_stages(play, check, computed, &none))
        return;
    for (size_t i = 0; i < check->stage_count; i++)
        buf_printf(out, "%s%s", i ? " → " : "", check->stage[computed[i]]);
}

static size_t choice_named(const LessonScene *scene, const char *name) {
    size_t choice = 0;
    for (size_t i = 0; i < scene->named_count; i++)
        if (strcmp(scene->named[i].name, name) == 0)
            choice = i + 1;
    return choice;
}

static void make_words(Play *play, const LessonCheck *check, Buf *out) {
    const LessonRun *run = &check->solution;
    Arena *arena = &play->arena;
    const struct {
        const char *name, *value;
    } fields[] = {{"model", run->model},
                  {"mask", run->mask},
                  {"attention", run->attention},
                  {"kv_cache", run->kv_cache}};
    if (check->solution_shows) {
        size_t choice = choice_named(play_scene_now(play), check->solution_shows);
        buf_text(out,
                 said(play->lang, SAID_WITH_RUN, play_choice_label(play, choice), NULL, arena));
        return;
    }
    const char *change = run->set ? run->set : "";
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i].value)
            change = arena_printf(arena, "%s%s%s=%s", change, change[0] ? ", " : "", fields[i].name,
                                  fields[i].value);
    if (run->prompt)
        buf_text(out, said(play->lang, SAID_WITH_TEXT, run->prompt, NULL, arena));
    if (change[0])
        buf_printf(out, "%s%s", run->prompt ? ", " : "",
                   said(play->lang, SAID_WITH_CHANGE, change, NULL, arena));
}

static void put_words(Play *play, size_t at, Buf *out) {
    const LessonCheck *check = &play_scene_now(play)->check[at];
    if (check->kind == CHECK_MAKE)
        make_words(play, check, out);
    else if (!play->trace)
        return;
    else if (check->kind == CHECK_FILL)
        fill_words(play, check, out);
    else if (check->kind == CHECK_CHOOSE)
        choose_words(play, at, out);
    else if (check->kind == CHECK_POINT)
        point_words(play, at, out);
    else
        order_words(play, check, out);
}

void play_answer_words(Play *play, size_t check, Buf *out) {
    Known *known = known_of(play, check);
    if (!known->words) {
        Buf words = {0};
        put_words(play, check, &words);
        known->words = arena_copy_text(&play->arena, buf_cstr(&words));
        buf_free(&words);
    }
    buf_text(out, known->words);
}
