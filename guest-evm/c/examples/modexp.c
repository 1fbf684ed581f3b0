/* A power modulo a number, with EIP-198's input and output.

   Input: the lengths of base, exponent and modulus (32 bytes each, big-endian), then the three
   numbers. Output: the power in as many bytes as the modulus has. An input of another length than
   its lengths say ends the run with exit code 2. */

#include "tern.h"
#include "zkvm_accelerators.h"
#include "zkvm_io.h"

/* A big-endian number, or SIZE_MAX if it has more than 64 bits. */
static size_t number(const uint8_t *bytes) {
    size_t value = 0;
    for (size_t i = 0; i < 32; i++) {
        if (value >> 56 != 0) {
            return SIZE_MAX;
        }
        value = value << 8 | bytes[i];
    }
    return value;
}

int main(void) {
    const uint8_t *input;
    size_t size;
    read_input(&input, &size);
    if (size < 96) {
        return 2;
    }
    const size_t left = size - 96, base = number(input), exponent = number(input + 32), modulus = number(input + 64);
    if (base > left || exponent > left - base || modulus != left - base - exponent) {
        return 2;
    }
    const uint8_t *const numbers = input + 96;
    /* The heap is all the program's own: it needs no allocator for one result. */
    if (zkvm_modexp(numbers, base, numbers + base, exponent, numbers + base + exponent, modulus, _heap_start) != ZKVM_EOK) {
        return 1;
    }
    write_output(_heap_start, modulus);
    return 0;
}
