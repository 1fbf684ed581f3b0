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
# Two blocks of a rollup's chain, with a fork between them.
"$tern" block sample --chain "$vectors/rollup.json" --blocks 2 --txs 2 -o "$scratch/rollup.json" >/dev/null
for block in 1 2; do
  "$tern" block prove "$scratch/rollup-$block.json" --chain "$vectors/rollup.json" -o "$scratch/rollup-$block.final"
  "$tern" block execute "$scratch/rollup-$block.json" --chain "$vectors/rollup.json" --json
done >"$scratch/rollup.jsonl"
"$tern" vkey guest-evm/elf/guest.elf -o "$scratch/block.vkey" >/dev/null
grep -h pre_state_root "$scratch/rollup.jsonl" >"$scratch/rollup.expected"
mv "$scratch"/block-*.final "$scratch"/rollup-*.final "$scratch/rollup.expected" "$scratch/block.vkey" "$vectors"
