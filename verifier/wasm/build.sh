#!/usr/bin/env bash
# Builds the npm packages: verifier/wasm/pkg, and verifier/wasm/pkg-ethproofs, which has the same
# module in ethproofs' form.
#
# The standard library is built from source with the compiler that builds the guests (guest-evm/guest-build/build.sh --fetch), so rustup needs no
# wasm32 target.
#
# TERN_TOOLCHAIN_DIR   where the compiler is kept (default ~/.cache/tern)
# TERN_WASM_TARGET     cargo's target directory (default target/wasm)
set -euo pipefail
cd "$(dirname "$0")/../.."
guest-evm/guest-build/build.sh --fetch >/dev/null
toolchain=${TERN_TOOLCHAIN_DIR:-$HOME/.cache/tern}/rustc-web-1.96
target_dir=${TERN_WASM_TARGET:-target/wasm}
lld_dir=$(rustc --print sysroot)/lib/rustlib/x86_64-unknown-linux-gnu/bin
flags=(
  "--remap-path-prefix=$PWD=/tern"
  "--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
  "--remap-path-prefix=$toolchain=/rust"
  "-Ctarget-feature=+simd128,+bulk-memory"
  "-Clink-arg=--strip-all"
)
export CARGO_ENCODED_RUSTFLAGS
CARGO_ENCODED_RUSTFLAGS=$(printf '%s\x1f' "${flags[@]}")
CARGO_ENCODED_RUSTFLAGS=${CARGO_ENCODED_RUSTFLAGS%$'\x1f'}
export CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 CARGO_PROFILE_RELEASE_PANIC=abort CARGO_PROFILE_RELEASE_DEBUG=false
RUSTC=$toolchain/rustc RUSTC_BOOTSTRAP=1 PATH=$lld_dir:$PATH cargo build --release --locked -p tern-verifier-wasm --lib \
  --target wasm32-unknown-unknown --target-dir "$target_dir" -Zbuild-std=std,panic_abort
pkg=verifier/wasm/pkg
rm -rf "$pkg"
mkdir -p "$pkg"
cp verifier/wasm/{package.json,index.js,exchange.js,index.d.ts,README.md} "$pkg"
cp "$target_dir/wasm32-unknown-unknown/release/tern_verifier_wasm.wasm" "$pkg/tern_verifier.wasm"
ethproofs=verifier/wasm/pkg-ethproofs
rm -rf "$ethproofs"
mkdir -p "$ethproofs"
cp verifier/wasm/ethproofs/{package.json,index.js,index.d.ts,README.md} verifier/wasm/exchange.js "$ethproofs"
{
  echo "// tern_verifier.wasm, written by build.sh."
  printf "export const MODULE_BASE64 = '%s';\n" "$(base64 -w 0 "$pkg/tern_verifier.wasm")"
} >"$ethproofs/module.js"
echo "$pkg: tern_verifier.wasm has $(stat -c %s "$pkg/tern_verifier.wasm") bytes, SHA-256 $(sha256sum <"$pkg/tern_verifier.wasm" | cut -d' ' -f1)"
