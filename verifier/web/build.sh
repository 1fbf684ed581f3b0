#!/usr/bin/env bash
# Puts beside index.html what is not in the repository: the WebAssembly package (pkg/) and an example proof (example.proof).
#
# TERN   the `tern` command that makes the example (default target/release/tern, built if absent)
set -euo pipefail
cd "$(dirname "$0")/../.."
web=verifier/web
verifier/wasm/build.sh
rm -rf "$web/pkg"
cp -r verifier/wasm/pkg "$web/pkg"
tern=${TERN:-target/release/tern}
[ -x "$tern" ] || cargo build --release --locked --bin tern
scratch=$(mktemp -d "${TMPDIR:-/tmp}/tern-web.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
"$tern" vkey guest-evm/elf/guest.elf -o "$scratch/guest.vkey" >/dev/null
cmp "$scratch/guest.vkey" "$web/evm-guest.vkey" || { echo "guest-evm/elf/guest.vkey is not the key of guest.elf: cargo run --release -- spec"; exit 1; }
"$tern" block sample -o "$scratch/block.json" --txs 3 >/dev/null
"$tern" block prove "$scratch/block.json" -o "$web/example.proof"
echo "to see the page: python3 -m http.server --directory $web, then http://localhost:8000/"
