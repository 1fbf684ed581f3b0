/* Calls every accelerator on operands from the input, 256 bytes, and writes status and result of each call. `main.rs` does the same
   on the host. */

#include "zkvm_accelerators.h"
#include "zkvm_io.h"

static void put(zkvm_status status, const void *result, size_t size) {
    const uint8_t byte = status == ZKVM_EOK ? 0 : 1;
    write_output(&byte, 1);
    write_output(result, size);
}

static void hash(const uint8_t *input, size_t size) {
    zkvm_bytes_32 digest = {{0}};
    put(zkvm_keccak256(input, size, &digest), &digest, sizeof digest);
    put(zkvm_sha256(input, size, &digest), &digest, sizeof digest);
    put(zkvm_ripemd160(input, size, &digest), &digest, sizeof digest);

    zkvm_blake2f_state state = {{1}};
    zkvm_blake2f_message message;
    for (size_t i = 0; i < sizeof message; i++) {
        message.data[i] = input[i];
    }
    const zkvm_blake2f_offset offset = {{128}};
    put(zkvm_blake2f(12, &state, &message, &offset, 1), &state, sizeof state);
    put(zkvm_blake2f(12, &state, &message, &offset, 7), &state, sizeof state);

    uint8_t power[48] = {0};
    put(zkvm_modexp(input, 40, input + 40, 9, input + 64, 48, power), power, 48);
    put(zkvm_modexp(input, 20, input + 40, 9, input + 64, 30, power), power, 30);
}

static void sign(const uint8_t *input) {
    zkvm_bytes_32 message;
    zkvm_bytes_64 signature, key = {{0}};
    for (size_t i = 0; i < 32; i++) {
        message.data[i] = input[i];
        signature.data[i] = input[32 + i];
        signature.data[32 + i] = input[64 + i];
    }
    for (uint8_t recid = 0; recid < 5; recid++) {
        put(zkvm_secp256k1_ecrecover(&message, &signature, recid, &key), &key, sizeof key);
        bool verified = false;
        put(zkvm_secp256k1_verify(&message, &signature, &key, &verified), &verified, 1);
        put(zkvm_secp256r1_verify(&message, &signature, &key, &verified), &verified, 1);
    }
}

static void bn254(const uint8_t *input) {
    zkvm_bn254_g1_point generator = {{0}}, point = {{0}};
    generator.data[31] = 1;
    generator.data[63] = 2;
    zkvm_bn254_scalar scalar;
    for (size_t i = 0; i < 32; i++) {
        scalar.data[i] = input[i];
    }
    put(zkvm_bn254_g1_mul(&generator, &scalar, &point), &point, sizeof point);
    put(zkvm_bn254_g1_add(&generator, &point, &point), &point, sizeof point);
    zkvm_bn254_pairing_pair pairs[2] = {{generator, {{0}}}, {point, {{0}}}};
    bool verified = false;
    put(zkvm_bn254_pairing(pairs, 2, &verified), &verified, 1);
    pairs[1].g2.data[0] = 1;
    put(zkvm_bn254_pairing(pairs, 2, &verified), &verified, 1);
}

static void bls12(const uint8_t *input) {
    zkvm_bls12_381_fp element = {{0}};
    zkvm_bls12_381_fp2 element2 = {{0}};
    for (size_t i = 1; i < 48; i++) {
        element.data[i] = input[i];
        element2.data[i] = input[48 + i];
        element2.data[48 + i] = input[96 + i];
    }
    zkvm_bls12_381_g1_msm_pair terms[2] = {0};
    zkvm_bls12_381_g2_msm_pair terms2[2] = {0};
    put(zkvm_bls12_map_fp_to_g1(&element, &terms[0].point), &terms[0].point, 96);
    put(zkvm_bls12_map_fp2_to_g2(&element2, &terms2[0].point), &terms2[0].point, 192);
    for (size_t i = 0; i < 32; i++) {
        terms[0].scalar.data[i] = terms2[1].scalar.data[i] = input[i];
        terms[1].scalar.data[i] = terms2[0].scalar.data[i] = input[32 + i];
    }
    put(zkvm_bls12_g1_add(&terms[0].point, &terms[0].point, &terms[1].point), &terms[1].point, 96);
    put(zkvm_bls12_g2_add(&terms2[0].point, &terms2[0].point, &terms2[1].point), &terms2[1].point, 192);
    zkvm_bls12_381_g1_point sum = {{0}};
    zkvm_bls12_381_g2_point sum2 = {{0}};
    put(zkvm_bls12_g1_msm(terms, 2, &sum), &sum, 96);
    put(zkvm_bls12_g2_msm(terms2, 2, &sum2), &sum2, 192);
    const zkvm_bls12_381_pairing_pair pair = {sum, sum2};
    bool verified = true;
    put(zkvm_bls12_pairing(&pair, 1, &verified), &verified, 1);
    sum.data[0] = 0xff;
    put(zkvm_bls12_g1_add(&sum, &sum, &sum), &sum, 96);

    const zkvm_kzg_commitment infinity = {{0xc0}};
    zkvm_kzg_field_element zero = {{0}};
    put(zkvm_kzg_point_eval(&infinity, &zero, &zero, &infinity, &verified), &verified, 1);
    zero.data[31] = 1;
    put(zkvm_kzg_point_eval(&infinity, &zero, &zero, &infinity, &verified), &verified, 1);
}

int main(void) {
    const uint8_t *input;
    size_t size;
    read_input(&input, &size);
    if (size != 256) {
        return 1;
    }
    hash(input, size);
    sign(input);
    bn254(input);
    bls12(input);
    return 0;
}
