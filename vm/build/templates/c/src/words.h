#ifndef WORDS_H
#define WORDS_H

#include <stddef.h>
#include <stdint.h>

/* The number of words in a text; they are separated by white space. */
uint64_t count_words(const uint8_t *text, size_t size);

#endif
