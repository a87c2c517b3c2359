#!/usr/bin/env bash
# Installs a build into a temporary folder, moves it, and builds and runs a user's project against it.
#
#   install_test.sh <build folder> <compiler>
set -euo pipefail
build=$1 compiler=$2
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cmake --install "$build" --prefix "$folder/first" >"$folder/install.log" || { cat "$folder/install.log"; exit 1; }
mv "$folder/first" "$folder/moved"

# Nothing of a third party may be needed to compile a job.
if [ -f "$folder/moved/include/weir/weir.h" ]; then
  foreign=$("$compiler" -std=c++20 -M -I"$folder/moved/include" -x c++ "$folder/moved/include/weir/weir.h" |
    tr ' \\' '\n\n' | grep -E '/(absl|google|grpcpp|grpc|rocksdb|yaml-cpp|fmt|spdlog|nlohmann)/|/(xxhash|zstd|lz4|zlib|httplib)\.h' || true)
  if [ -n "$foreign" ]; then
    printf 'weir.h includes headers of third parties:\n%s\n' "$foreign"
    exit 1
  fi
fi

cmake -S "$here/user_project" -B "$folder/build" -G Ninja -DCMAKE_PREFIX_PATH="$folder/moved" \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Release
cmake --build "$folder/build"
output=$("$folder/build/user_job")
printf 'the job said: %s\n' "$output"
[ "$output" = "6" ]
