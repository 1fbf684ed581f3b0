/* The compression function of BLAKE2b, with EIP-152's input and output.

   Input: rounds (4 bytes, big-endian), h (64), m (128), t (16), all of them little-endian words,
   and f, 0 or 1. Output: h after the rounds. Any other input ends the run with exit code 2. */

#include "zkvm_accelerators.h"
#include "zkvm_io.h"

int main(void) {
    const uint8_t *input;
    size_t size;
    read_input(&input, &size);
    if (size != 213) {
        return 2;
    }
    const uint32_t rounds = (uint32_t)input[0] << 24 | (uint32_t)input[1] << 16 | (uint32_t)input[2] << 8 | input[3];
    zkvm_blake2f_state h;
    zkvm_blake2f_message m;
    zkvm_blake2f_offset t;
    __builtin_memcpy(h.data, input + 4, sizeof h.data);
    __builtin_memcpy(m.data, input + 68, sizeof m.data);
    __builtin_memcpy(t.data, input + 196, sizeof t.data);
    if (zkvm_blake2f(rounds, &h, &m, &t, input[212]) != ZKVM_EOK) {
        return 2;
    }
    write_output(h.data, sizeof h.data);
    return 0;
}
