/* Tern's standalone verifier.
 *
 * A proof says: there is an input on which the program with this verifying key, started at its entry point, halts with this exit code, having
 * written exactly this output.
 *
 * tern_verify checks this for any program, tern_verify_block for the block guest, together with what
 * its output says about a block, tern_verify_payload with what it says about a payload request of
 * EIP-8025.
 *
 * All functions may be called from any thread. An outcome is not changed once it is there, so threads may share it until it is freed.
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
#define TERN_ARGUMENT 8    /* a null pointer that must not be null, an impossible length, or a text that names no rules */
#define TERN_INTERNAL 9    /* a fault of the library */
/* Of tern_verify_block, tern_verify_execution and tern_verify_payload alone: the proof holds, but */
#define TERN_NOT_A_BLOCK 10   /* the program's output is not about a block (a payload): `key` is not that of the block guest, or the run of another kind */
#define TERN_INVALID_BLOCK 11 /* its verdict is "invalid": it does not show the block or payload to be valid */
#define TERN_OTHER_RULES 12   /* it is about a block under other rules, or a payload of another chain or schema */
#define TERN_OTHER_BLOCK 13   /* it is about another block or payload request */
#define TERN_OTHER_STATE 14   /* it executes the block on another state */

/* The outcome of a verification. */
typedef struct tern_outcome tern_outcome;

/* Checks that `proof` proves a run of the program whose key file is `key` (`tern vkey -o`) that ends with `exit_code`.
 *
 * Returns the status: the proof holds if and only if it is TERN_OK. Unless `outcome` is null, `*outcome` is set whatever the status, and the
 * caller frees it with tern_outcome_free. The buffers are only read, and not kept. */
int tern_verify(const uint8_t *proof, size_t proof_len, const uint8_t *key, size_t key_len, uint32_t exit_code, tern_outcome **outcome);

/* What is proved about a block. */
typedef struct tern_block {
	uint64_t chain_id;           /* EIP-155 */
	uint32_t valid;              /* 1: a proof of the verdict "invalid" is not accepted */
	char chain[20];              /* "mainnet", "sepolia", "holesky", "hoodi"; "" if none of them has this configuration */
	uint8_t chain_config[32];    /* Keccak-256 of the chain configuration: chain id, deposit contract, fork schedule */
	uint8_t block_hash[32];
	uint8_t parent_hash[32];
	uint8_t pre_state_root[32];  /* state root before the block */
	uint8_t post_state_root[32]; /* state root after the block */
	uint64_t gas_used;           /* by the block */
} tern_block;

/* Checks that `proof` proves a block to be valid by a run of the block guest, whose key file is `key` (guest-evm/elf/guest.vkey).
 *
 * `rules` says under which rules: "mainnet", "sepolia", "holesky", "hoodi", "known" (any of these), or the 64 hexadecimal digits of a chain configuration's
 * hash. "any" accepts rules that the proof's maker invented, under which any block may be valid.
 * `block_hash` is null, or the 32 bytes of the hash that the block must have. A proof does not say that its block is part of the chain: give the
 * hash that you ask about, from a source that you trust.
 *
 * Returns the status: the block is shown to be valid if and only if it is TERN_OK. `outcome` is as with tern_verify. */
int tern_verify_block(const uint8_t *proof, size_t proof_len, const uint8_t *key, size_t key_len, const char *rules, const uint8_t *block_hash, tern_outcome **outcome);

/* Checks that `proof` proves what a block makes of a state under `rules`, as EXECUTE does (EIP-8079): given the root of the state before, and the block by its
 * hash, which commits to its whole payload, tern_outcome_block then has the root of the state after and the gas used.
 *
 * Nothing is executed here, and nothing is said about who made the block or who follows it: a rollup checks that the block is the next one of its chain.
 *
 * Returns the status: it is TERN_OK if and only if executing the block is shown to give this. `pre_state_root` and `block_hash` are 32 bytes each, and must not be
 * null. The rest is as with tern_verify_block. */
int tern_verify_execution(const uint8_t *proof, size_t proof_len, const uint8_t *key, size_t key_len, const char *rules, const uint8_t *pre_state_root, const uint8_t *block_hash, tern_outcome **outcome);

/* What is proved about the block; null unless tern_verify_block or tern_verify_execution accepted the proof. Lives as long as the outcome. */
const tern_block *tern_outcome_block(const tern_outcome *outcome);

/* What is proved about a payload request of EIP-8025. */
typedef struct tern_payload {
	uint64_t chain_id;        /* EIP-155; the rules are those that the guest knows for it */
	uint32_t valid;           /* 1: a proof of the verdict "invalid" is not accepted */
	uint32_t schema_id;       /* of the input; its high byte is the number of the fork whose rules held */
	char chain[20];           /* "mainnet", "sepolia", "holesky", "hoodi"; "" if none of them has this id */
	uint8_t request_root[32]; /* SSZ hash tree root of the NewPayloadRequest */
} tern_payload;

/* Checks that `proof` proves a payload to be valid by a run of the block guest, whose key file is
 * `key`, on an input of EIP-8025.
 *
 * `request_root` (32 bytes), `chain_id` and `schema_id` are what EIP-8025 asks a verifier to expect,
 * from a source that you trust. Each may be null, and is then not compared: read
 * tern_outcome_payload.
 *
 * Returns the status: the payload is shown to be valid if and only if it is TERN_OK. `outcome` is as
 * with tern_verify. */
int tern_verify_payload(const uint8_t *proof, size_t proof_len, const uint8_t *key, size_t key_len, const uint8_t *request_root, const uint64_t *chain_id, const uint16_t *schema_id, tern_outcome **outcome);

/* What is proved about the payload request; null unless tern_verify_payload accepted the proof. Lives
 * as long as the outcome. */
const tern_payload *tern_outcome_payload(const tern_outcome *outcome);

/* The status that was returned; TERN_ARGUMENT for null. */
int tern_outcome_status(const tern_outcome *outcome);

/* Why the proof is not accepted, for people; "" if it is. Lives as long as the outcome. */
const char *tern_outcome_reason(const tern_outcome *outcome);

/* What the program wrote, `*len` bytes; null with length 0 unless the proof is accepted. Lives as long as the outcome. `len` may be null. */
const uint8_t *tern_outcome_output(const tern_outcome *outcome, size_t *len);

/* Digest of the program's key, 32 bytes; null unless the proof is accepted. Lives as long as the outcome. */
const uint8_t *tern_outcome_program(const tern_outcome *outcome);

/* Kind of the proof (1: a chain of segment proofs, 2: a final proof); 0 unless it is accepted. */
uint32_t tern_outcome_kind(const tern_outcome *outcome);

/* Version of this library, such as "0.1.0". */
const char *tern_version(void);

/* Version of the proof format that this library reads. */
uint32_t tern_proof_version(void);

/* Frees an outcome; null is allowed. */
void tern_outcome_free(tern_outcome *outcome);

#ifdef __cplusplus
}
#endif

#endif
