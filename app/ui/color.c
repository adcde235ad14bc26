/* Colours: mixing and contrast. */
#include "app/ui/draw.h"

#include <math.h>

static double channel(Color color, int shift) {
    return (double)((color >> shift) & 0xffU);
}

static Color pack(double a, double r, double g, double b) {
    return (Color)lround(a) << 24 | (Color)lround(r) << 16 | (Color)lround(g) << 8 |
           (Color)lround(b);
}

Color color_alpha(Color color, double alpha) {
    double a = alpha < 0.0 ? 0.0 : (alpha > 1.0 ? 1.0 : alpha);
    return (color & 0xffffffU) | (Color)lround(a * 255.0) << 24;
}

Color color_mix(Color from, Color to, double amount) {
    double t = amount < 0.0 ? 0.0 : (amount > 1.0 ? 1.0 : amount);
    double mixed[4];
    for (int i = 0; i < 4; i++) {
        double a = channel(from, 24 - 8 * i);
        mixed[i] = a + (channel(to, 24 - 8 * i) - a) * t;
    }
    return pack(mixed[0], mixed[1], mixed[2], mixed[3]);
}

/* Relative luminance, WCAG 2.1. */
static double luminance(Color color) {
    static const double WEIGHT[3] = {0.2126, 0.7152, 0.0722};
    double sum = 0.0;
    for (int i = 0; i < 3; i++) {
        double c = channel(color, 16 - 8 * i) / 255.0;
        sum += WEIGHT[i] * (c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
}

double color_contrast(Color a, Color b) {
    double la = luminance(a);
    double lb = luminance(b);
    double high = la > lb ? la : lb;
    double low = la > lb ? lb : la;
    return (high + 0.05) / (low + 0.05);
}
