#!/usr/bin/env bash
# From a fresh Debian 12 machine to a first result: installs packages, builds one example and runs it on real flights.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s ==\n' "$1"; }
# Runs a command silently; shows what it said only if it fails.
quietly() {
  local log=build/quickstart/$1.log
  shift
  mkdir -p build/quickstart
  "$@" >"$log" 2>&1 </dev/null || {
    tail -n 40 "$log"
    printf '\nFAILED: %s\nThe whole output is in %s\n' "$*" "$log"
    exit 1
  }
}

say "Packages"
bash tools/install_packages.sh --build

say "Building the engine and examples/flights_hourly.cc (some minutes the first time)"
begin=$SECONDS
if [ ! -f build/release/build.ninja ]; then
  # Tests and benchmarks need more packages; tools/test.sh turns them on again.
  quietly configure cmake --preset release -DWEIR_TESTS=OFF -DWEIR_BENCHMARKS=OFF
fi
quietly build cmake --build --preset release --target flights_hourly
echo "done in $((SECONDS - begin)) s"

say "Counting 20,000 flights of February 2001 per origin and hour"
out=build/quickstart/out
rm -rf "$out"
build/release/examples/flights_hourly --input examples/data/flights_20k.csv --output "$out"

say "The busiest hours"
python3 tools/show_busiest.py "$out"

cat <<'TEXT'

== What to try next ==
  build/release/examples/flights_hourly --help              what the job and the engine take
  cmake --build --preset release --target word_count        another example, 20 lines
  build/release/examples/word_count --input examples/data/moby_dick.txt | tail
  tools/test.sh --quick                                     all checks and tests
  README.md, docs/architecture.md                           where everything is
TEXT
