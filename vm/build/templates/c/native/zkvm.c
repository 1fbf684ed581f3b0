/* What the program uses of the machine, on an ordinary computer: the input is standard input, the
   output standard output. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zkvm_accelerators.h"
#include "zkvm_io.h"

void read_input(const uint8_t **buf_ptr, size_t *buf_size) {
    static uint8_t *input;
    static size_t size, room;
    while (!feof(stdin) && !ferror(stdin)) {
        if (size == room) {
            room = 2 * room + 4096;
            input = realloc(input, room);
            if (input == NULL) {
                exit(101);
            }
        }
        size += fread(input + size, 1, room - size, stdin);
    }
    *buf_ptr = input;
    *buf_size = size;
}

void write_output(const uint8_t *output, size_t size) {
    if (fwrite(output, 1, size, stdout) != size) {
        exit(1);
    }
}

static uint64_t rotate(uint64_t lane, unsigned count) {
    return count == 0 ? lane : lane << count | lane >> (64 - count);
}

/* Keccak-f[1600] (FIPS 202). The lane at x, y is state[x + 5 * y]. */
static void keccak_f1600(uint64_t state[25]) {
    uint8_t bits = 1;
    for (int round = 0; round < 24; round++) {
        /* theta */
        uint64_t parity[5];
        for (int x = 0; x < 5; x++) {
            parity[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
        }
        for (int i = 0; i < 25; i++) {
            state[i] ^= parity[(i + 4) % 5] ^ rotate(parity[(i + 1) % 5], 1);
        }
        /* rho and pi */
        uint64_t moved[25];
        moved[0] = state[0];
        for (int t = 0, x = 1, y = 0; t < 24; t++) {
            const int target = (2 * x + 3 * y) % 5;
            moved[y + 5 * target] = rotate(state[x + 5 * y], (unsigned)((t + 1) * (t + 2) / 2 % 64));
            x = y;
            y = target;
        }
        /* chi */
        for (int i = 0; i < 25; i++) {
            const int row = i - i % 5;
            state[i] = moved[i] ^ (~moved[row + (i + 1) % 5] & moved[row + (i + 2) % 5]);
        }
        /* iota: bits of a shift register, at the places 2^j - 1 */
        for (int j = 0; j < 7; j++) {
            state[0] ^= (uint64_t)(bits & 1) << ((1 << j) - 1);
            bits = (uint8_t)(bits << 1 ^ (bits >> 7) * 0x71);
        }
    }
}

zkvm_status zkvm_keccak256(const uint8_t *data, size_t len, zkvm_keccak256_hash *output) {
    enum { RATE = 136 };
    uint64_t state[25] = {0};
    size_t at = 0;
    for (size_t i = 0; i < len; i++) {
        state[at / 8] ^= (uint64_t)data[i] << 8 * (at % 8);
        if (++at == RATE) {
            keccak_f1600(state);
            at = 0;
        }
    }
    state[at / 8] ^= (uint64_t)1 << 8 * (at % 8);
    state[RATE / 8 - 1] ^= (uint64_t)1 << 63;
    keccak_f1600(state);
    for (size_t i = 0; i < sizeof output->data; i++) {
        output->data[i] = (uint8_t)(state[i / 8] >> 8 * (i % 8));
    }
    return ZKVM_EOK;
}
