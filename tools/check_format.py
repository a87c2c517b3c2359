#!/usr/bin/env python3
"""clang-format over all C++ files. `--fix` writes the changes."""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess

import source_tree

TOOL = "clang-format-19"


def check(root, name, fix):
    """Problems of one file; with `fix`, none."""
    command = [TOOL, "-i", name] if fix else [TOOL, "--dry-run", "-Werror", name]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if result.returncode == 0:
        return []
    lines = sorted({int(line) for line in re.findall(r":(\d+):\d+: error: code should be", result.stderr)})
    if not lines:
        return [f"{name}:1: {TOOL} failed: {result.stderr.strip()[:300]}"]
    return [f"{name}:{lines[0]}: not formatted ({len(lines)} place(s)); run tools/check_format.py --fix"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fix", action="store_true", help="format instead of checking")
    parser.add_argument("--root", type=pathlib.Path, default=source_tree.ROOT)
    parser.add_argument("files", nargs="*", help="only these files")
    arguments = parser.parse_args()
    if not shutil.which(TOOL):
        source_tree.finish("check_format", [f"{TOOL} is missing; run tools/install_packages.sh"], "")
    names = arguments.files or source_tree.files(arguments.root, ".h", ".cc")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda name: check(arguments.root, name, arguments.fix), names)
        problems = [problem for result in results for problem in result]
    source_tree.finish("check_format", problems, f"{len(names)} files")


if __name__ == "__main__":
    main()
