/* ECDSA over secp256r1, with EIP-7951's input.

   Input: hash (32 bytes), r and s (64), the public key's x and y (64). Output: 1 if the signature
   verifies, else 0. An input of another length ends the run with exit code 2. */

#include "zkvm_accelerators.h"
#include "zkvm_io.h"

int main(void) {
    const uint8_t *input;
    size_t size;
    read_input(&input, &size);
    if (size != 160) {
        return 2;
    }
    zkvm_secp256r1_hash hash;
    zkvm_secp256r1_signature signature;
    zkvm_secp256r1_pubkey key;
    __builtin_memcpy(hash.data, input, sizeof hash.data);
    __builtin_memcpy(signature.data, input + 32, sizeof signature.data);
    __builtin_memcpy(key.data, input + 96, sizeof key.data);

    bool verified = false;
    if (zkvm_secp256r1_verify(&hash, &signature, &key, &verified) != ZKVM_EOK) {
        return 1;
    }
    const uint8_t answer = verified;
    write_output(&answer, 1);
    return 0;
}
