/* Tern's standalone verifier.
 *
 * A proof says: there is an input on which the program with this verifying key, started at its entry point, halts with this exit code, having
 * written exactly this output.
 *
 * All functions may be called from any thread. An outcome is not changed after tern_verify, so threads may share it until it is freed.
 */
#ifndef TERN_VERIFIER_H
#define TERN_VERIFIER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Statuses. The numbers never change; later versions may add some. */
#define TERN_OK 0          /* the proof is accepted */
#define TERN_KEY 1         /* the verifying key is not one of a program */
#define TERN_NOT_A_PROOF 2 /* the bytes are not a proof of this system */
#define TERN_UNSUPPORTED 3 /* a proof of another version, kind or parameter set, or made with other circuits */
#define TERN_MALFORMED 4   /* a proof that is truncated, too long, or encoded wrongly */
#define TERN_PROGRAM 5     /* a proof of another program */
#define TERN_EXIT_CODE 6   /* the program ended with another exit code */
#define TERN_FALSE 7       /* a well-formed proof that does not prove what it claims */
#define TERN_ARGUMENT 8    /* a null pointer that must not be null, or an impossible length */
#define TERN_INTERNAL 9    /* a fault of the library */

/* The outcome of a verification. */
typedef struct tern_outcome tern_outcome;

/* Checks that `proof` proves a run of the program whose key file is `key` (`tern vkey -o`) that ends with `exit_code`.
 *
 * Returns the status: the proof holds if and only if it is TERN_OK. Unless `outcome` is null, `*outcome` is set whatever the status, and the
 * caller frees it with tern_outcome_free. The buffers are only read, and not kept. */
int tern_verify(const uint8_t *proof, size_t proof_len, const uint8_t *key, size_t key_len, uint32_t exit_code, tern_outcome **outcome);

/* The status that tern_verify returned; TERN_ARGUMENT for null. */
int tern_outcome_status(const tern_outcome *outcome);

/* Why the proof is not accepted, for people; "" if it is. Lives as long as the outcome. */
const char *tern_outcome_reason(const tern_outcome *outcome);

/* What the program wrote, `*len` bytes; null with length 0 unless the proof is accepted. Lives as long as the outcome. `len` may be null. */
const uint8_t *tern_outcome_output(const tern_outcome *outcome, size_t *len);

/* Digest of the program's key, 32 bytes; null unless the proof is accepted. Lives as long as the outcome. */
const uint8_t *tern_outcome_program(const tern_outcome *outcome);

/* Kind of the proof (1: a chain of segment proofs, 2: a final proof); 0 unless it is accepted. */
uint32_t tern_outcome_kind(const tern_outcome *outcome);

/* Frees an outcome; null is allowed. */
void tern_outcome_free(tern_outcome *outcome);

#ifdef __cplusplus
}
#endif

#endif
