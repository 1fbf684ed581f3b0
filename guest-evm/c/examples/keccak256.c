/* Keccak-256. Output: the digest of the input. */

#include "zkvm_accelerators.h"
#include "zkvm_io.h"

int main(void) {
    const uint8_t *input;
    size_t size;
    read_input(&input, &size);

    zkvm_keccak256_hash digest;
    if (zkvm_keccak256(input, size, &digest) != ZKVM_EOK) {
        return 1;
    }
    write_output(digest.data, sizeof digest.data);
    return 0;
}
