#!/usr/bin/env bash
# Builds the guest programs of Tern for riscv64im, reproducibly. See README.md in this folder.
#
#   build.sh            rebuild guest-evm/elf/*.elf, their .sha256 and compiler.txt
#   build.sh --check    rebuild elsewhere and compare with what is committed (exit 1 on a difference)
#   build.sh --fetch    only install the compiler
#
# TERN_TOOLCHAIN_DIR   where the compiler is kept (default ~/.cache/tern)
# TERN_GUEST_TARGET    cargo's target directory (default guest-evm/target; --check: a fresh one)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
guests=(guest fibonacci selftest)
target=riscv64im-tern-elf
packages=(rustc-web libstd-rust-web-1.96 libstd-rust-web-dev rust-web-src libllvm22)
cache=${TERN_TOOLCHAIN_DIR:-$HOME/.cache/tern}
toolchain=$cache/rustc-web-1.96

say() { printf 'guest-build: %s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# Unpacks Debian's rustc-web beside the system, unless it is already there.
fetch_compiler() {
    [ -f "$toolchain/.complete" ] && return
    [ "$(uname -m)" = x86_64 ] || die "the recorded compiler is an x86_64 package"
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
        die "apt-get and dpkg-deb are needed to fetch ${packages[*]}"
    local debs=$cache/debs
    rm -rf "$toolchain" "$debs"
    mkdir -p "$toolchain" "$debs"
    say "fetching ${packages[*]}"
    if ! apt-cache show "${packages[@]}" >/dev/null 2>&1; then
        apt-get update -qq || die "apt-get update failed (root is needed where the package lists are missing)"
    fi
    (cd "$debs" && apt-get download -qq "${packages[@]}" 2>/dev/null) || die "cannot download ${packages[*]}"
    for deb in "$debs"/*.deb; do dpkg-deb -x "$deb" "$toolchain"; done
    for deb in "$debs"/*.deb; do dpkg-deb -f "$deb" Package Version | paste -sd' '; done |
        sed 's/Package: //; s/ Version://' >"$toolchain/packages.txt"
    rm -rf "$debs"
    # A wrapper, so that only rustc sees the unpacked libraries.
    cat >"$toolchain/rustc" <<WRAPPER
#!/bin/sh
LD_LIBRARY_PATH="$toolchain/usr/lib/x86_64-linux-gnu" exec "$toolchain/usr/bin/rustc" "\$@"
WRAPPER
    chmod +x "$toolchain/rustc"
    "$toolchain/rustc" -vV >/dev/null || die "the unpacked compiler does not run"
    touch "$toolchain/.complete"
}

# rust-lld of the toolchain that rust-toolchain.toml names.
find_linker() {
    local sysroot
    sysroot=$(cd "$root" && unset RUSTC && rustc --print sysroot)
    lld=$sysroot/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld
    [ -x "$lld" ] || die "no rust-lld in $sysroot"
}

# Everything that decides the bytes besides the sources and Cargo.lock.
describe_compiler() {
    "$toolchain/rustc" -vV
    cat "$toolchain/packages.txt"
    "$lld" -flavor gnu --version | sed 's/ (compatible.*//'
    (cd "$root" && cargo --version)
}

# Compiles all guests into the target directory $1.
compile() {
    local target_dir=$1 flags features
    local cargo_home=${CARGO_HOME:-$HOME/.cargo}
    flags=(
        "--remap-path-prefix=$target_dir=/target"
        "--remap-path-prefix=$root=/tern"
        "--remap-path-prefix=$cargo_home=/cargo"
        "--remap-path-prefix=$toolchain/usr/src=/rust"
        "--remap-path-prefix=$toolchain/usr/lib/rustlib/src=/rust"
        "-Cpasses=lower-atomic"
        "-Csymbol-mangling-version=v0"
        "-Clink-arg=-Tguest-evm/guest-build/tern.ld"
        "-Clink-arg=--discard-locals"
        "-Clink-arg=--gc-sections"
        "-Clink-arg=--build-id=none"
        "-Clink-arg=--fatal-warnings"
    )
    features=guest
    mkdir -p "$target_dir"
    (
        cd "$root"
        unset RUSTFLAGS RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER CARGO_BUILD_TARGET CARGO_BUILD_RUSTFLAGS RUSTDOCFLAGS
        export RUSTC=$toolchain/rustc RUSTC_BOOTSTRAP=1 PATH=$(dirname "$lld"):$PATH
        export CARGO_ENCODED_RUSTFLAGS
        CARGO_ENCODED_RUSTFLAGS=$(printf '%s\x1f' "${flags[@]}")
        CARGO_ENCODED_RUSTFLAGS=${CARGO_ENCODED_RUSTFLAGS%$'\x1f'}
        export CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 CARGO_PROFILE_RELEASE_OPT_LEVEL=3
        export CARGO_PROFILE_RELEASE_PANIC=abort CARGO_PROFILE_RELEASE_DEBUG=false CARGO_PROFILE_RELEASE_STRIP=debuginfo
        export CARGO_PROFILE_RELEASE_INCREMENTAL=false CARGO_INCREMENTAL=0
        cargo build --release --locked -p tern-guest-evm --no-default-features --features "$features" \
            $(printf -- '--bin %s ' "${only[@]:-${guests[@]}}") \
            --target "guest-evm/guest-build/$target.json" --target-dir "$target_dir" \
            -Zjson-target-spec -Zbuild-std=core,alloc,compiler_builtins
    )
}

build() {
    local target_dir=${TERN_GUEST_TARGET:-$root/guest-evm/target} name
    compile "$target_dir"
    for name in "${only[@]:-${guests[@]}}"; do
        install -m 0644 "$target_dir/$target/release/$name" "$root/guest-evm/elf/$name.elf"
        (cd "$root/guest-evm/elf" && sha256sum "$name.elf" >"$name.elf.sha256" && cat "$name.elf.sha256")
    done
    describe_compiler >"$here/compiler.txt"
}

check() {
    if ! describe_compiler | cmp -s - "$here/compiler.txt"; then
        say "SKIPPED: this compiler is not the recorded one, so the bytes cannot be compared."
        diff <(describe_compiler) "$here/compiler.txt" >&2 || true
        exit 0
    fi
    local name failed=0
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/tern-guest-check.XXXXXX")
    trap 'rm -rf "$scratch"' EXIT
    compile "${TERN_GUEST_TARGET:-$scratch}"
    for name in "${guests[@]}"; do
        local built
        built=$(sha256sum <"${TERN_GUEST_TARGET:-$scratch}/$target/release/$name" | cut -d' ' -f1)
        if [ "$built" = "$(cut -d' ' -f1 "$root/guest-evm/elf/$name.elf.sha256")" ] &&
            (cd "$root/guest-evm/elf" && sha256sum --quiet -c "$name.elf.sha256"); then
            say "$name.elf: reproduced ($built)"
        else
            say "$name.elf: DIFFERS from the committed one (built $built)"
            failed=1
        fi
    done
    return $failed
}

only=()
mode=${1:-build}
if [ "$mode" = --only ]; then only=("${@:2}"); mode=build; fi
fetch_compiler
find_linker
case $mode in
build) build ;;
--check) check ;;
--fetch) describe_compiler ;;
*) die "usage: build.sh [--check | --fetch | --only NAME...]" ;;
esac
