/* Proves how many words a text has, and nothing else about it but its digest.

   Input: the text. Output: its Keccak-256 digest (32 bytes), then the number of its words (8 bytes,
   little-endian). */

#include "words.h"
#include "zkvm_accelerators.h"
#include "zkvm_io.h"

int main(void) {
    const uint8_t *text;
    size_t size;
    read_input(&text, &size);

    zkvm_keccak256_hash digest;
    if (zkvm_keccak256(text, size, &digest) != ZKVM_EOK) {
        return 1;
    }
    write_output(digest.data, sizeof digest.data);

    const uint64_t words = count_words(text, size);
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(words >> 8 * i);
    }
    write_output(bytes, sizeof bytes);
    return 0;
}
