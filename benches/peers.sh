#!/usr/bin/env bash
# The same simulated passport through pcscd and vpcd, read by Madoguchi and by other crates in turns. usage: benches/peers.sh [ROUNDS]
set -euo pipefail
cargo build --locked --quiet --release --manifest-path benches/peers/readers/Cargo.toml --target-dir "${PEERS_TARGET_DIR:-target-peers}"
if ! pgrep -x pcscd >/dev/null; then
    pcscd --foreground >/dev/null 2>&1 &
    service=$!
    trap 'kill "$service"' EXIT
    sleep 1
fi
"${PEERS_TARGET_DIR:-target-peers}/release/peer-readers" "${1:-9}"
