/* A rollup that follows its chain by proofs: it holds the root of its state, and takes each next block only with a proof of what that block makes of this state.
 *
 *   rollup KEY RULES STATE_ROOT [BLOCK_HASH PROOF]...
 *
 * KEY is the block guest's key file, RULES the hash of the chain's configuration (`tern block chain --chain genesis.json`), STATE_ROOT the root of the state to begin with. The exit status is
 * 0 if all blocks were taken, else that of the first one that was not. Rules that a rollup has beyond Ethereum's are its own to check, in the payload with this hash. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tern_verifier.h"

/* What the rollup keeps. */
struct rollup {
	uint8_t state_root[32];
	uint64_t gas_used;
};

static size_t read_file(const char *path, uint8_t **bytes)
{
	FILE *file = fopen(path, "rb");
	long len;

	if (!file || fseek(file, 0, SEEK_END) || (len = ftell(file)) < 0 || fseek(file, 0, SEEK_SET)) {
		fprintf(stderr, "cannot read %s\n", path);
		exit(100);
	}
	*bytes = malloc(len ? (size_t)len : 1);
	if (!*bytes || fread(*bytes, 1, (size_t)len, file) != (size_t)len) {
		fprintf(stderr, "cannot read %s\n", path);
		exit(100);
	}
	fclose(file);
	return (size_t)len;
}

static void read_hash(const char *text, uint8_t hash[32])
{
	if (text[0] == '0' && text[1] == 'x')
		text += 2;
	if (strlen(text) != 64 || strspn(text, "0123456789abcdefABCDEF") != 64) {
		fprintf(stderr, "not a hash: %s\n", text);
		exit(100);
	}
	for (int i = 0; i < 32; i++) {
		char digits[3] = {text[2 * i], text[2 * i + 1], 0};
		hash[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
}

/* Takes a block: on success alone, the state is the one after it. */
static int take(struct rollup *rollup, const uint8_t *key, size_t key_len, const char *rules, const uint8_t block_hash[32], const char *proof_path)
{
	uint8_t *proof;
	size_t proof_len = read_file(proof_path, &proof);
	tern_outcome *outcome;
	int status = tern_verify_execution(proof, proof_len, key, key_len, rules, rollup->state_root, block_hash, &outcome);

	if (status == TERN_OK) {
		const tern_block *block = tern_outcome_block(outcome);
		memcpy(rollup->state_root, block->post_state_root, 32);
		rollup->gas_used += block->gas_used;
	} else {
		printf("refused (%d): %s\n", status, tern_outcome_reason(outcome));
	}
	tern_outcome_free(outcome);
	free(proof);
	return status;
}

int main(int argc, char **argv)
{
	struct rollup rollup = {0};
	uint8_t *key, block_hash[32];

	if (argc < 4 || argc % 2) {
		fprintf(stderr, "usage: %s KEY RULES STATE_ROOT [BLOCK_HASH PROOF]...\n", argv[0]);
		return 100;
	}
	size_t key_len = read_file(argv[1], &key);
	read_hash(argv[3], rollup.state_root);
	int status = TERN_OK;
	for (int i = 4; i < argc && status == TERN_OK; i += 2) {
		read_hash(argv[i], block_hash);
		status = take(&rollup, key, key_len, argv[2], block_hash, argv[i + 1]);
	}
	printf("state ");
	for (int i = 0; i < 32; i++)
		printf("%02x", rollup.state_root[i]);
	printf(", gas used %" PRIu64 "\n", rollup.gas_used);
	free(key);
	return status;
}
