/* Native tests. Exit code: 0, or the number of the test that failed. */

#include <string.h>

#include "words.h"

static uint64_t count(const char *text) {
    return count_words((const uint8_t *)text, strlen(text));
}

int main(void) {
    if (count("") != 0) {
        return 1;
    }
    if (count("one") != 1) {
        return 2;
    }
    if (count(" one\ttwo  three\n") != 3) {
        return 3;
    }
    return 0;
}
