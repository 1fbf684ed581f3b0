/* Verifies a proof file: example KEY PROOF [EXIT_CODE]. Exit status: the status of the proof, or 100 for a fault of the caller. */
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

int main(int argc, char **argv)
{
	uint8_t *key = NULL, *proof = NULL;
	tern_outcome *outcome = NULL;

	if (argc != 3 && argc != 4) {
		fprintf(stderr, "usage: %s KEY PROOF [EXIT_CODE]\n", argv[0]);
		return 100;
	}
	size_t key_len = read_file(argv[1], &key);
	size_t proof_len = read_file(argv[2], &proof);
	uint32_t exit_code = argc == 4 ? (uint32_t)strtoul(argv[3], NULL, 0) : 0;

	int status = tern_verify(proof, proof_len, key, key_len, exit_code, &outcome);
	if (status == TERN_OK) {
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
