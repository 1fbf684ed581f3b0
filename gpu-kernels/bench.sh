#!/usr/bin/env bash
# Measures a device: kernels one by one, then plain programs and blocks to their last proof.
#
#   gpu-kernels/bench.sh [--device NAME] [--programs FOLDER] [--out FOLDER] [--limit SECONDS] [BLOCK.json ...]
#
# FOLDER has the programs `tern` and `bench` (target/release by default); they need nothing but the C library and a Vulkan loader, so that they can be carried to a bare machine.
# Each section ends after SECONDS (120 by default), and what it printed until then is kept: JSON objects in FOLDER/SECTION.json, progress in FOLDER/SECTION.log.
# Where the time goes, kernel by kernel in a proof, is in FOLDER/*.times.
set -uo pipefail
here="$(cd "$(dirname "$0")/.." && pwd)"
device=gpu programs="${CARGO_TARGET_DIR:-$here/target}/release" out=bench-results limit=120
while [ "$#" -gt 0 ]; do
  case "$1" in
    --device) device="$2"; shift 2 ;;
    --programs) programs="$2"; shift 2 ;;
    --out) out="$2"; shift 2 ;;
    --limit) limit="$2"; shift 2 ;;
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) echo "error: $1 is not known; $0 --help" >&2; exit 2 ;;
    *) break ;;
  esac
done
mkdir -p "$out"
failed=0
section() {
  local name="$1"; shift
  echo "== $name: $*" >&2
  timeout "$limit" "$@" >"$out/$name.json" 2>"$out/$name.log"
  local status=$?
  case "$status" in
    0) ;;
    124) echo "   ended after $limit s" >&2 ;;
    *) echo "   failed with status $status: $(tail -n 1 "$out/$name.log")" >&2; failed=1 ;;
  esac
  cat "$out/$name.json"
}
kernels=("$programs/bench")
[ "$device" = gpu ] || kernels+=(--device "$device")
section devices "$programs/tern" devices --json
section kernels "${kernels[@]}"
section kernels-narrow "${kernels[@]}" --narrow
printf '\000\100\015\003\000' >"$out/fibonacci.in"
section fibonacci "$programs/tern" prove "$here/guest-evm/elf/plain.elf" --input "$out/fibonacci.in" -o "$out/fibonacci.proof" --device "$device" --json
section fibonacci-kernels "$programs/tern" prove "$here/guest-evm/elf/plain.elf" --input "$out/fibonacci.in" -o "$out/fibonacci-kernels.proof" --device "$device" --device-times "$out/fibonacci.times" --json
for block in "$@"; do
  name="$(basename "$block" .json)"
  section "$name" "$programs/tern" block prove "$block" -o "$out/$name.proof" --device "$device" --json
  section "$name-kernels" "$programs/tern" block prove "$block" -o "$out/$name-kernels.proof" --device "$device" --device-times "$out/$name.times" --json
  section "$name-verified" "$programs/tern" block verify "$out/$name.proof" --json
done
exit "$failed"
