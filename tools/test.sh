#!/usr/bin/env bash
# Installs what is missing, checks, builds and tests everything. Ends with ctest's own summary of the release build.
#
#   tools/test.sh          checks, address and thread sanitizers, release build with all tests
#   tools/test.sh --quick  checks, release build with all tests
#   tools/test.sh --full   as without option, and clang-tidy on changed files, thread sanitizer on every unit test
#
# Every step's output is in build/logs/<step>.log. A failing step names itself in the last line.
set -uo pipefail
cd "$(dirname "$0")/.."
exec </dev/null

mode=${1:-}
case "$mode" in
  "" | --quick | --full) ;;
  *)
    sed -n '2,8s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
esac

logs=build/logs
mkdir -p "$logs"
# ccache and other tools want a home that they may write to.
if [ ! -w "${HOME:-/nonexistent}" ]; then
  export HOME=$PWD/build/home
  mkdir -p "$HOME"
fi
export PYTHONDONTWRITEBYTECODE=1 CTEST_OUTPUT_ON_FAILURE=1
# What ccache does not know yet it need not preprocess first: that took a twentieth of the time.
export CCACHE_DEPEND=1
unset MAKEFLAGS CTEST_PARALLEL_LEVEL CMAKE_BUILD_PARALLEL_LEVEL

# A compiler needs up to 0.6 GB, so memory may allow fewer jobs than there are processors.
memory_gb=$(awk '/MemTotal/ {print int($2 / 1000000)}' /proc/meminfo 2>/dev/null || echo 4)
jobs=$(nproc 2>/dev/null || echo 2)
[ "$jobs" -le $((memory_gb + 1)) ] || jobs=$((memory_gb + 1))

failed=()

# step <name> <command>...: runs it with its output in a log, and says how long it took. Returns the command's code.
step() {
  local name=$1 log="$logs/${1// /_}.log" begin=$SECONDS code=0
  shift
  printf '== %s ==\n' "$name"
  "$@" >"$log" 2>&1 || code=$?
  if [ "$code" -ne 0 ]; then
    failed+=("$name")
    printf '   failed with code %d after %d s\n' "$code" $((SECONDS - begin))
  else
    printf '   %d s\n' $((SECONDS - begin))
  fi
  return "$code"
}

# finish: the logs of what failed, then its name; or nothing.
finish() {
  [ "${#failed[@]}" -gt 0 ] || exit 0
  local name
  for name in "${failed[@]}"; do
    printf '\n---- %s: last lines of %s ----\n' "$name" "$logs/${name// /_}.log"
    tail -n 40 "$logs/${name// /_}.log"
  done
  printf '\n'
  printf 'FAILED: %s\n' "${failed[@]}"
  exit 1
}

# Prints ctest's result of a finished step, so that the sanitizer runs are visible without opening their logs.
summary() { grep -E 'tests passed|tests failed' "$logs/${1// /_}.log" | sed 's/^/   /'; }

# can_run <flags>: true if this machine runs a program with that sanitizer (containers may forbid what it needs).
can_run() {
  printf 'int main() { return 0; }\n' >build/logs/probe.cc
  clang++-19 "$@" build/logs/probe.cc -o build/logs/probe >/dev/null 2>&1 && ./build/logs/probe >/dev/null 2>&1
}

# sanitize <preset> <ctest label pattern> <build target>...
sanitize() {
  local preset=$1 labels=$2
  shift 2
  step "$preset configure" cmake --preset "$preset" &&
    step "$preset build" cmake --build --preset "$preset" -j "$jobs" --target "$@" &&
    step "$preset tests" ctest --preset "$preset" -j "$jobs" -L "$labels"
  [ ! -f "$logs/${preset}_tests.log" ] || summary "$preset tests"
}

rm -f "$logs"/*.log
step "packages" bash tools/install_packages.sh || finish
step "checks" bash tools/check.sh
# Types, lint, unit tests and size of the web UI; its browser tests are in ctest.
step "web" python3 tools/build_web.py --check

if [ "$mode" != --quick ]; then
  if can_run -fsanitize=address,undefined; then
    sanitize asan '^(unit|threads|simulation)$' tests_all
  elif export ASAN_OPTIONS=detect_leaks=0 && can_run -fsanitize=address,undefined; then
    echo "   this machine forbids the leak check; address and undefined behaviour are checked"
    sanitize asan '^(unit|threads|simulation)$' tests_all
  else
    echo "== asan == skipped: this machine cannot run the address sanitizer"
  fi
  if ! can_run -fsanitize=thread; then
    echo "== tsan == skipped: this machine cannot run the thread sanitizer"
  elif [ "$mode" = --full ]; then
    sanitize tsan '^(unit|threads|simulation)$' tests_all
  else
    sanitize tsan '^(base|rpc|runtime|state)$' tests_base tests_rpc tests_runtime tests_state
  fi
  [ "$mode" != --full ] || step "clang-tidy" python3 tools/check_tidy.py
fi

step "release configure" cmake --preset release || finish
step "release build" cmake --build --preset release -j "$jobs" || finish

# skips: what tests say that they left out, because something is not installed.
skips() {
  grep -hoE "skipped '[^']+'|^skipped: .*" build/release/Testing/Temporary/LastTest.log 2>/dev/null | sort -u | sed 's/^/   /'
}

# doubts: tests that failed and then passed.
doubts() {
  grep -oE 'Test +#[0-9]+: [^ ]+ .*\*\*\*(Failed|Timeout|Exception)' "$logs/release_tests.log" 2>/dev/null |
    sed -E 's/^Test +#[0-9]+: ([^ ]+).*/   failed at first, look into it: \1/' | sort -u
}

# The last step is shown as it runs: its summary is the summary of the whole. Tests of real processes depend on a machine that others use, too: one that fails is
# run once more, and named.
printf '== release tests ==\n'
ctest --preset release -j "$jobs" --repeat until-pass:2 2>&1 | tee "$logs/release_tests.log"
[ "${PIPESTATUS[0]}" -eq 0 ] || failed+=("release tests")
doubts
skips
finish
