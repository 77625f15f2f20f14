#!/bin/bash
# Proves the real camera path (nokhwa on Video4Linux) without a camera: boots Debian's kernel with its test-pattern camera
# driver in an emulated machine, runs a probe program inside, and judges the program's JSON answer.
#
#   tests/guest/run.sh [--cache DIR] PROBE_BINARY [ARGUMENT]...
#
# The arguments default to `camera probe --json --frames 15 --timeout 45`. Exit 0 only if the probe saw at least 10 distinct frames from
# /dev/video0. Everything downloaded or built stays below the cache directory (default: $MADOGUCHI_GUEST_CACHE, else
# target/guest); the kernel is unpacked, never installed.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=${MADOGUCHI_GUEST_CACHE:-$root/target/guest}
if [ "${1:-}" = "--cache" ]; then
    cache=$2
    shift 2
fi
[ $# -ge 1 ] || { echo "usage: $0 [--cache DIR] PROBE_BINARY [ARGUMENT]..." >&2; exit 2; }
probe=$(readlink -f "$1")
shift
[ -x "$probe" ] || { echo "guest: $probe is no program" >&2; exit 2; }
[ $# -gt 0 ] || set -- camera probe --json --frames 15 --timeout 45

# In the order of their dependencies; vivid is the kernel's virtual camera.
modules="mc videodev videobuf2-common videobuf2-v4l2 rc-core cec v4l2-dv-timings v4l2-tpg videobuf2-memops
    videobuf2-dma-contig videobuf2-vmalloc vivid"
minimum_distinct=10
time_limit=${MADOGUCHI_GUEST_SECONDS:-120}

require() {
    command -v "$1" > /dev/null && return
    echo "guest: '$1' is missing: apt-get install $2" >&2
    exit 3
}
require qemu-system-x86_64 qemu-system-x86
require cpio cpio
require dpkg-deb dpkg
require apt-get apt
[ -x /bin/busybox ] && ! ldd /bin/busybox > /dev/null 2>&1 || {
    echo "guest: a static /bin/busybox is missing: apt-get install busybox-static" >&2
    exit 3
}

mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
exec 9> "$cache/lock"
flock 9

# --- the kernel: image and modules of Debian's linux-image-amd64 -------------------------------------------------------
fetch_kernel() {
    local package deb
    package=$(apt-cache depends linux-image-amd64 2> /dev/null |
        sed -n 's/^ *Depends: \(linux-image-[0-9].*-amd64\)$/\1/p' | head -n 1)
    [ -n "$package" ] || { echo "guest: apt knows no linux-image-amd64: run apt-get update" >&2; return 1; }
    echo "guest: downloading $package" >&2
    rm -rf "$cache/download"
    mkdir -p "$cache/download"
    (cd "$cache/download" && apt-get -q -o APT::Sandbox::User=root download "$package" >&2)
    deb=$(echo "$cache/download/$package"_*.deb)
    rm -rf "$cache/kernel.new"
    mkdir -p "$cache/kernel.new"
    dpkg -x "$deb" "$cache/kernel.new/unpacked"
    mv "$cache/kernel.new"/unpacked/boot/vmlinuz-* "$cache/kernel.new/vmlinuz"
    mkdir "$cache/kernel.new/modules"
    local module file
    for module in $modules; do
        file=$(find "$cache/kernel.new/unpacked/lib/modules" -name "$module.ko*" | head -n 1)
        [ -n "$file" ] || { echo "guest: $package has no module $module" >&2; return 1; }
        case $file in
            *.ko) cp "$file" "$cache/kernel.new/modules/" ;;
            *.ko.xz) xz -dc "$file" > "$cache/kernel.new/modules/$module.ko" ;;
            *.ko.zst) zstd -qdc "$file" > "$cache/kernel.new/modules/$module.ko" ;;
            *) echo "guest: unknown compression: $file" >&2; return 1 ;;
        esac
    done
    printf '%s\n' $modules > "$cache/kernel.new/modules/order"
    rm -rf "$cache/kernel.new/unpacked" "$cache/download" "$cache/kernel"
    mv "$cache/kernel.new" "$cache/kernel"
}
if [ ! -e "$cache/kernel/vmlinuz" ]; then
    for attempt in 1 2 3; do
        fetch_kernel && break
        [ "$attempt" -lt 3 ] || { echo "guest: the kernel package could not be fetched" >&2; exit 3; }
        apt-get -q update >&2 || true
    done
fi

# --- the initramfs: busybox, the modules, the probe and the libraries it is linked to ----------------------------------
tree=$cache/tree
rm -rf "$tree"
mkdir -p "$tree"/{bin,dev,proc,sys,tmp,probe}
cp /bin/busybox "$tree/bin/"
cp -r "$cache/kernel/modules" "$tree/modules"
cp "$here/init" "$tree/init"
chmod 755 "$tree/init"
cp "$probe" "$tree/probe/program"
strip "$tree/probe/program" 2> /dev/null || true
{
    printf 'exec /probe/program'
    printf ' %q' "$@"
    echo
} > "$tree/probe/command"
{ ldd "$probe" || true; } | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$tree$(dirname "$library")"
    cp -L "$library" "$tree$library"
done
(cd "$tree" && find . | cpio --quiet -o -H newc | gzip -1) > "$cache/initramfs.gz"

# --- the machine -------------------------------------------------------------------------------------------------------
serial=$cache/serial.log
started=$(date +%s)
# Plain emulation: hardware acceleration is absent or hangs inside other virtual machines.
timeout "$time_limit" qemu-system-x86_64 -accel tcg -cpu max -m 1024 -smp 2 -nographic -no-reboot -nodefaults \
    -serial "file:$serial" -kernel "$cache/kernel/vmlinuz" -initrd "$cache/initramfs.gz" \
    -append "console=ttyS0 quiet panic=-1" < /dev/null 9>&- ||
    { echo "guest: the machine did not power off within $time_limit s" >&2; tail -n 20 "$serial" >&2; exit 1; }
echo "guest: ran for $(($(date +%s) - started)) s" >&2

# --- the verdict -------------------------------------------------------------------------------------------------------
between() {
    tr -d '\r' < "$serial" | sed -n "/^GUEST-$1-BEGIN/,/^GUEST-$1-END/p" | sed "/^GUEST-$1-/d"
}
tr -d '\r' < "$serial" | grep '^GUEST-MODULE-FAILED' >&2 || true
between MESSAGES >&2
answer=$(between ANSWER | tr -d '\n')
if [ -z "$answer" ]; then
    echo "guest: the probe gave no answer; the end of the serial log:" >&2
    tail -n 20 "$serial" >&2
    exit 1
fi
echo "$answer"
compact=$(printf %s "$answer" | tr -d ' \t')
distinct=$(printf %s "$compact" | sed -n 's/.*"distinct":\([0-9]*\).*/\1/p')
case $compact in
    *'"device":"/dev/video0"'*) ;;
    *) echo "guest: the frames did not come from /dev/video0" >&2; exit 1 ;;
esac
if [ "${distinct:-0}" -lt "$minimum_distinct" ]; then
    echo "guest: ${distinct:-no} distinct frames, $minimum_distinct are needed" >&2
    exit 1
fi
echo "guest: $distinct distinct frames from /dev/video0" >&2
