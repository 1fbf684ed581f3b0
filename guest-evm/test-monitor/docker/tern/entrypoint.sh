#!/usr/bin/env bash
# Generates the tests and runs them. What the monitor mounts:
#
#   /dut/tern-binary     the `tern` command
#   /act4/config/tern    act4-configs/tern
#   /results             where the summaries go
#
# ACT4_JOBS   how many tests run at the same time (default: one for each core)
set -euo pipefail
cd /act4
name=tern-rv64im-zicclsm
work=/act4/work

# The framework asks a tool in a container for the extensions unless this file is newer than the
# configuration.
mkdir -p "$work/$name"
printf '%s\n' I M Zicsr Zicclsm Sm Misalign >"$work/$name/extensions.txt"
touch -d 2099-01-01 "$work/$name/extensions.txt"

uv run act "config/tern/$name/test_config.yaml" --workdir "$work" --test-dir tests --extensions I,M,Misalign

# Tern's instructions are those of the standard's target, so both suites are the same tests.
bash /act4/run-elfs.sh /dut/tern-binary "$work/$name/elfs" /results full-isa standard-isa || [ $? -eq 1 ]
