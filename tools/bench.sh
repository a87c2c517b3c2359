#!/usr/bin/env bash
# Builds the benchmarks and runs each against its hand-written baseline: tools/bench.sh [name...]
# `tools/bench.sh cluster` measures daemons and the command line instead (tools/bench_cluster.py), `tools/bench.sh rest` the REST API (tools/bench_rest.py).
# Prints name | ours | baseline | ratio per CPU-second and writes build/bench.json. See benchmarks/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tools/install_packages.sh
mkdir -p build/logs
cmake --preset release >build/logs/bench_configure.log 2>&1 || { tail -n 40 build/logs/bench_configure.log; exit 1; }
if [ "${1:-}" = cluster ]; then
  shift
  cmake --build --preset release --target weir-cli weir-jobmanager weir-taskmanager cluster_jobs \
      exchange_latency recovery_job benchmark_remote_exchange benchmark_scheduler_scale \
    >build/logs/bench_build.log 2>&1 || { tail -n 40 build/logs/bench_build.log; exit 1; }
  exec python3 tools/bench_cluster.py "$@"
fi
if [ "${1:-}" = rest ]; then
  shift
  cmake --build --preset release --target weir-cli weir-jobmanager weir-taskmanager cluster_jobs counting_job word_count \
    >build/logs/bench_build.log 2>&1 || { tail -n 40 build/logs/bench_build.log; exit 1; }
  exec python3 tools/bench_rest.py "$@"
fi
exec python3 tools/bench.py "$@"
