#!/usr/bin/env bash
# Tests what the monitor takes from this folder: assembles tests in the suite's form with Tern's
# macros and linker script, lets `qemu-riscv64` say what each expects, and has run-elfs.sh run them.
# Then each is made to fail. One passed and one failed test are proved and verified.
#
# Needs Debian's gcc-riscv64-unknown-elf and qemu-user.
#
# TERN   the `tern` command (default target/release/tern, built if absent)
set -euo pipefail
cd "$(dirname "$0")/../.."
tern=${TERN:-${CARGO_TARGET_DIR:-target}/release/tern}
[ -n "${TERN:-}" ] || cargo build --release --locked --bin tern
monitor=guest-evm/test-monitor
config=$monitor/act4-configs/tern/tern-rv64im-zicclsm
scratch=$(mktemp -d "${TMPDIR:-/tmp}/tern-monitor.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch"/{signature,pass,fail,results}

compile() { riscv64-unknown-elf-gcc -march=rv64im -mabi=lp64 -nostdlib -static -I "$monitor/tests" "$@"; }
# dut TEST SIGNATURE ELF: the self-checking test, as the suite's framework builds it.
dut() {
  compile -I "$config" -T "$config/link.ld" -Wl,-z,max-page-size=4096 -DRVTEST_SELFCHECK -DSIGNATURE_FILE="\"$2\"" "$monitor/tests/$1.S" -o "$3"
}
# status COMMAND...: its exit status.
status() {
  local got=0
  "$@" >"$scratch/shown" 2>&1 || got=$?
  echo "$got"
}
expect() {
  [ "$2" = "$3" ] || { echo "$1: $2 instead of $3: $(cat "$scratch/shown")"; exit 1; }
}

values=0
for source in "$monitor"/tests/[IM]-*.S; do
  name=$(basename "$source" .S)
  reference=$scratch/signature/$name
  compile -I "$monitor/tests/reference" -Wl,-e,rvtest_entry_point "$source" -o "$scratch/reference"
  qemu-riscv64 "$scratch/reference" >"$reference"
  dut "$name" "$reference" "$scratch/pass/$name.elf"
  # The last value that the test compares is the last one that the reference wrote.
  used=$(od -An -v -tx8 -w8 "$reference" | grep -vnx ' 00000000deadbeef' | tail -1 | cut -d: -f1)
  values=$((values + used))
  for at in 0 $((8 * used - 1)); do
    cp "$reference" "$reference.changed"
    byte=$(od -An -tu1 -j "$at" -N 1 "$reference")
    printf "\\x$(printf %02x $((byte ^ 1)))" | dd of="$reference.changed" bs=1 seek="$at" conv=notrunc status=none
    dut "$name" "$reference.changed" "$scratch/fail/$name-$at.elf"
    expect "$name with byte $at of its signature changed" "$(status "$tern" execute "$scratch/fail/$name-$at.elf")" 1
  done
done
head -c 8192 /dev/zero >"$scratch/signature/illegal"
dut illegal "$scratch/signature/illegal" "$scratch/fail/illegal.elf"
expect "a CSR instruction" "$(status "$tern" execute "$scratch/fail/illegal.elf")" 1
grep -q 'csr\|CSR\|illegal' "$scratch/shown" || { echo "the error does not name the instruction: $(cat "$scratch/shown")"; exit 1; }

run=$monitor/docker/tern/run-elfs.sh
passed=$(find "$scratch/pass" -name '*.elf' | wc -l)
failed=$(find "$scratch/fail" -name '*.elf' | wc -l)
expect "all that pass" "$(status bash "$run" "$tern" "$scratch/pass" "$scratch/results" full-isa standard-isa)" 0
expect "its summary" "$(grep -o '"passed":.*' "$scratch/results/summary-act4-full-isa.json")" "\"passed\":$passed,\"failed\":0,\"total\":$passed}"
expect "both labels" "$(cut -d, -f4- "$scratch/results/summary-act4-standard-isa.json")" "$(cut -d, -f4- "$scratch/results/summary-act4-full-isa.json")"
expect "some that fail" "$(status bash "$run" "$tern" "$scratch" "$scratch/results" full-isa)" 1
expect "its summary" "$(grep -o '"passed":.*' "$scratch/results/summary-act4-full-isa.json")" \
  "\"passed\":$passed,\"failed\":$failed,\"total\":$((passed + failed))}"
python3 - "$scratch/results/results-act4-full-isa.json" "$passed" "$failed" <<'PYTHON'
import json, sys
results = json.load(open(sys.argv[1]))
assert [len(results["passed"]), len(results["failed"])] == [int(count) for count in sys.argv[2:]], results
assert "illegal" in results["failed"] and "M-div" in results["passed"], results
PYTHON
expect "no ELF file" "$(status bash "$run" "$tern" "$scratch/signature" "$scratch/results" full-isa)" 2
expect "no program" "$(status bash "$run" "$scratch/none" "$scratch/pass" "$scratch/results" full-isa)" 2

# Passed and failed tests are runs like any other: the digest that the macros give is that of their
# output.
for case in "pass/M-div 0" "fail/M-div-0 1"; do
  read -r elf code <<<"$case"
  "$tern" prove "$scratch/$elf.elf" --exit-code "$code" --kind segments -o "$scratch/proof" >"$scratch/shown" 2>&1 || { cat "$scratch/shown"; exit 1; }
  expect "the proof of $elf" "$(status "$tern" verify "$scratch/$elf.elf" "$scratch/proof" --exit-code "$code")" 0
  rm -r "$scratch/proof"*
done
echo "zkevm-test-monitor: $passed tests passed with $values values of qemu-riscv64, $failed made to fail, one of each proved"
