#!/usr/bin/env bash
# Builds the guest programs of Tern for riscv64im, reproducibly. See README.md in this folder.
#
#   build.sh                 rebuild guest-evm/elf/*.elf, guest-evm/c/lib/libtern.a, their .sha256 and compiler.txt
#   build.sh --only NAME...  rebuild only these guests (libtern: the library)
#   build.sh --check         rebuild elsewhere and compare with what is committed (exit 1 on a difference)
#   build.sh --fetch         only install the compiler
#
# TERN_TOOLCHAIN_DIR   where the compiler is kept (default ~/.cache/tern)
# TERN_GUEST_TARGET    cargo's target directory (default guest-evm/target; --check: a fresh one)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
guests=(guest fibonacci plain selftest)
# The runtime for guests in other languages, as a static library.
library=libtern
target=riscv64im-tern-elf
packages=(rustc-web libstd-rust-web-1.96 libstd-rust-web-dev rust-web-src libllvm22)
cache=${TERN_TOOLCHAIN_DIR:-$HOME/.cache/tern}
toolchain=$cache/rustc-web-1.96

say() { printf 'guest-build: %s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# Downloads the compiler's packages into $1.
download() {
    (cd "$1" && rm -f ./*.deb && apt-get download -qq "${packages[@]}" 2>/dev/null)
}

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
    if ! download "$debs"; then
        say "the package lists may be old: updating them"
        apt-get update -qq || die "apt-get update failed (root is needed where the package lists are old)"
        download "$debs" || die "cannot download ${packages[*]}"
    fi
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

# rust-lld and rust-objcopy of the toolchain that rust-toolchain.toml names.
find_linker() {
    sysroot=$(cd "$root" && unset RUSTC && rustc --print sysroot)
    lld=$sysroot/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld
    objcopy=$(dirname "$lld")/rust-objcopy
    [ -x "$lld" ] || die "no rust-lld in $sysroot"
    [ -x "$objcopy" ] || die "no rust-objcopy in $sysroot"
}

# Everything that decides the bytes besides the sources and Cargo.lock.
describe_compiler() {
    "$toolchain/rustc" -vV
    cat "$toolchain/packages.txt"
    "$lld" -flavor gnu --version | sed 's/ (compatible.*//'
    (cd "$root" && cargo --version)
}

# Runs cargo with the guests' compiler: target directory, subcommand, its arguments.
guest_cargo() {
    local target_dir=$1 flags
    shift
    local cargo_home=${CARGO_HOME:-$HOME/.cargo}
    flags=(
        "--remap-path-prefix=$target_dir=/target"
        "--remap-path-prefix=$root=/tern"
        "--remap-path-prefix=$cargo_home=/cargo"
        "--remap-path-prefix=$toolchain/usr/src=/rust"
        "--remap-path-prefix=$toolchain/usr/lib/rustlib/src=/rust"
        "-Clink-arg=-Tguest-evm/guest-build/tern.ld"
    )
    mapfile -t -O "${#flags[@]}" flags <"$here/rustflags.txt"
    mkdir -p "$target_dir"
    (
        cd "$root"
        unset RUSTFLAGS RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER CARGO_BUILD_TARGET CARGO_BUILD_RUSTFLAGS RUSTDOCFLAGS
        export RUSTC=$toolchain/rustc RUSTC_BOOTSTRAP=1 PATH=$(dirname "$lld"):$PATH
        export CARGO_ENCODED_RUSTFLAGS
        CARGO_ENCODED_RUSTFLAGS=$(printf '%s\x1f' "${flags[@]}")
        CARGO_ENCODED_RUSTFLAGS=${CARGO_ENCODED_RUSTFLAGS%$'\x1f'}
        set -a
        . "$here/profile.env"
        set +a
        export CARGO_INCREMENTAL=0
        cargo "$1" --release --locked \
            --target "guest-evm/guest-build/$target.json" --target-dir "$target_dir" \
            -Zjson-target-spec -Zbuild-std=core,alloc,compiler_builtins "${@:2}"
    )
}

# Compiles the guests and the library that are wanted into the target directory $1.
compile() {
    local target_dir=$1 examples=() name
    for name in "${wanted[@]}"; do
        case $name in
        guest) guest_cargo "$target_dir" build -p tern-guest-evm --no-default-features --features guest --bin guest ;;
        "$library") ;;
        *) examples+=(--bin "$name") ;;
        esac
    done
    if [ "${#examples[@]}" -gt 0 ]; then
        guest_cargo "$target_dir" build -p tern-guest-examples "${examples[@]}"
    fi
    if is_wanted "$library"; then
        guest_cargo "$target_dir" rustc -p tern-guest --features library --lib --crate-type staticlib
        pack_library "$target_dir"
    fi
}

# Takes debugging sections out of the archive, and attributes, in which a newer compiler names extensions that an older linker
# does not know.
pack_library() {
    local release=$1/$target/release symbol
    # A program's own definitions win over these, which stand in the object of the entry point.
    local weak=()
    for symbol in memcpy memmove memset memcmp bcmp strlen atexit __cxa_{atexit,pure_virtual,guard_acquire,guard_release,guard_abort}; do
        weak+=("--weaken-symbol=$symbol")
    done
    LD_LIBRARY_PATH=$sysroot/lib "$objcopy" --enable-deterministic-archives --strip-debug --remove-section=.riscv.attributes --remove-section=.comment \
        "${weak[@]}" "$release/libtern_guest.a" "$release/$library.a"
}

is_wanted() {
    local name
    for name in "${wanted[@]}"; do
        [ "$name" = "$1" ] && return
    done
    return 1
}

# The file that is built for $1, and the one that is committed.
built_file() { if [ "$1" = "$library" ]; then echo "$library.a"; else echo "$1"; fi; }
committed_file() { if [ "$1" = "$library" ]; then echo "c/lib/$library.a"; else echo "elf/$1.elf"; fi; }

build() {
    local target_dir=${TERN_GUEST_TARGET:-$root/guest-evm/target} name file
    compile "$target_dir"
    for name in "${wanted[@]}"; do
        file=$root/guest-evm/$(committed_file "$name")
        mkdir -p "$(dirname "$file")"
        install -m 0644 "$target_dir/$target/release/$(built_file "$name")" "$file"
        (cd "$(dirname "$file")" && sha256sum "$(basename "$file")" | tee "$file.sha256")
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
    for name in "${wanted[@]}"; do
        local built file
        file=$root/guest-evm/$(committed_file "$name")
        built=$(sha256sum <"${TERN_GUEST_TARGET:-$scratch}/$target/release/$(built_file "$name")" | cut -d' ' -f1)
        if [ "$built" = "$(cut -d' ' -f1 "$file.sha256")" ] &&
            (cd "$(dirname "$file")" && sha256sum --quiet -c "$file.sha256"); then
            say "$(basename "$file"): reproduced ($built)"
        else
            say "$(basename "$file"): DIFFERS from the committed one (built $built)"
            failed=1
        fi
    done
    return $failed
}

wanted=("${guests[@]}" "$library")
mode=${1:-build}
if [ "$mode" = --only ]; then wanted=("${@:2}"); mode=build; fi
fetch_compiler
find_linker
case $mode in
build) build ;;
--check) check ;;
--fetch) describe_compiler ;;
*) die "usage: build.sh [--check | --fetch | --only NAME...]" ;;
esac
