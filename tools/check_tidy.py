#!/usr/bin/env python3
"""clang-tidy on the sources that changed against origin/main, or in the last commit.

It needs the compile commands of a configured build and stops at its limits: whatever is left is named, not failed.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import time

import source_tree

TOOL = "clang-tidy-19"
BUILDS = ("asan", "tsan", "debug", "release")


def git(root, *arguments):
    result = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True,
                            stdin=subprocess.DEVNULL)
    return result.stdout.strip() if result.returncode == 0 else None


def changed_sources(root):
    """(the base commit, changed .cc files), or (None, []) without a commit to compare with."""
    head = git(root, "rev-parse", "HEAD")
    for base in ("origin/main", "HEAD~1"):
        commit = git(root, "merge-base", base, "HEAD")
        if commit and commit != head:
            names = git(root, "diff", "--name-only", "--diff-filter=d", commit, "--", "*.cc") or ""
            return commit, [name for name in names.splitlines() if name.startswith("src/")]
    return None, []


def check(root, build, name):
    result = subprocess.run(
        [TOOL, "-p", str(build), "--quiet", "--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wno-error", name],
        cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    found = re.findall(r"^(.*?:\d+):\d+: (?:error|warning): (.*)$", result.stdout, re.MULTILINE)
    return [f"{place.removeprefix(str(root) + '/')}: {message}" for place, message in found
            if "clang-diagnostic" not in message]


def run_all(root, build, names, seconds):
    """(problems, files not reached in time)."""
    end = time.monotonic() + seconds
    problems, skipped = set(), []

    def one(name):
        if time.monotonic() > end:
            skipped.append(name)
            return []
        return check(root, build, name)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(one, names):
            problems.update(found)
    return sorted(problems), skipped


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=source_tree.ROOT)
    parser.add_argument("--most", type=int, default=20, help="at most so many files")
    parser.add_argument("--seconds", type=int, default=120, help="start no file after so many seconds")
    parser.add_argument("--all", action="store_true", help="all sources, without limits")
    arguments = parser.parse_args()
    root = arguments.root

    if not shutil.which(TOOL):
        source_tree.finish("check_tidy", [f"{TOOL} is missing; run tools/install_packages.sh"], "")
    build = next((root / "build" / name for name in BUILDS if (root / "build" / name / "compile_commands.json").exists()),
                 None)
    if build is None:
        source_tree.finish("check_tidy", [], "skipped: no build is configured; run cmake --preset debug first")
    if arguments.all:
        names = [name for name in source_tree.files(root, ".cc") if name.startswith("src/")]
        arguments.most, arguments.seconds = len(names), 24 * 3600
    else:
        base, names = changed_sources(root)
        if base is None:
            source_tree.finish("check_tidy", [], "skipped: no base commit to compare with")
    problems, skipped = run_all(root, build, names[:arguments.most], arguments.seconds)
    left = len(names[arguments.most:]) + len(skipped)
    source_tree.finish("check_tidy", problems, f"{len(names) - left} changed sources, {left} left out by the limits")


if __name__ == "__main__":
    main()
