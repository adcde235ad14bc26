/* What a seed decides. */
#include "app/lesson/worksheet_part.h"
#include "engine/base/random.h"

#include <string.h>

/* One of `count`, each as likely: the high bits of a product, whose bias no class of students will
 * find (count / 2^32). */
static size_t one_of(Drawing *drawing, size_t count) {
    uint64_t bits = random_bits(&drawing->state) >> 32;
    return (size_t)(bits * count >> 32);
}

static bool draw_number(Drawing *drawing, const LessonDraw *draw, double *number, Err *err) {
    ExprValue value;
    size_t choice = draw->count > 1 ? one_of(drawing, draw->count) : 0;
    if (!expr_eval(draw->choice[choice], &drawing->scope, drawing->arena, &value, err))
        return false;
    if (value.count == 0)
        return err_set(err, "%s has nothing to choose from", expr_text(draw->choice[choice]));
    if (draw->count > 1 && value.rank > 0)
        return err_set(err, "%s is a list in a list, expected a number",
                       expr_text(draw->choice[choice]));
    *number = value.value[value.count > 1 ? one_of(drawing, value.count) : 0];
    return true;
}

/* A name that is drawn again takes the new number. */
static bool bind(Drawing *drawing, const char *name, double value, Err *err) {
    size_t at = 0;
    while (at < drawing->bound_count && strcmp(drawing->bound[at].name, name) != 0)
        at++;
    if (at == WORKSHEET_BOUND)
        return err_set(err, "more than %d names are drawn", WORKSHEET_BOUND);
    drawing->bound[at] = (ExprName){name, value};
    drawing->bound_count += at == drawing->bound_count;
    drawing->scope.bound_count = drawing->bound_count;
    return true;
}

static bool draw_one(Drawing *drawing, const LessonDraw *draw, Err *err) {
    double value = 0;
    if (strcmp(draw->name, "prompt") == 0) {
        drawing->run.prompt = draw->text[one_of(drawing, draw->count)];
        return drawing_look(drawing, err);
    }
    return draw_number(drawing, draw, &value, err) && bind(drawing, draw->name, value, err);
}

bool drawing_more(Drawing *drawing, const LessonDraw *draw, size_t count, Err *err) {
    for (size_t i = 0; i < count; i++)
        if (!draw_one(drawing, &draw[i], err))
            return err_prefix(err, "draw: %s", draw[i].name);
    return true;
}

bool drawing_look(Drawing *drawing, Err *err) {
    drawing->scope.bound = drawing->bound;
    drawing->scope.bound_count = drawing->bound_count;
    return lesson_runs_wait(drawing->runs, &drawing->run, &drawing->scope.main, err);
}
