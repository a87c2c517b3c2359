#!/usr/bin/env bash
# Installs the Debian 12 packages that building and testing Weir needs. Asks no network when all are there.
#
#   tools/install_packages.sh          compiler, libraries, test and lint tools
#   tools/install_packages.sh --build  only what building needs (what tools/quickstart.sh uses)
set -euo pipefail

build=(cmake ninja-build g++ pkg-config ccache mold python3
  libgrpc++-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev librocksdb-dev libabsl-dev
  libspdlog-dev libfmt-dev libyaml-cpp-dev libcpp-httplib-dev nlohmann-json3-dev
  libxxhash-dev liblz4-dev libzstd-dev libssl-dev zlib1g-dev libbz2-dev)
test=(git dpkg-dev libgtest-dev libgmock-dev clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev llvm-19)

# The web UI and its tests. Node.js may be there from elsewhere, with its own npm, which Debian's would conflict with.
command -v npm >/dev/null || test+=(nodejs npm)
# A machine without a browser skips the browser tests, one without these servers the tests that send them metrics: they may fail to install.
optional=(chromium prometheus graphite-carbon python3-pip)

wanted=("${build[@]}")
[ "${1:-}" = --build ] && optional=() || wanted+=("${test[@]}")

# What Debian does not have: StatsD is npm's, schemathesis is the Python index's. Both go into the build folder.
install_others() {
  install_statsd
  install_schemathesis
}
install_schemathesis() {
  local folder
  folder=$(dirname "$0")/../build/schemathesis
  [ "${#optional[@]}" -gt 0 ] && [ ! -d "$folder/schemathesis" ] || return 0
  timeout 240 python3 -m pip install --quiet --retries 0 --timeout 10 --target "$folder" schemathesis==4.32.5 >/dev/null 2>&1 ||
    echo "not installed: schemathesis; the test that needs it is skipped" >&2
}
install_statsd() {
  local folder
  folder=$(dirname "$0")/../build/servers/statsd
  [ "${#optional[@]}" -gt 0 ] && [ ! -d "$folder/node_modules/statsd" ] && command -v npm >/dev/null || return 0
  mkdir -p "$folder"
  echo '{}' >"$folder/package.json"
  (cd "$folder" && timeout 120 npm install --no-audit --no-fund --omit=optional statsd@0.9.0 >/dev/null 2>&1) ||
    echo "not installed: statsd; the test that needs it is skipped" >&2
}

is_installed() {
  case "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null || true)" in
    ii*) return 0 ;;
    *) return 1 ;;
  esac
}

missing=()
for package in "${wanted[@]}"; do
  is_installed "$package" || missing+=("$package")
done
absent=()
for package in "${optional[@]}"; do
  is_installed "$package" || absent+=("$package")
done
if [ $((${#missing[@]} + ${#absent[@]})) -eq 0 ]; then
  echo "all $((${#wanted[@]} + ${#optional[@]})) packages are installed"
  install_others
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    [ "${#missing[@]}" -gt 0 ] || { echo "not installed, and neither root nor sudo is at hand: ${absent[*]}"; exit 0; }
    echo "these packages are missing and neither root nor sudo is at hand: ${missing[*]}" >&2
    echo "install them as root: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo -n)
fi

# Debian starts the service of a package as it is installed, and again with the machine. Of these servers only the programs are wanted: tests start
# their own.
disable_services() {
  local package unit
  [ -d /run/systemd/system ] || return 0
  for package in "$@"; do
    for unit in $(dpkg -L "$package" 2>/dev/null | sed -n 's|.*/systemd/system/\([^/]*\.service\)$|\1|p'); do
      "${as_root[@]}" systemctl --quiet disable "$unit" || true
    done
  done
}
start_no_services() {
  local policy=/usr/sbin/policy-rc.d
  [ ! -e "$policy" ] || return 0
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
  trap '"${as_root[@]}" rm -f /usr/sbin/policy-rc.d' EXIT
}

# Three attempts: a package mirror that is just being updated answers with errors for a minute.
try() {
  local attempt
  for attempt in 1 2 3; do
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "$@" </dev/null && return 0
    echo "attempt $attempt of 3 failed: $*" >&2
    sleep $((attempt * 5))
  done
  return 1
}

echo "installing: ${missing[*]} ${absent[*]}"
try apt-get update -qq || echo "apt-get update failed; trying with the package lists that are there" >&2
[ "${#missing[@]}" -eq 0 ] || try apt-get install -y -qq --no-install-recommends "${missing[@]}"
[ "${#absent[@]}" -eq 0 ] || start_no_services
[ "${#absent[@]}" -eq 0 ] || try apt-get install -y -qq --no-install-recommends "${absent[@]}" ||
  echo "not installed: ${absent[*]}; what needs them is skipped" >&2
disable_services "${absent[@]}"
install_others
