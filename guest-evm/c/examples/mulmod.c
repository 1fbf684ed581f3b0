/* (a * b + c) mod m of 256 and 384 bits.

   Input: a, b, c and m, each of 32 or each of 48 bytes, little-endian, with a, b and c below m.
   Output: the number. Any other input ends the run with exit code 2. */

#include <stdbool.h>

#include "tern.h"
#include "zkvm_io.h"

/* a, b, c, m and the result. */
static uint64_t numbers[5 * 6];

static bool is_below(const uint64_t *a, const uint64_t *b, size_t words) {
    for (size_t i = words; i-- > 0;) {
        if (a[i] != b[i]) {
            return a[i] < b[i];
        }
    }
    return false;
}

int main(void) {
    const uint8_t *input;
    size_t size;
    read_input(&input, &size);
    if (size != 128 && size != 192) {
        return 2;
    }
    const size_t words = size / 32;
    __builtin_memcpy(numbers, input, size);
    uint64_t *const a = numbers, *const b = a + words, *const c = b + words, *const m = c + words, *const result = m + words;
    if (!is_below(a, m, words) || !is_below(b, m, words) || !is_below(c, m, words)) {
        return 2;
    }
    if (words == 4) {
        tern_mulmod256(result, a, b, c, m);
    } else {
        tern_mulmod384(result, a, b, c, m);
    }
    write_output((const uint8_t *)result, words * sizeof result[0]);
    return 0;
}
