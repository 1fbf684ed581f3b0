/* A guest in C: the Keccak-256 digest of the input, and how many accelerators refused what they must refuse.

   An empty input is refused with exit code 2. */

#include "zkvm_accelerators.h"
#include "zkvm_io.h"

/* Zero at the start, by the machine. */
static uint8_t refusals;

static void refuses(zkvm_status status) {
    if (status == ZKVM_EFAIL) {
        refusals++;
    }
}

int main(void) {
    const uint8_t *input;
    size_t size;
    read_input(&input, &size);
    if (size == 0) {
        return 2;
    }

    zkvm_keccak256_hash digest;
    if (zkvm_keccak256(input, size, &digest) != ZKVM_EOK) {
        return 3;
    }
    write_output(digest.data, sizeof digest.data);

    /* No point of the curve, no signature, no flag. */
    zkvm_bn254_g1_point point = {{1}};
    refuses(zkvm_bn254_g1_add(&point, &point, &point));
    zkvm_secp256k1_signature signature = {{0}};
    zkvm_secp256k1_pubkey key;
    refuses(zkvm_secp256k1_ecrecover(&digest, &signature, 0, &key));
    zkvm_blake2f_state state = {{0}};
    zkvm_blake2f_message message = {{0}};
    zkvm_blake2f_offset offset = {{0}};
    refuses(zkvm_blake2f(12, &state, &message, &offset, 2));
    write_output(&refusals, 1);
    return 0;
}
