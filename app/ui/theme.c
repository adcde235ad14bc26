#include "app/ui/theme.h"

#include <math.h>

const Theme THEME_DARK = {
    .name = "dark",
    .background = COLOR_RGB(0x0f1218),
    .panel = COLOR_RGB(0x161b24),
    .raised = COLOR_RGB(0x1c2330),
    .hover = COLOR_RGB(0x252e3e),
    .line = COLOR_RGB(0x2a3342),
    .text = COLOR_RGB(0xe9edf4),
    .secondary = COLOR_RGB(0x9eabbf),
    .faint = COLOR_RGB(0x8a97ad),
    .query = COLOR_RGB(0xffb454),
    .key = COLOR_RGB(0x5cc8d7),
    .value = COLOR_RGB(0xc792ea),
    .hand = COLOR_RGB(0xffd866),
    .hand_fill = COLOR_RGB(0xffd866),
    .on_hand = COLOR_RGB(0x1a1400),
    .selection = COLOR_RGB(0x3a4a66),
    .error = COLOR_RGB(0xff8f80),
    .negative = COLOR_RGB(0x4488ff),
    .zero = COLOR_RGB(0x171b23),
    .positive = COLOR_RGB(0xff6a3d),
    .pending = COLOR_RGB(0x151a22),
    .masked = COLOR_RGB(0x1a202b),
    .hatch = COLOR_RGB(0x3a4557),
};

const Theme THEME_LIGHT = {
    .name = "light",
    .background = COLOR_RGB(0xf6f4ef),
    .panel = COLOR_RGB(0xfffdf8),
    .raised = COLOR_RGB(0xf0ede5),
    .hover = COLOR_RGB(0xe8e4d9),
    .line = COLOR_RGB(0xd9d4c7),
    .text = COLOR_RGB(0x1d2430),
    .secondary = COLOR_RGB(0x505b6b),
    .faint = COLOR_RGB(0x5c6573),
    .query = COLOR_RGB(0xa84700),
    .key = COLOR_RGB(0x00687a),
    .value = COLOR_RGB(0x7b3fb8),
    .hand = COLOR_RGB(0x7a5f00),
    .hand_fill = COLOR_RGB(0xf2bb2e),
    .on_hand = COLOR_RGB(0x1f1600),
    .selection = COLOR_RGB(0xcfdcf0),
    .error = COLOR_RGB(0xb02a1c),
    .negative = COLOR_RGB(0x2166d6),
    .zero = COLOR_RGB(0xfbfaf6),
    .positive = COLOR_RGB(0xd94a1e),
    .pending = COLOR_RGB(0xeeebe3),
    .masked = COLOR_RGB(0xe5e1d6),
    .hatch = COLOR_RGB(0xbfb8a8),
};

Color theme_role(const Theme *theme, Role role) {
    switch (role) {
    case ROLE_QUERY: return theme->query;
    case ROLE_KEY: return theme->key;
    case ROLE_VALUE: return theme->value;
    case ROLE_HAND: return theme->hand;
    case ROLE_NONE: break;
    }
    return theme->text;
}

DrawStyle theme_role_style(Role role) {
    if (role == ROLE_HAND) {
        return DRAW_DOUBLE;
    }
    return role == ROLE_VALUE ? DRAW_DASHED : DRAW_SOLID;
}

Color theme_diverging(const Theme *theme, double share) {
    if (isnan(share)) {
        return theme->error;
    }
    return color_mix(theme->zero, share < 0 ? theme->negative : theme->positive, fabs(share));
}

/* Every sixteenth of viridis (Smith and van der Walt, matplotlib, CC0), straight lines between. */
Color theme_sequential(double share) {
    static const Color VIRIDIS[17] = {0x440154, 0x48186a, 0x472d7b, 0x424086, 0x3b528b, 0x33638d,
                                      0x2c728e, 0x26828e, 0x21918c, 0x1fa088, 0x28ae80, 0x3fbc73,
                                      0x5ec962, 0x84d44b, 0xaddc30, 0xd8e219, 0xfde725};
    if (isnan(share)) {
        return COLOR_RGB(0xff8f80);
    }
    double t = (share < 0.0 ? 0.0 : (share > 1.0 ? 1.0 : share)) * 16.0;
    int i = t >= 16.0 ? 15 : (int)t;
    return color_mix(COLOR_RGB(VIRIDIS[i]), COLOR_RGB(VIRIDIS[i + 1]), t - (double)i);
}

Color theme_on_cell(Color cell) {
    Color white = COLOR_RGB(0xffffff);
    Color black = COLOR_RGB(0x000000);
    return color_contrast(cell, white) >= color_contrast(cell, black) ? white : black;
}
