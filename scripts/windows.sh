#!/usr/bin/env bash
# Cross-builds the app and kioskctl for Windows with Debian's compiler and its library sources, and runs kioskctl.exe under Wine.
set -euo pipefail
target=${WINDOWS_TARGET_DIR:-target-windows}
export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc-win32
export CC_x86_64_pc_windows_gnu=x86_64-w64-mingw32-gcc-win32
export CXX_x86_64_pc_windows_gnu=x86_64-w64-mingw32-g++-win32
export AR_x86_64_pc_windows_gnu=x86_64-w64-mingw32-ar
# nokhwa also builds a cdylib; without this the linker stops with "export ordinal too large".
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUSTFLAGS="-C link-arg=-Wl,--exclude-all-symbols"

echo "• cross-building the app and kioskctl.exe into $target (about ten minutes when cold)"
/usr/bin/cargo build --locked -Zbuild-std=std,panic_unwind --target x86_64-pc-windows-gnu --target-dir "$target" \
    --package kioskctl --package madoguchi --features madoguchi/simulator
out=$target/x86_64-pc-windows-gnu/debug
ls -l "$out/kioskctl.exe" "$out/madoguchi.exe"

# Wine 8 lacks bcryptprimitives.dll, which Rust's std imports. Enough for tests, never shipped.
run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
cat >"$run/prng.c" <<'C'
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) { return SystemFunction036(data, (ULONG)length); }
C
x86_64-w64-mingw32-gcc-win32 -shared -o "$run/bcryptprimitives.dll" "$run/prng.c" -ladvapi32
cp "$out/kioskctl.exe" "$run/"
export WINEPREFIX=$run/prefix WINEDEBUG=-all
wine=$(command -v wine64 || echo /usr/lib/wine/wine64)

echo "• kioskctl.exe under Wine: its own checks"
"$wine" "$run/kioskctl.exe" --json doctor
echo "• kioskctl.exe under Wine: a whole session with the in-process reader"
cp tests/sessions/counter-passport.json "$run/script.json"
(cd "$run" && "$wine" kioskctl.exe session run --script script.json --data-dir data --json)
list=${MADOGUCHI_TEST_DATA:-../shared/data}/emrtd/masterlist/DE_ML_2026-05-28.ml
if [ -e "$list" ]; then
    cp "$list" "$run/list.ml"
    echo "• kioskctl.exe under Wine: a published master list"
    (cd "$run" && "$wine" kioskctl.exe trust inspect list.ml --json) | head -c 600
else
    echo "✗ no master list in ${MADOGUCHI_TEST_DATA:-the test data}: that check was NOT made" >&2
fi
echo "• the window itself is NOT tried here: WebView2 does not run under Wine"
