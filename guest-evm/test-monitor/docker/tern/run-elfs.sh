#!/usr/bin/env bash
# Runs every ELF file below a folder with `BINARY execute ELF`: a test has passed if the exit status
# is 0.
#
#     run-elfs.sh BINARY ELF_FOLDER RESULTS_FOLDER LABEL...
#
# For each label, writes what the monitor reads: RESULTS_FOLDER/summary-act4-LABEL.json and
# results-act4-LABEL.json. Prints the names of failed tests. Exit status: 0 all passed, 1 some
# failed, 2 nothing could be run.
#
# ACT4_JOBS   how many tests run at the same time (default: one for each core)
set -euo pipefail
if [ $# -lt 4 ]; then
  echo "usage: run-elfs.sh BINARY ELF_FOLDER RESULTS_FOLDER LABEL..." >&2
  exit 2
fi
binary=$1 elfs=$2 results=$3
shift 3
[ -x "$binary" ] || { echo "$binary is no program that can be run" >&2; exit 2; }
mapfile -t tests < <(find "$elfs" -name '*.elf' | sort)
[ "${#tests[@]}" -gt 0 ] || { echo "there is no ELF file in $elfs" >&2; exit 2; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# A test that does not end within a minute has failed, too.
run='if timeout 60 "$1" execute "$2" >/dev/null 2>&1 </dev/null; then echo passed; else echo failed; fi >"$3/$(basename "$2").status"'
printf '%s\0' "${tests[@]}" | xargs -0 -P "${ACT4_JOBS:-$(nproc)}" -I{} bash -c "$run" run "$binary" {} "$scratch"

# The names of the tests that passed, or failed, as the inside of a JSON array: names of files of
# the suite need no escapes.
names() {
  grep -lx "$1" "$scratch"/*.status | sed 's|.*/||; s|\.elf\.status$||; s|.*|"&"|' | paste -sd, || true
}
passed=$(names passed)
failed=$(names failed)
count() { tr -cd '"' <<<"$1" | wc -c | awk '{ print $1 / 2 }'; }
mkdir -p "$results"
for label in "$@"; do
  printf '{"zkvm":"tern","suite":"act4-%s","timestamp":"%s","passed":%s,"failed":%s,"total":%s}\n' \
    "${label%-isa}" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$(count "$passed")" "$(count "$failed")" "${#tests[@]}" >"$results/summary-act4-$label.json"
  printf '{"passed":[%s],"failed":[%s],"prove_failed":[],"verify_failed":[]}\n' "$passed" "$failed" >"$results/results-act4-$label.json"
done
echo "$(count "$passed") of ${#tests[@]} tests passed"
[ -z "$failed" ] || { echo "failed: $failed"; exit 1; }
