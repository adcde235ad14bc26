#include "app/sdl/fonts_find.h"

#include "engine/base/file.h"

#include <fontconfig/fontconfig.h>
#include <stdio.h>
#include <string.h>

#define OPENTYPE "/usr/share/fonts/opentype/"
#define TRUETYPE "/usr/share/fonts/truetype/"

typedef struct {
    const char *path; /* where Debian has it */
    const char *family;
    int weight, slant;
} Source;

static const Source SOURCES[FONT_FILE_COUNT] = {
    [FILE_INTER] = {OPENTYPE "inter/Inter-Regular.otf", "Inter", FC_WEIGHT_REGULAR, FC_SLANT_ROMAN},
    [FILE_INTER_BOLD] = {OPENTYPE "inter/Inter-SemiBold.otf", "Inter", FC_WEIGHT_DEMIBOLD,
                         FC_SLANT_ROMAN},
    [FILE_JETBRAINS] = {TRUETYPE "jetbrains-mono/JetBrainsMono-Regular.ttf", "JetBrains Mono",
                        FC_WEIGHT_REGULAR, FC_SLANT_ROMAN},
    [FILE_JETBRAINS_BOLD] = {TRUETYPE "jetbrains-mono/JetBrainsMono-Bold.ttf", "JetBrains Mono",
                             FC_WEIGHT_BOLD, FC_SLANT_ROMAN},
    [FILE_STIX] = {OPENTYPE "stix/STIXGeneral-Regular.otf", "STIXGeneral", FC_WEIGHT_REGULAR,
                   FC_SLANT_ROMAN},
    [FILE_STIX_ITALIC] = {OPENTYPE "stix/STIXGeneral-Italic.otf", "STIXGeneral", FC_WEIGHT_REGULAR,
                          FC_SLANT_ITALIC},
    [FILE_NANUM] = {TRUETYPE "nanum/NanumGothic.ttf", "NanumGothic", FC_WEIGHT_REGULAR,
                    FC_SLANT_ROMAN},
    [FILE_NANUM_BOLD] = {TRUETYPE "nanum/NanumGothicBold.ttf", "NanumGothic", FC_WEIGHT_BOLD,
                         FC_SLANT_ROMAN},
    [FILE_NANUM_CODING] = {TRUETYPE "nanum/NanumGothicCoding.ttf", "NanumGothicCoding",
                           FC_WEIGHT_REGULAR, FC_SLANT_ROMAN},
    [FILE_DEJAVU] = {TRUETYPE "dejavu/DejaVuSans.ttf", "DejaVu Sans", FC_WEIGHT_REGULAR,
                     FC_SLANT_ROMAN},
    [FILE_DEJAVU_BOLD] = {TRUETYPE "dejavu/DejaVuSans-Bold.ttf", "DejaVu Sans", FC_WEIGHT_BOLD,
                          FC_SLANT_ROMAN},
    [FILE_DEJAVU_MONO] = {TRUETYPE "dejavu/DejaVuSansMono.ttf", "DejaVu Sans Mono",
                          FC_WEIGHT_REGULAR, FC_SLANT_ROMAN},
    [FILE_DEJAVU_MONO_BOLD] = {TRUETYPE "dejavu/DejaVuSansMono-Bold.ttf", "DejaVu Sans Mono",
                               FC_WEIGHT_BOLD, FC_SLANT_ROMAN},
    [FILE_SYMBOLS] = {TRUETYPE "noto/NotoSansSymbols2-Regular.ttf", "Noto Sans Symbols 2",
                      FC_WEIGHT_REGULAR, FC_SLANT_ROMAN},
    [FILE_EMOJI] = {TRUETYPE "noto/NotoEmoji-Regular.ttf", "Noto Emoji", FC_WEIGHT_REGULAR,
                    FC_SLANT_ROMAN},
    [FILE_SYMBOLA] = {TRUETYPE "ancient-scripts/Symbola_hint.ttf", "Symbola", FC_WEIGHT_REGULAR,
                      FC_SLANT_ROMAN},
};

int fonts_chain(FontRole role, FontFile chain[FONT_CHAIN_MOST]) {
    static const FontFile CHAINS[FONT_COUNT][FONT_CHAIN_MOST] = {
        [FONT_UI] = {FILE_INTER, FILE_NANUM, FILE_DEJAVU},
        [FONT_UI_BOLD] = {FILE_INTER_BOLD, FILE_NANUM_BOLD, FILE_DEJAVU_BOLD, FILE_DEJAVU},
        [FONT_MONO] = {FILE_JETBRAINS, FILE_NANUM_CODING, FILE_NANUM, FILE_DEJAVU_MONO,
                       FILE_DEJAVU},
        [FONT_MONO_BOLD] = {FILE_JETBRAINS_BOLD, FILE_NANUM_BOLD, FILE_DEJAVU_MONO_BOLD,
                            FILE_DEJAVU_BOLD, FILE_DEJAVU},
        [FONT_MATH] = {FILE_STIX, FILE_NANUM, FILE_DEJAVU},
        [FONT_MATH_ITALIC] = {FILE_STIX_ITALIC, FILE_STIX, FILE_NANUM, FILE_DEJAVU},
    };
    static const int COUNTS[FONT_COUNT] = {3, 4, 5, 5, 3, 4};
    int count = COUNTS[role];
    memcpy(chain, CHAINS[role], sizeof CHAINS[role]);
    for (FontFile file = FILE_SYMBOLS; file <= FILE_SYMBOLA; file++) {
        chain[count++] = file;
    }
    return count;
}

static FcPattern *match(FcConfig *config, const Source *source) {
    FcPattern *wanted = FcPatternCreate();
    FcPatternAddString(wanted, FC_FAMILY, (const FcChar8 *)source->family);
    FcPatternAddInteger(wanted, FC_WEIGHT, source->weight);
    FcPatternAddInteger(wanted, FC_SLANT, source->slant);
    FcConfigSubstitute(config, wanted, FcMatchPattern);
    FcDefaultSubstitute(wanted);
    FcResult result;
    FcPattern *found = FcFontMatch(config, wanted, &result);
    FcPatternDestroy(wanted);
    return found;
}

/* fontconfig always answers with some font: only one of the family that was asked for will do. */
static bool ask_fontconfig(const Source *source, char *path, size_t size) {
    FcConfig *config = FcInitLoadConfigAndFonts();
    FcPattern *found = config == NULL ? NULL : match(config, source);
    FcChar8 *family = NULL, *file = NULL;
    bool ok = found != NULL && FcPatternGetString(found, FC_FAMILY, 0, &family) == FcResultMatch &&
              FcPatternGetString(found, FC_FILE, 0, &file) == FcResultMatch &&
              strcmp((const char *)family, source->family) == 0 &&
              strlen((const char *)file) < size;
    if (ok) {
        memcpy(path, file, strlen((const char *)file) + 1);
    }
    if (found != NULL) {
        FcPatternDestroy(found);
    }
    if (config != NULL) {
        FcConfigDestroy(config);
    }
    return ok;
}

bool fonts_find(FontFile file, char *path, size_t size) {
    const Source *source = &SOURCES[file];
    if (file_exists(source->path)) {
        return (size_t)snprintf(path, size, "%s", source->path) < size;
    }
    return ask_fontconfig(source, path, size);
}
