#!/usr/bin/env bash
# Type-checks this backend against ere's sources at the commit that Cargo.toml names, and runs its
# tests, which compile a guest and prove a small program. Needs rustup's component rust-src.
#
#     vm/ere/check.sh [ERE]
#
# ERE   a local clone of ere's repository, from which cargo takes that commit; without it, cargo
# fetches it from where Cargo.toml says
set -euo pipefail
cd "$(dirname "$0")"
if [ $# -gt 0 ]; then
  clone=$(realpath "$1")
  export CARGO_NET_GIT_FETCH_WITH_CLI=true GIT_CONFIG_COUNT=1
  export GIT_CONFIG_KEY_0="url.file://$clone.insteadOf" GIT_CONFIG_VALUE_0=https://github.com/eth-act/ere
fi
cargo fmt --all --check
cargo clippy --release --locked --workspace --all-targets -- -D warnings
cargo clippy --release --locked -p ere-prover-tern --features gpu -- -D warnings
cargo test --release --locked --workspace
