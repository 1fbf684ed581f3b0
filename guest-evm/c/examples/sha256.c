/* SHA-256. Output: the digest of the input, and that of the digest beside itself. */

#include "zkvm_accelerators.h"
#include "zkvm_io.h"

int main(void) {
    const uint8_t *input;
    size_t size;
    read_input(&input, &size);

    zkvm_sha256_hash pair[2], digest;
    if (zkvm_sha256(input, size, &pair[0]) != ZKVM_EOK) {
        return 1;
    }
    pair[1] = pair[0];
    if (zkvm_sha256(pair[0].data, sizeof pair, &digest) != ZKVM_EOK) {
        return 1;
    }
    write_output(pair[0].data, sizeof pair[0].data);
    write_output(digest.data, sizeof digest.data);
    return 0;
}
