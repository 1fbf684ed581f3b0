/* Evaluation of a committed polynomial at a point, with EIP-4844's input.

   Input: versioned hash (32 bytes), z (32), y (32), commitment (48), proof (48). Output: 1 if the
   hash is the commitment's and the polynomial takes the value y at z, else 0. An input of another
   length ends the run with exit code 2. */

#include "zkvm_accelerators.h"
#include "zkvm_io.h"

int main(void) {
    const uint8_t *input;
    size_t size;
    read_input(&input, &size);
    if (size != 192) {
        return 2;
    }
    zkvm_kzg_field_element z, y;
    zkvm_kzg_commitment commitment;
    zkvm_kzg_proof proof;
    __builtin_memcpy(z.data, input + 32, sizeof z.data);
    __builtin_memcpy(y.data, input + 64, sizeof y.data);
    __builtin_memcpy(commitment.data, input + 96, sizeof commitment.data);
    __builtin_memcpy(proof.data, input + 144, sizeof proof.data);

    zkvm_sha256_hash hash;
    bool verified = false;
    if (zkvm_sha256(commitment.data, sizeof commitment.data, &hash) != ZKVM_EOK ||
        zkvm_kzg_point_eval(&commitment, &z, &y, &proof, &verified) != ZKVM_EOK) {
        return 1;
    }
    hash.data[0] = 1;
    const uint8_t answer = verified && __builtin_memcmp(hash.data, input, sizeof hash.data) == 0;
    write_output(&answer, 1);
    return 0;
}
