/* A program that is linked with all of the engine and with none of the app's libraries: that it
 * links is the check (`make layers`). */
int main(void) {
    return 0;
}
