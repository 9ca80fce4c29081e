# Short names for what the scripts do; each works from a clean clone.
.PHONY: build run test asan tsan fuzz bench e2e-clients e2e-modes install clean

build:
	@scripts/setup
	@scripts/build

run:
	@scripts/run

test:
	@scripts/test

# The whole suite, unit and end to end, under AddressSanitizer and UBSan.
asan:
	@scripts/setup
	@scripts/build build-asan -Db_sanitize=address,undefined -Db_lundef=false
	@meson test -C build-asan --no-rebuild --print-errorlogs
	@HEADROOM_BUILD=build-asan node tests/e2e/run.mjs

# The threaded parts under ThreadSanitizer.
tsan:
	@scripts/setup
	@scripts/build build-tsan -Db_sanitize=thread -Db_lundef=false
	@meson test -C build-tsan --no-rebuild --print-errorlogs
	@HEADROOM_BUILD=build-tsan node tests/e2e/run.mjs

# Each fuzz target for FUZZ_SECONDS (default 20).
fuzz:
	@scripts/setup fuzz
	@scripts/fuzz

bench:
	@scripts/setup bench
	@scripts/build build-release --buildtype=release
	@tests/bench/run

# Real agent programs from npm against a scripted upstream; large downloads.
e2e-clients:
	@scripts/setup
	@scripts/build
	@tests/e2e/clients/run

install: build
	@meson install -C build

clean:
	rm -rf build build-*
