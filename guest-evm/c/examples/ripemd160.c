/* RIPEMD-160. Output: the digest of the input. */

#include "zkvm_accelerators.h"
#include "zkvm_io.h"

int main(void) {
    const uint8_t *input;
    size_t size;
    read_input(&input, &size);

    zkvm_ripemd160_hash digest;
    if (zkvm_ripemd160(input, size, &digest) != ZKVM_EOK) {
        return 1;
    }
    /* behind twelve zero bytes */
    write_output(digest.data + 12, 20);
    return 0;
}
