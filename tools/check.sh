#!/usr/bin/env bash
# All quick checks. Every one runs, so that one call shows everything; the last line names those that failed.
set -uo pipefail
cd "$(dirname "$0")/.."
export PYTHONDONTWRITEBYTECODE=1
failed=()
for check in layers registered sizes docs leaks format headers; do
  python3 "tools/check_$check.py" || failed+=("check_$check")
done
if [ "${#failed[@]}" -gt 0 ]; then
  echo "FAILED: ${failed[*]}"
  exit 1
fi
