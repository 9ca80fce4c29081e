# Short names for what the scripts do; each works from a clean clone.
.PHONY: build run test asan tsan soak fuzz bench e2e-clients install clean

ASAN = -Db_sanitize=address,undefined -Db_lundef=false

build:
	@scripts/setup
	@scripts/build

run:
	@scripts/run

test:
	@scripts/test

# Every suite, unit and end to end, under AddressSanitizer and UBSan. A report of
# either fails the suite, whatever the program answered; leaks are looked for at
# every orderly end.
asan:
	@scripts/setup
	@scripts/build build-asan $(ASAN)
	@ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
		meson test -C build-asan --no-rebuild -t 4 --print-errorlogs
	@HEADROOM_BUILD=build-asan node tests/e2e/run.mjs

# The same under ThreadSanitizer; end to end in the two modes whose threads differ.
tsan:
	@scripts/setup
	@scripts/build build-tsan -Db_sanitize=thread -Db_lundef=false
	@TSAN_OPTIONS=second_deadlock_stack=1:suppressions=$(CURDIR)/tests/tsan.supp \
		meson test -C build-tsan --no-rebuild -t 8 --print-errorlogs
	@HEADROOM_BUILD=build-tsan node tests/e2e/run.mjs plain tls

# 10,000 mixed requests: memory, descriptors and the log; then again for leaks.
soak:
	@scripts/setup
	@scripts/build
	@node tests/e2e/run.mjs --slow soak
	@node tests/e2e/run.mjs --slow plain upload
	@scripts/build build-asan $(ASAN)
	@HEADROOM_BUILD=build-asan node tests/e2e/run.mjs --slow soak

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
