#!/usr/bin/env bash
# Writes the frozen proofs about blocks anew. README.md beside this file says when.
#
# TERN        the `tern` command (default target/release/tern)
# TERN_DATA   the block data (default ../shared/data)
set -euo pipefail
cd "$(dirname "$0")/../../.."
tern=${TERN:-target/release/tern}
data=${TERN_DATA:-../shared/data}
vectors=verifier/tests/vectors
scratch=$(mktemp -d "${TMPDIR:-/tmp}/tern-vectors.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

"$tern" block sample -o "$scratch/sample.json" --txs 0 >/dev/null
sed 's/"chainId": 1337/"chainId": 1/' "$scratch/sample.json" >"$scratch/invented.json"
"$tern" block prove "$scratch/invented.json" -o "$scratch/block-invented.final"
"$tern" block prove "$data/blocks-negative/mainnet_22615247_prague__timestamp.json" -o "$scratch/block-invalid.final"
"$tern" block prove "$data/blocks/mainnet_21688509_cancun.json" -o "$scratch/block-mainnet.final"
"$tern" vkey guest-evm/elf/guest.elf -o "$scratch/block.vkey" >/dev/null
mv "$scratch"/block-*.final "$scratch/block.vkey" "$vectors"
