#!/usr/bin/env bash
# Side by side with named peers and physical limits, in one interleaved run; prints medians and ratios.
# Whole-process times: starting the program is part of what an operator waits for.
set -euo pipefail
kioskctl=$1
rounds=${ROUNDS:-15}
data=${MADOGUCHI_TEST_DATA:-../shared/data}/emrtd
[ -d "$data" ] || { echo "✗ test data absent: NOTHING WAS MEASURED (set MADOGUCHI_TEST_DATA)" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C

millis() { # runs a command, prints its wall time in ms
    local begun ended
    begun=$(date +%s%N)
    "$@" >/dev/null 2>&1 || { echo "✗ failed: $*" >&2; exit 1; }
    ended=$(date +%s%N)
    echo $(((ended - begun) / 1000)) | awk '{printf "%.2f\n", $1 / 1000}'
}
median() { sort -n "$1" | awk '{v[NR] = $1} END {print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
compare() { # title, ours, peer's name, peer
    local title=$1 ours=$2 name=$3 peer=$4 round
    : >"$work/ours"; : >"$work/peer"
    for ((round = 0; round <= rounds; round++)); do
        local a b
        a=$(millis $ours); b=$(millis $peer)
        [ "$round" -eq 0 ] && continue # warm-up
        echo "$a" >>"$work/ours"; echo "$b" >>"$work/peer"
    done
    awk -v t="$title" -v n="$name" -v a="$(median "$work/ours")" -v b="$(median "$work/peer")" \
        'BEGIN {printf "%-52s %9.2f ms   %-34s %9.2f ms   ratio %.2f\n", t, a, n, b, a / b}'
}

# EF.SOD is a ContentInfo inside tag 77; the peer takes the ContentInfo.
for country in DE FR; do
    tail -c +5 "$data/sod/${country}_EF_SOD.bin" >"$work/$country.cms"
    compare "EF.SOD $country: signature, no chain" "$kioskctl verify passport --sod $data/sod/${country}_EF_SOD.bin" \
        "openssl cms -verify -noverify" "openssl cms -verify -noverify -inform DER -in $work/$country.cms"
done
list=$data/masterlist/DE_ML_2026-05-28.ml
compare "master list: 588 read, 572 signatures verified" "$kioskctl trust inspect $list" \
    "openssl cms -verify (list signature only)" "openssl cms -verify -noverify -inform DER -in $list"
if "$kioskctl" session --help >/dev/null 2>&1; then
    : >"$work/ours"
    for ((round = 0; round < 3; round++)); do
        rm -rf "$work/data"
        "$kioskctl" session run --script tests/sessions/counter-passport.json --data-dir "$work/data" --json | awk -F'[:,]' '/"ms"/ {print $2}' >>"$work/ours"
    done
    awk -v a="$(median "$work/ours")" 'BEGIN {printf "%-52s %9.0f ms   %-34s %9.0f ms   ratio %.2f\n", "whole session, no human delay", a, "legal display and decision waits", 4000, a / 4000}'
fi
