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
test=(git libgtest-dev libgmock-dev clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev llvm-19)

wanted=("${build[@]}")
[ "${1:-}" = --build ] || wanted+=("${test[@]}")

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true)
  case "$status" in
    ii*) ;;
    *) missing+=("$package") ;;
  esac
done
if [ "${#missing[@]}" -eq 0 ]; then
  echo "all ${#wanted[@]} packages are installed"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "these packages are missing and neither root nor sudo is at hand: ${missing[*]}" >&2
    echo "install them as root: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo -n)
fi

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

echo "installing: ${missing[*]}"
try apt-get update -qq || echo "apt-get update failed; trying with the package lists that are there" >&2
try apt-get install -y -qq --no-install-recommends "${missing[@]}"
