#!/usr/bin/env bash
# Passive authentication and the import of a list, in turns with OpenSSL's low-level calls on the same files, one thread each.
# usage: benches/trust.sh [TURNS]; needs cc and libssl-dev. Each turn is the best of ROUNDS runs; the last table is the best of all turns.
set -euo pipefail
turns=${1:-5}
rounds=${ROUNDS:-7}
data=${MADOGUCHI_TEST_DATA:-../shared/data}
[ -d "$data/emrtd" ] || { echo "✗ test data absent: NOTHING WAS MEASURED (set MADOGUCHI_TEST_DATA)" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo build --locked --quiet --release --package trust --example speed
cc -O2 -o "$work/peer" benches/peers/openssl_list.c -lcrypto
export LC_ALL=C
for ((turn = 0; turn < turns; turn++)); do
    "${CARGO_TARGET_DIR:-target}/release/examples/speed" "$data" "$rounds" >>"$work/ours"
    "$work/peer" "$data" "$rounds" >>"$work/peers"
done
best() { sed -E 's/ +[0-9]+  best +([0-9.]+) ms.*/\t\1/' "$1" | awk -F'\t' '!($1 in b) || $2 < b[$1] {b[$1] = $2} END {for (k in b) print k "\t" b[k]}' | sort; }
best "$work/ours" | sed -E 's/^(EF.SOD ..)[^\t]*/\1/' | sort >"$work/a"
best "$work/peers" | sort >"$work/b"
join -t "$(printf '\t')" -a 1 -e - -o 0,1.2,2.2 "$work/a" "$work/b" |
    awk -F'\t' '{r = ($3 == "-" || $3 == 0) ? "-" : sprintf("%.2f", $2 / $3); printf "| %-44s | %9s ms | %9s ms | %5s |\n", $1, $2, $3, r}'
