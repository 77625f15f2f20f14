#!/usr/bin/env bash
# Installs what a target needs and is missing; says exactly what to install where it cannot. Usage: scripts/need.sh GROUP...
set -euo pipefail

say() { printf '%s\n' "• $*" >&2; }
stop() { printf '%s\n' "✗ $*" >&2; exit 1; }

declare -A group=(
    [build]="build-essential pkg-config libclang-dev libpcsclite-dev libwebkit2gtk-4.1-dev libgtk-3-dev libsoup-3.0-dev librsvg2-dev ca-certificates"
    [run]="xvfb xauth dbus x11-utils"
    [test]="pcscd vsmartcard-vpcd opensc xvfb xauth dbus x11-utils imagemagick webkit2gtk-driver chromium openssl util-linux procps"
    [guest]="qemu-system-x86 busybox-static cpio kmod xz-utils"
    [windows]="rustc-web cargo-web rust-web-src gcc-mingw-w64-x86-64-win32 g++-mingw-w64-x86-64-win32 nasm cmake wine64"
)

packages() { # installs the Debian packages that dpkg does not know as installed
    local missing=() name
    for name in "$@"; do
        dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    command -v apt-get >/dev/null || stop "apt-get is not here. Install the equivalents of: ${missing[*]}"
    local root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || stop "Not root and no sudo. As root: apt-get install ${missing[*]}"
        root=(sudo)
    fi
    say "installing with apt: ${missing[*]}"
    "${root[@]}" apt-get update -qq
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

command -v cargo >/dev/null || stop "cargo is not here. Install Rust 1.95 or newer: https://www.rust-lang.org/tools/install"
have=$(rustc --version | sed -E 's/^rustc ([0-9]+)\.([0-9]+).*/\1 \2/')
read -r major minor <<<"$have"
[ "$major" -gt 1 ] || [ "$minor" -ge 95 ] || stop "rustc $major.$minor is older than 1.95. Run: rustup update stable"
command -v node >/dev/null || stop "Node.js is not here. Install Node.js 20 or newer (Debian 12 packages only 18): https://nodejs.org"
node_major=$(node -p 'process.versions.node.split(".")[0]')
[ "$node_major" -ge 20 ] || stop "Node.js $node_major is older than 20. Install Node.js 20 or newer: https://nodejs.org"
command -v npm >/dev/null || stop "npm is not here. It comes with Node.js 20 or newer: https://nodejs.org"

for name in "$@"; do
    [ -n "${group[$name]:-}" ] || stop "unknown group $name"
    # shellcheck disable=SC2086
    packages ${group[$name]}
done

# The page's packages, exactly as locked, without their install scripts.
if [ ! -e ui/node_modules/.package-lock.json ] || [ ui/package-lock.json -nt ui/node_modules/.package-lock.json ]; then
    say "installing the page's packages with npm"
    (cd ui && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)
    touch ui/node_modules/.package-lock.json
fi
