#!/usr/bin/env bash
# Runs the fuzz targets under libFuzzer, on the stable toolchain: FUZZ_SECONDS for each (60), FUZZ_TARGET for one alone.
# New inputs stay under target/fuzz/; crashes go to artifacts/fuzz/<target>/, and one of them fails the run.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${FUZZ_SECONDS:-60}
target_dir=${FUZZ_TARGET_DIR:-tests/fuzz/target}
artifacts=$(realpath -m "${ARTIFACTS:-artifacts}/fuzz")
host=$(rustc -vV | sed -n 's/^host: //p')

# LLVM's coverage pass is in the stable compiler; only the address sanitizer is not, and nothing here is unsafe code of ours.
# With --target, build scripts and macros stay without coverage.
flags="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters"
flags+=" -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
command -v c++ >/dev/null || { echo "✗ c++ is not here; libFuzzer is C++. Install: build-essential" >&2; exit 1; }
echo "• building the fuzzer" >&2
RUSTFLAGS="$flags" CARGO_TARGET_DIR="$target_dir" ${CARGO:-cargo} build --quiet --release --target "$host" \
    --manifest-path tests/fuzz/Cargo.toml
fuzzer=$(realpath "$target_dir/$host/release/fuzz")

failed=()
printf '%-14s %10s %8s %8s %10s %10s\n' target runs runs/s edges 'new edges' 'new inputs'
for corpus in tests/fuzz/corpus/*/; do
    name=$(basename "$corpus")
    [ -z "${FUZZ_TARGET:-}" ] || [ "$FUZZ_TARGET" = "$name" ] || continue
    found=$target_dir/found/$name
    log=$target_dir/$name.log
    mkdir -p "$found" "$artifacts/$name"
    # The longest seed is 20 kB. An image may take two seconds; coverage and a busy machine make that wall time of ten.
    if ! FUZZ_TARGET=$name "$fuzzer" "$found" "$corpus" -max_total_time="$seconds" -max_len=32768 -timeout=10 -rss_limit_mb=1024 \
        -print_final_stats=1 -artifact_prefix="$artifacts/$name/" >"$log" 2>&1; then
        failed+=("$name")
    fi
    stat() { sed -n "s/^stat::$1: *//p" "$log"; }
    edges() { sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log"; }
    first=$(sed -n 's/.*INITED cov: \([0-9]*\) .*/\1/p' "$log")
    last=$(edges | tail -1)
    printf '%-14s %10s %8s %8s %10s %10s\n' "$name" "$(stat number_of_executed_units)" "$(stat average_exec_per_sec)" \
        "${last:-0}" "$((${last:-0} - ${first:-0}))" "$(stat new_units_added)"
done
rmdir "$artifacts"/* 2>/dev/null || true

for name in "${failed[@]}"; do
    echo "✗ $name failed; its input is in $artifacts/$name/, what it said in $target_dir/$name.log" >&2
done
[ ${#failed[@]} -eq 0 ]
