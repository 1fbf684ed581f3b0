/* The accelerators of the Ethereum zkVM standards, as Tern provides them: all of them.

   Numbers are big-endian unless a comment says otherwise; a point is its affine coordinates x, y, or zeros for infinity. A result
   may take an operand's place. A function that returns ZKVM_EFAIL writes nothing. */

#ifndef ZKVM_ACCELERATORS_H
#define ZKVM_ACCELERATORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define ZKVM_ALIGNED alignas(8)
extern "C" {
#else
#define ZKVM_ALIGNED _Alignas(8)
#endif

/* Whether a function could compute its result. */
typedef enum {
    ZKVM_EOK = 0,
    /* An operand is no field element, no point of the group, or not what the function's comment asks for. */
    ZKVM_EFAIL = -1
} zkvm_status;

typedef struct { ZKVM_ALIGNED uint8_t data[16]; } zkvm_bytes_16;
typedef struct { ZKVM_ALIGNED uint8_t data[32]; } zkvm_bytes_32;
typedef struct { ZKVM_ALIGNED uint8_t data[48]; } zkvm_bytes_48;
typedef struct { ZKVM_ALIGNED uint8_t data[64]; } zkvm_bytes_64;
typedef struct { ZKVM_ALIGNED uint8_t data[96]; } zkvm_bytes_96;
typedef struct { ZKVM_ALIGNED uint8_t data[128]; } zkvm_bytes_128;
typedef struct { ZKVM_ALIGNED uint8_t data[192]; } zkvm_bytes_192;

/* Hashes. */

typedef zkvm_bytes_32 zkvm_keccak256_hash;
typedef zkvm_bytes_32 zkvm_sha256_hash;
/* Twelve zero bytes, then the digest. */
typedef zkvm_bytes_32 zkvm_ripemd160_hash;

zkvm_status zkvm_keccak256(const uint8_t *data, size_t len, zkvm_keccak256_hash *output);
zkvm_status zkvm_sha256(const uint8_t *data, size_t len, zkvm_sha256_hash *output);
zkvm_status zkvm_ripemd160(const uint8_t *data, size_t len, zkvm_ripemd160_hash *output);

/* The compression function F of BLAKE2b (EIP-152), in place: 8, 16 and 2 little-endian words; rounds is a number, and f, 0 or 1,
   says whether the block is the last one. ZKVM_EFAIL for any other f. */

typedef zkvm_bytes_64 zkvm_blake2f_state;
typedef zkvm_bytes_128 zkvm_blake2f_message;
typedef zkvm_bytes_16 zkvm_blake2f_offset;

zkvm_status zkvm_blake2f(uint32_t rounds, zkvm_blake2f_state *h, const zkvm_blake2f_message *m, const zkvm_blake2f_offset *t, uint8_t f);

/* base to the power exp modulo modulus, in mod_len bytes; zero for a modulus of zero (EIP-198). */
zkvm_status zkvm_modexp(const uint8_t *base, size_t base_len, const uint8_t *exp, size_t exp_len, const uint8_t *modulus, size_t mod_len,
                        uint8_t *output);

/* ECDSA over secp256k1 and secp256r1: signatures are r, s, keys x, y. An s in the upper half is accepted. Verification always
   succeeds; a malformed signature or key is not verified. */

typedef zkvm_bytes_32 zkvm_secp256k1_hash;
typedef zkvm_bytes_64 zkvm_secp256k1_signature;
typedef zkvm_bytes_64 zkvm_secp256k1_pubkey;
typedef zkvm_bytes_32 zkvm_secp256r1_hash;
typedef zkvm_bytes_64 zkvm_secp256r1_signature;
typedef zkvm_bytes_64 zkvm_secp256r1_pubkey;

zkvm_status zkvm_secp256k1_verify(const zkvm_secp256k1_hash *msg, const zkvm_secp256k1_signature *sig, const zkvm_secp256k1_pubkey *pubkey,
                                  bool *verified);
zkvm_status zkvm_secp256r1_verify(const zkvm_secp256r1_hash *msg, const zkvm_secp256r1_signature *sig, const zkvm_secp256r1_pubkey *pubkey,
                                  bool *verified);
/* The key that signed. recid is the parity of the nonce point's y, plus 2 if its x was reduced. ZKVM_EFAIL if there is no such key. */
zkvm_status zkvm_secp256k1_ecrecover(const zkvm_secp256k1_hash *msg, const zkvm_secp256k1_signature *sig, uint8_t recid,
                                     zkvm_secp256k1_pubkey *output);

/* bn254 (EIP-196, EIP-197). A coordinate of G2 is its second component, then its first. A scalar may have any value. */

typedef zkvm_bytes_64 zkvm_bn254_g1_point;
typedef zkvm_bytes_128 zkvm_bn254_g2_point;
typedef zkvm_bytes_32 zkvm_bn254_scalar;

typedef struct {
    zkvm_bn254_g1_point g1;
    zkvm_bn254_g2_point g2;
} zkvm_bn254_pairing_pair;

zkvm_status zkvm_bn254_g1_add(const zkvm_bn254_g1_point *p1, const zkvm_bn254_g1_point *p2, zkvm_bn254_g1_point *result);
zkvm_status zkvm_bn254_g1_mul(const zkvm_bn254_g1_point *point, const zkvm_bn254_scalar *scalar, zkvm_bn254_g1_point *result);
/* Whether the product of the pairings is one. */
zkvm_status zkvm_bn254_pairing(const zkvm_bn254_pairing_pair *pairs, size_t num_pairs, bool *verified);

/* BLS12-381 (EIP-2537). A coordinate of G2 is its first component, then its second. Sums of two take points of the curve outside the
   group too, all else does not. A scalar may have any value. */

typedef zkvm_bytes_96 zkvm_bls12_381_g1_point;
typedef zkvm_bytes_192 zkvm_bls12_381_g2_point;
typedef zkvm_bytes_32 zkvm_bls12_381_scalar;
typedef zkvm_bytes_48 zkvm_bls12_381_fp;
typedef zkvm_bytes_96 zkvm_bls12_381_fp2;

typedef struct {
    zkvm_bls12_381_g1_point point;
    zkvm_bls12_381_scalar scalar;
} zkvm_bls12_381_g1_msm_pair;

typedef struct {
    zkvm_bls12_381_g2_point point;
    zkvm_bls12_381_scalar scalar;
} zkvm_bls12_381_g2_msm_pair;

typedef struct {
    zkvm_bls12_381_g1_point g1;
    zkvm_bls12_381_g2_point g2;
} zkvm_bls12_381_pairing_pair;

zkvm_status zkvm_bls12_g1_add(const zkvm_bls12_381_g1_point *p1, const zkvm_bls12_381_g1_point *p2, zkvm_bls12_381_g1_point *result);
zkvm_status zkvm_bls12_g2_add(const zkvm_bls12_381_g2_point *p1, const zkvm_bls12_381_g2_point *p2, zkvm_bls12_381_g2_point *result);
/* The sum of the points' multiples; infinity for no pair. */
zkvm_status zkvm_bls12_g1_msm(const zkvm_bls12_381_g1_msm_pair *pairs, size_t num_pairs, zkvm_bls12_381_g1_point *result);
zkvm_status zkvm_bls12_g2_msm(const zkvm_bls12_381_g2_msm_pair *pairs, size_t num_pairs, zkvm_bls12_381_g2_point *result);
/* Whether the product of the pairings is one. */
zkvm_status zkvm_bls12_pairing(const zkvm_bls12_381_pairing_pair *pairs, size_t num_pairs, bool *verified);
zkvm_status zkvm_bls12_map_fp_to_g1(const zkvm_bls12_381_fp *field_element, zkvm_bls12_381_g1_point *result);
zkvm_status zkvm_bls12_map_fp2_to_g2(const zkvm_bls12_381_fp2 *field_element, zkvm_bls12_381_g2_point *result);

/* Whether proof shows that the polynomial behind commitment takes the value y at z (EIP-4844). Always succeeds; what is malformed is
   not verified. */

typedef zkvm_bytes_48 zkvm_kzg_commitment;
typedef zkvm_bytes_48 zkvm_kzg_proof;
typedef zkvm_bytes_32 zkvm_kzg_field_element;

zkvm_status zkvm_kzg_point_eval(const zkvm_kzg_commitment *commitment, const zkvm_kzg_field_element *z, const zkvm_kzg_field_element *y,
                                const zkvm_kzg_proof *proof, bool *verified);

#ifdef __cplusplus
}
#endif

#endif
