#!/usr/bin/env bash
# Builds the benchmarks and runs each against its hand-written baseline: tools/bench.sh [name...]
# Prints name | ours | baseline | ratio per CPU-second and writes build/bench.json. See benchmarks/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tools/install_packages.sh
mkdir -p build/logs
cmake --preset release >build/logs/bench_configure.log 2>&1 || { tail -n 40 build/logs/bench_configure.log; exit 1; }
exec python3 tools/bench.py "$@"
