/* What any SDL program pays before its first frame: start, open a window, fill it, show it. The
 * program's own start is measured against this. */
#include <SDL.h>

int main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    if (SDL_Init(SDL_INIT_VIDEO) != 0)
        return 1;
    SDL_Window *window = SDL_CreateWindow("bare", 0, 0, 1280, 800, SDL_WINDOW_RESIZABLE);
    SDL_Surface *surface = window ? SDL_GetWindowSurface(window) : NULL;
    if (!surface)
        return 1;
    SDL_FillRect(surface, NULL, SDL_MapRGB(surface->format, 20, 20, 30));
    int result = SDL_UpdateWindowSurface(window);
    SDL_DestroyWindow(window);
    SDL_Quit();
    return result == 0 ? 0 : 1;
}
