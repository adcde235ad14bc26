#include "app/sdl/icons.h"

/* Up to two polygons an icon. */
typedef struct {
    int counts[2];
    DrawPoint points[2][12];
} Shape;

#define RIGHT(x0, x1)                                                                              \
    {                                                                                              \
        {x0, 0.04F}, {x1, 0.5F}, {                                                                 \
            x0, 0.96F                                                                              \
        }                                                                                          \
    }
#define LEFT(x0, x1)                                                                               \
    {                                                                                              \
        {x1, 0.04F}, {x0, 0.5F}, {                                                                 \
            x1, 0.96F                                                                              \
        }                                                                                          \
    }
#define BAR(x0, x1)                                                                                \
    {                                                                                              \
        {x0, 0.06F}, {x1, 0.06F}, {x1, 0.94F}, {                                                   \
            x0, 0.94F                                                                              \
        }                                                                                          \
    }

static const Shape SHAPES[ICON_COUNT] = {
    [ICON_PLAY] = {{3}, {RIGHT(0.12F, 0.98F)}},
    [ICON_PAUSE] = {{4, 4}, {BAR(0.14F, 0.40F), BAR(0.60F, 0.86F)}},
    [ICON_STEP_BACK] = {{3}, {LEFT(0.10F, 0.84F)}},
    [ICON_STEP_FORWARD] = {{3}, {RIGHT(0.16F, 0.90F)}},
    [ICON_FIRST] = {{4, 3}, {BAR(0.04F, 0.18F), LEFT(0.26F, 0.98F)}},
    [ICON_LAST] = {{4, 3}, {BAR(0.82F, 0.96F), RIGHT(0.02F, 0.74F)}},
    [ICON_STAGE_BACK] = {{3, 3}, {LEFT(0.00F, 0.50F), LEFT(0.50F, 1.00F)}},
    [ICON_STAGE_FORWARD] = {{3, 3}, {RIGHT(0.00F, 0.50F), RIGHT(0.50F, 1.00F)}},
    [ICON_ARROW_LEFT] = {{10},
                         {{{0.02F, 0.50F},
                           {0.42F, 0.10F},
                           {0.53F, 0.21F},
                           {0.32F, 0.42F},
                           {0.98F, 0.42F},
                           {0.98F, 0.58F},
                           {0.32F, 0.58F},
                           {0.53F, 0.79F},
                           {0.42F, 0.90F},
                           {0.02F, 0.50F}}}},
    [ICON_ARROW_RIGHT] = {{10},
                          {{{0.98F, 0.50F},
                            {0.58F, 0.10F},
                            {0.47F, 0.21F},
                            {0.68F, 0.42F},
                            {0.02F, 0.42F},
                            {0.02F, 0.58F},
                            {0.68F, 0.58F},
                            {0.47F, 0.79F},
                            {0.58F, 0.90F},
                            {0.98F, 0.50F}}}},
    [ICON_CHEVRON_DOWN] = {{6},
                           {{{0.04F, 0.34F},
                             {0.16F, 0.22F},
                             {0.50F, 0.56F},
                             {0.84F, 0.22F},
                             {0.96F, 0.34F},
                             {0.50F, 0.80F}}}},
    [ICON_CHEVRON_UP] = {{6},
                         {{{0.04F, 0.66F},
                           {0.16F, 0.78F},
                           {0.50F, 0.44F},
                           {0.84F, 0.78F},
                           {0.96F, 0.66F},
                           {0.50F, 0.20F}}}},
    [ICON_CHEVRON_RIGHT] = {{6},
                            {{{0.34F, 0.04F},
                              {0.22F, 0.16F},
                              {0.56F, 0.50F},
                              {0.22F, 0.84F},
                              {0.34F, 0.96F},
                              {0.80F, 0.50F}}}},
    [ICON_CHECK] = {{6},
                    {{{0.04F, 0.54F},
                      {0.15F, 0.43F},
                      {0.37F, 0.65F},
                      {0.85F, 0.15F},
                      {0.96F, 0.26F},
                      {0.37F, 0.88F}}}},
    [ICON_CLOSE] = {{12},
                    {{{0.08F, 0.19F},
                      {0.19F, 0.08F},
                      {0.50F, 0.39F},
                      {0.81F, 0.08F},
                      {0.92F, 0.19F},
                      {0.61F, 0.50F},
                      {0.92F, 0.81F},
                      {0.81F, 0.92F},
                      {0.50F, 0.61F},
                      {0.19F, 0.92F},
                      {0.08F, 0.81F},
                      {0.39F, 0.50F}}}},
    [ICON_PLUS] = {{12},
                   {{{0.42F, 0.04F},
                     {0.58F, 0.04F},
                     {0.58F, 0.42F},
                     {0.96F, 0.42F},
                     {0.96F, 0.58F},
                     {0.58F, 0.58F},
                     {0.58F, 0.96F},
                     {0.42F, 0.96F},
                     {0.42F, 0.58F},
                     {0.04F, 0.58F},
                     {0.04F, 0.42F},
                     {0.42F, 0.42F}}}},
    [ICON_MINUS] = {{4}, {{{0.04F, 0.42F}, {0.96F, 0.42F}, {0.96F, 0.58F}, {0.04F, 0.58F}}}},
};

void icons_draw(const Raster *r, DrawIcon icon, float x, float y, float size, Color color) {
    const Shape *shape = &SHAPES[icon];
    for (int part = 0; part < 2 && shape->counts[part] > 0; part++) {
        DrawPoint points[12];
        for (int i = 0; i < shape->counts[part]; i++) {
            points[i].x = x + shape->points[part][i].x * size;
            points[i].y = y + shape->points[part][i].y * size;
        }
        raster_polygon(r, points, (size_t)shape->counts[part], color);
    }
}
