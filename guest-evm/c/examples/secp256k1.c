/* ECDSA over secp256k1: the address that signed.

   Input: hash (32 bytes), r and s (64), recovery id (1). Output: the signer's public key (64), its
   Ethereum address (20), and 1 if the signature verifies under the key. Where no key has this
   signature, the run ends with exit code 1; with an input of another length, with 2. */

#include "zkvm_accelerators.h"
#include "zkvm_io.h"

int main(void) {
    const uint8_t *input;
    size_t size;
    read_input(&input, &size);
    if (size != 97) {
        return 2;
    }
    zkvm_secp256k1_hash hash;
    zkvm_secp256k1_signature signature;
    __builtin_memcpy(hash.data, input, sizeof hash.data);
    __builtin_memcpy(signature.data, input + 32, sizeof signature.data);

    zkvm_secp256k1_pubkey key;
    if (zkvm_secp256k1_ecrecover(&hash, &signature, input[96], &key) != ZKVM_EOK) {
        return 1;
    }
    zkvm_keccak256_hash address;
    bool verified = false;
    if (zkvm_keccak256(key.data, sizeof key.data, &address) != ZKVM_EOK ||
        zkvm_secp256k1_verify(&hash, &signature, &key, &verified) != ZKVM_EOK) {
        return 1;
    }
    const uint8_t answer = verified;
    write_output(key.data, sizeof key.data);
    write_output(address.data + 12, 20);
    write_output(&answer, 1);
    return 0;
}
