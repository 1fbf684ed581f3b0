/* Verifies a proof file, of any program, about a block, or about a payload request of EIP-8025:
 *
 *     example KEY PROOF [EXIT_CODE]
 *     example KEY PROOF block RULES [BLOCK_HASH]
 *     example KEY PROOF payload [REQUEST_ROOT CHAIN_ID SCHEMA_ID]
 *
 * Exit status: the status of the proof, or 100 for a fault of the caller. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tern_verifier.h"

/* Reads a file whole into `*bytes`, which the caller frees. */
static size_t read_file(const char *path, uint8_t **bytes)
{
	FILE *file = fopen(path, "rb");
	size_t len = 0, capacity = 0;

	if (!file)
		goto fail;
	do {
		capacity = capacity ? 2 * capacity : 1 << 16;
		uint8_t *grown = realloc(*bytes, capacity);
		if (!grown)
			goto fail;
		*bytes = grown;
		len += fread(*bytes + len, 1, capacity - len, file);
	} while (len == capacity);
	if (ferror(file))
		goto fail;
	fclose(file);
	return len;
fail:
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	exit(100);
}

static void print_hex(const char *name, const uint8_t *bytes, size_t len)
{
	printf("%s ", name);
	for (size_t i = 0; i < len; i++)
		printf("%02x", bytes[i]);
	putchar('\n');
}

/* Reads 64 hexadecimal digits, with "0x" before them or without. */
static int read_hash(const char *text, uint8_t hash[32])
{
	if (text[0] == '0' && text[1] == 'x')
		text += 2;
	if (strlen(text) != 64 || strspn(text, "0123456789abcdefABCDEF") != 64)
		return 0;
	for (int i = 0; i < 32; i++) {
		char digits[3] = {text[2 * i], text[2 * i + 1], 0};
		hash[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return 1;
}

static void print_block(const tern_block *block)
{
	printf("valid block, chain id %" PRIu64 " (%s)\n", block->chain_id, block->chain[0] ? block->chain : "no known chain's rules");
	print_hex("chain configuration", block->chain_config, 32);
	print_hex("block", block->block_hash, 32);
	print_hex("parent", block->parent_hash, 32);
	print_hex("state before", block->pre_state_root, 32);
	print_hex("state after", block->post_state_root, 32);
	printf("gas used: %" PRIu64 "\n", block->gas_used);
}

static void print_payload(const tern_payload *payload)
{
	printf("valid payload, chain id %" PRIu64 " (%s), schema 0x%04" PRIx32 "\n", payload->chain_id, payload->chain[0] ? payload->chain : "no known chain",
	       payload->schema_id);
	print_hex("payload request", payload->request_root, 32);
}

/* What the arguments ask for. */
enum about { ABOUT_RUN, ABOUT_BLOCK, ABOUT_PAYLOAD, ABOUT_NOTHING };

static enum about read_arguments(int argc, char **argv, uint8_t hash[32])
{
	if (argc >= 5 && argc <= 6 && strcmp(argv[3], "block") == 0)
		return argc == 5 || read_hash(argv[5], hash) ? ABOUT_BLOCK : ABOUT_NOTHING;
	if ((argc == 4 || argc == 7) && strcmp(argv[3], "payload") == 0)
		return argc == 4 || read_hash(argv[4], hash) ? ABOUT_PAYLOAD : ABOUT_NOTHING;
	return argc == 3 || argc == 4 ? ABOUT_RUN : ABOUT_NOTHING;
}

int main(int argc, char **argv)
{
	uint8_t *key = NULL, *proof = NULL, hash[32];
	tern_outcome *outcome = NULL;
	enum about about = read_arguments(argc, argv, hash);
	int status;

	if (about == ABOUT_NOTHING) {
		fprintf(stderr, "usage: %s KEY PROOF [EXIT_CODE]\n       %s KEY PROOF block RULES [BLOCK_HASH]\n       %s KEY PROOF payload [REQUEST_ROOT CHAIN_ID SCHEMA_ID]\n",
			argv[0], argv[0], argv[0]);
		return 100;
	}
	size_t key_len = read_file(argv[1], &key);
	size_t proof_len = read_file(argv[2], &proof);
	if (about == ABOUT_BLOCK) {
		status = tern_verify_block(proof, proof_len, key, key_len, argv[4], argc == 6 ? hash : NULL, &outcome);
	} else if (about == ABOUT_PAYLOAD && argc == 4) {
		status = tern_verify_payload(proof, proof_len, key, key_len, NULL, NULL, NULL, &outcome);
	} else if (about == ABOUT_PAYLOAD) {
		uint64_t chain_id = strtoull(argv[5], NULL, 0);
		uint16_t schema_id = (uint16_t)strtoul(argv[6], NULL, 0);
		status = tern_verify_payload(proof, proof_len, key, key_len, hash, &chain_id, &schema_id, &outcome);
	} else {
		uint32_t exit_code = argc == 4 ? (uint32_t)strtoul(argv[3], NULL, 0) : 0;
		status = tern_verify(proof, proof_len, key, key_len, exit_code, &outcome);
	}
	printf("verifier %s, proof format %" PRIu32 "\n", tern_version(), tern_proof_version());
	if (status == TERN_OK && about == ABOUT_BLOCK) {
		print_block(tern_outcome_block(outcome));
	} else if (status == TERN_OK && about == ABOUT_PAYLOAD) {
		print_payload(tern_outcome_payload(outcome));
	} else if (status == TERN_OK) {
		size_t len;
		const uint8_t *output = tern_outcome_output(outcome, &len);
		printf("accepted, kind %" PRIu32 "\n", tern_outcome_kind(outcome));
		print_hex("program", tern_outcome_program(outcome), 32);
		print_hex("output", output, len);
	} else {
		printf("rejected (%d): %s\n", status, tern_outcome_reason(outcome));
	}
	tern_outcome_free(outcome);
	free(key);
	free(proof);
	return status;
}
