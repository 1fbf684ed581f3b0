/* The curve bn254, with the inputs of EIP-196 and EIP-197.

   Input: 0 and two points, 1 and a point and a scalar, or 2 and pairs of a point and a point of the
   twist, at most 16. Output: the sum, the multiple, or 1 if the product of the pairings is one and
   0 if not. Where bytes are no points, the run ends with exit code 1. */

#include "zkvm_accelerators.h"
#include "zkvm_io.h"

/* Aligned as the accelerators want them. */
static zkvm_bn254_pairing_pair pairs[16];

static int add(const uint8_t *input) {
    zkvm_bn254_g1_point a, b;
    __builtin_memcpy(a.data, input, sizeof a.data);
    __builtin_memcpy(b.data, input + sizeof a.data, sizeof b.data);
    if (zkvm_bn254_g1_add(&a, &b, &a) != ZKVM_EOK) {
        return 1;
    }
    write_output(a.data, sizeof a.data);
    return 0;
}

static int multiply(const uint8_t *input) {
    zkvm_bn254_g1_point point;
    zkvm_bn254_scalar scalar;
    __builtin_memcpy(point.data, input, sizeof point.data);
    __builtin_memcpy(scalar.data, input + sizeof point.data, sizeof scalar.data);
    if (zkvm_bn254_g1_mul(&point, &scalar, &point) != ZKVM_EOK) {
        return 1;
    }
    write_output(point.data, sizeof point.data);
    return 0;
}

static int check_pairing(const uint8_t *input, size_t size) {
    __builtin_memcpy(pairs, input, size);
    bool verified = false;
    if (zkvm_bn254_pairing(pairs, size / sizeof pairs[0], &verified) != ZKVM_EOK) {
        return 1;
    }
    const uint8_t answer = verified;
    write_output(&answer, 1);
    return 0;
}

int main(void) {
    const uint8_t *input;
    size_t size;
    read_input(&input, &size);
    if (size == 0) {
        return 2;
    }
    const size_t left = size - 1;
    if (input[0] == 0 && left == 128) {
        return add(input + 1);
    }
    if (input[0] == 1 && left == 96) {
        return multiply(input + 1);
    }
    if (input[0] == 2 && left <= sizeof pairs && left % sizeof pairs[0] == 0) {
        return check_pairing(input + 1, left);
    }
    return 2;
}
