# run · test · check · fuzz · bench · windows. Each installs what is missing, says what it does, and repeats in seconds.
# Nothing here asks for a file to edit; every choice is an environment variable with a default.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
CARGO ?= cargo
TARGET ?= $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
ARTIFACTS ?= artifacts

UI_SOURCES := $(shell find ui/src ui/public crates/session/texts -type f 2>/dev/null) \
              ui/index.html ui/package.json ui/vite.config.ts ui/svelte.config.js ui/tsconfig.json

.PHONY: help run test check fuzz bench windows session programs ui-test rust-test guest-test browser-test window-test clean

help:
	@echo "make run      open the kiosk in QA mode (simulated card and camera, embedded backend)"
	@echo "make session  one whole session without a window, result as JSON"
	@echo "make test     every test: crates, PC/SC, camera guest, page in a browser, the real window"
	@echo "make check    formatting, lints, types, licences and advisories"
	@echo "make fuzz     every parser under libFuzzer (FUZZ_SECONDS for each, 60; FUZZ_TARGET for one)"
	@echo "make bench    side-by-side measurements"
	@echo "make windows  cross-build for Windows and run kioskctl.exe's own checks under Wine"

ui/dist/index.html: $(UI_SOURCES) ui/package-lock.json
	@echo "• building the page"
	@cd ui && npm run --silent build
	@touch $@

run:
	@scripts/need.sh build run
	@$(MAKE) --no-print-directory ui/dist/index.html
	@echo "• building the kiosk"
	@$(CARGO) build --locked --quiet --package madoguchi --features simulator
	@scripts/open-window.sh $(TARGET)/debug/madoguchi

session:
	@scripts/need.sh build
	@echo "• building kioskctl" >&2
	@$(CARGO) build --locked --quiet --package kioskctl
	@data=$$(mktemp -d) && trap 'rm -rf "$$data"' EXIT && \
	  $(TARGET)/debug/kioskctl session run --script tests/sessions/counter-passport.json --data-dir "$$data" --json

test:
	@scripts/need.sh build run test guest
	@$(MAKE) --no-print-directory ui-test rust-test guest-test browser-test window-test
	@echo "• everything passed; pictures of every screen are in $(ARTIFACTS)/"

ui-test: ui/dist/index.html
	@echo "• page: types and unit tests"
	@cd ui && npm run --silent check && npm test --silent

# One set of programs, built once with one set of features, is what every later step runs. The tests are built with them: what they
# depend on switches features on, and built apart every dependency would be compiled twice.
programs: ui/dist/index.html
	@echo "• building the programs and their tests"
	@$(CARGO) build --locked --quiet --workspace --bins --tests --features madoguchi/simulator

rust-test: programs
	@echo "• crates, sessions, PC/SC"
	@$(CARGO) test --locked --workspace --features madoguchi/simulator

guest-test: programs
	@echo "• camera: nokhwa on a real Video4Linux device in the emulated guest"
	@tests/guest/run.sh $(TARGET)/debug/kioskctl

browser-test: ui/dist/index.html
	@echo "• page in Chromium: every screen, three languages, 100 and 200 %, troubles, high contrast"
	@cd ui && npm run --silent e2e:ui

window-test: programs
	@echo "• the real window: sessions in three languages, troubles, the reference passport through pcscd"
	@MADOGUCHI_BIN="$(abspath $(TARGET))/debug/madoguchi" xvfb-run --auto-servernum --server-args "-screen 0 1600x1000x24" \
	  dbus-run-session -- npm --prefix ui run --silent e2e:window

check:
	@scripts/need.sh build
	@$(MAKE) --no-print-directory ui/dist/index.html
	@$(CARGO) fmt --all --check
	@$(CARGO) clippy --locked --quiet --workspace --lib --bins --features madoguchi/simulator -- -D warnings
	@# Helpers of tests may unwrap and print like the tests they serve.
	@$(CARGO) clippy --locked --quiet --workspace --all-targets --features madoguchi/simulator -- -D warnings -A clippy::unwrap_used -A clippy::print_stdout -A clippy::wildcard_enum_match_arm -A clippy::type_complexity -A clippy::large_enum_variant
	@cd ui && npm run --silent check
	@command -v cargo-deny >/dev/null || { echo "• installing cargo-deny"; $(CARGO) install --locked --quiet cargo-deny; }
	@$(CARGO) deny --locked check

fuzz:
	@scripts/need.sh build
	@scripts/fuzz.sh

bench:
	@scripts/need.sh build run test
	@$(MAKE) --no-print-directory ui/dist/index.html
	@echo "• building for measurement (release; about a quarter of an hour when cold)"
	@$(CARGO) build --locked --quiet --release --package kioskctl
	@$(CARGO) build --locked --quiet --release --package madoguchi --features simulator --bin madoguchi --example bare_window
	@benches/run.sh $(TARGET)/release/kioskctl
	@xvfb-run --auto-servernum --server-args "-screen 0 1600x1000x24" dbus-run-session -- \
	  node benches/window.mjs $(abspath $(TARGET))/release/madoguchi $(abspath $(TARGET))/release/examples/bare_window
	@MADOGUCHI_BIN="$(abspath $(TARGET))/release/madoguchi" xvfb-run --auto-servernum --server-args "-screen 0 1600x1000x24" \
	  dbus-run-session -- node benches/verdict.mjs
	@$(CARGO) build --locked --quiet --workspace --features madoguchi/simulator --example reading-cost
	@$(TARGET)/debug/examples/reading-cost

windows:
	@scripts/need.sh build windows
	@$(MAKE) --no-print-directory ui/dist/index.html
	@scripts/windows.sh

clean:
	@rm -rf ui/dist ui/node_modules $(ARTIFACTS)
	@$(CARGO) clean
