/* The curve BLS12-381: an operation's number, then its operands, which are EIP-2537's without the
   padding to 64 bytes.

   0, 1: two points of G1, of G2. Output: their sum.
   2, 3: points of G1, of G2, each with a scalar, at most 16. Output: the sum of the multiples.
   4: pairs of a point of G1 and one of G2, at most 16. Output: 1 if the product of the pairings is
   one, else 0.
   5, 6: an element of the base field, of its quadratic extension. Output: the point of G1, of G2,
   that it maps to.

   Where bytes are no operands, the run ends with exit code 1. */

#include "zkvm_accelerators.h"
#include "zkvm_io.h"

/* The operands, aligned as the accelerators want them, and the result. */
static union {
    zkvm_bls12_381_g1_point g1[2];
    zkvm_bls12_381_g2_point g2[2];
    zkvm_bls12_381_g1_msm_pair g1_terms[16];
    zkvm_bls12_381_g2_msm_pair g2_terms[16];
    zkvm_bls12_381_pairing_pair pairs[16];
    zkvm_bls12_381_fp element;
    zkvm_bls12_381_fp2 element2;
} operands;

static int write_g1(zkvm_status status, const zkvm_bls12_381_g1_point *point) {
    if (status != ZKVM_EOK) {
        return 1;
    }
    write_output(point->data, sizeof point->data);
    return 0;
}

static int write_g2(zkvm_status status, const zkvm_bls12_381_g2_point *point) {
    if (status != ZKVM_EOK) {
        return 1;
    }
    write_output(point->data, sizeof point->data);
    return 0;
}

static int check_pairing(size_t count) {
    bool verified = false;
    if (zkvm_bls12_pairing(operands.pairs, count, &verified) != ZKVM_EOK) {
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
    if (size == 0 || size - 1 > sizeof operands) {
        return 2;
    }
    const size_t left = size - 1;
    __builtin_memcpy(&operands, input + 1, left);
    zkvm_bls12_381_g1_point g1;
    zkvm_bls12_381_g2_point g2;
    switch (input[0]) {
    case 0:
        return left == 192 ? write_g1(zkvm_bls12_g1_add(&operands.g1[0], &operands.g1[1], &g1), &g1) : 2;
    case 1:
        return left == 384 ? write_g2(zkvm_bls12_g2_add(&operands.g2[0], &operands.g2[1], &g2), &g2) : 2;
    case 2:
        return left % 128 == 0 && left <= 16 * 128 ? write_g1(zkvm_bls12_g1_msm(operands.g1_terms, left / 128, &g1), &g1) : 2;
    case 3:
        return left % 224 == 0 && left <= 16 * 224 ? write_g2(zkvm_bls12_g2_msm(operands.g2_terms, left / 224, &g2), &g2) : 2;
    case 4:
        return left % 288 == 0 ? check_pairing(left / 288) : 2;
    case 5:
        return left == 48 ? write_g1(zkvm_bls12_map_fp_to_g1(&operands.element, &g1), &g1) : 2;
    case 6:
        return left == 96 ? write_g2(zkvm_bls12_map_fp2_to_g2(&operands.element2, &g2), &g2) : 2;
    default:
        return 2;
    }
}
