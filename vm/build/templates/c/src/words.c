#include "words.h"

#include <stdbool.h>

static bool is_space(uint8_t byte) {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

uint64_t count_words(const uint8_t *text, size_t size) {
    uint64_t words = 0;
    bool within = false;
    for (size_t i = 0; i < size; i++) {
        const bool space = is_space(text[i]);
        words += !space && !within;
        within = !space;
    }
    return words;
}
