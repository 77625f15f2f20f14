#!/usr/bin/env bash
# Opens the kiosk's window; without a display it starts a virtual one and leaves a picture of it every few seconds.
set -euo pipefail
binary=$1
: "${MADOGUCHI_DATA_DIR:=${XDG_DATA_HOME:-$HOME/.local/share}/madoguchi-qa}"
export MADOGUCHI_DATA_DIR WEBKIT_DISABLE_DMABUF_RENDERER=1
mkdir -p "$MADOGUCHI_DATA_DIR"

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    echo "• opening the kiosk in QA mode; data in $MADOGUCHI_DATA_DIR"
    exec "$binary"
fi

pictures=$PWD/artifacts/run
mkdir -p "$pictures"
display=:$((90 + RANDOM % 900))
echo "• no display here: starting a virtual one ($display)"
Xvfb "$display" -screen 0 1600x1000x24 -nolisten tcp >/dev/null 2>&1 &
xvfb=$!
trap 'kill $xvfb 2>/dev/null || true' EXIT
export DISPLAY=$display LIBGL_ALWAYS_SOFTWARE=1
sleep 1
dbus-run-session -- "$binary" &
kiosk=$!
trap 'kill $kiosk $xvfb 2>/dev/null || true' EXIT
echo "• the kiosk is open; its picture is kept fresh in $pictures/screen.png (needs ImageMagick); stop with Ctrl-C"
while kill -0 $kiosk 2>/dev/null; do
    sleep 3
    command -v import >/dev/null && import -window root "$pictures/.next.png" 2>/dev/null && mv "$pictures/.next.png" "$pictures/screen.png"
done
wait $kiosk
