#!/usr/bin/env python3
"""Every header, source, test and golden case belongs to a target: what the build does not know is never run.

A file belongs when a CMakeLists.txt of its folder, or of one above it, names it. Golden cases (tests/golden/) belong
when a test, a CMakeLists.txt or a script names the file or its folder.
"""

import argparse
import pathlib
import re

import source_tree

FOLDERS = ("src/", "tests/", "benchmarks/")
# Umbrella headers consist of includes only: nothing to compile, and installed with all other headers.
UMBRELLAS = {"src/weir.h", "src/testing.h"}


def registered(root):
    """The files that some CMakeLists.txt names."""
    named = set()
    for name in source_tree.files(root, "CMakeLists.txt"):
        folder = pathlib.PurePosixPath(name).parent
        text = source_tree.read(root, name)
        for word in re.findall(r"[\w./-]+\.(?:h|cc)\b", re.sub(r"#[^\n]*", "", text)):
            named.add(str(folder / word))
        for _, function, target, sections in source_tree.cmake_calls(text):
            if function == "weir_benchmark" and not sections.get("SOURCES"):
                named.add(str(folder / f"{target}.cc"))
    return named


def included_by_programs(root):
    """Headers of tests and benchmarks that one of their programs includes: these have no library to belong to."""
    included = set()
    for name in source_tree.files(root, ".h", ".cc"):
        if name.startswith(("tests/", "benchmarks/")):
            folder = pathlib.PurePosixPath(name).parent
            for _, _, header in source_tree.includes(source_tree.read(root, name)):
                included.update((header, str(folder / header)))
    return {header for header in included if header.startswith(("tests/", "benchmarks/"))}


def unregistered_sources(root):
    named = registered(root) | included_by_programs(root)
    problems = []
    for name in source_tree.files(root, ".h", ".cc"):
        if not name.startswith(FOLDERS) or name in named or name in UMBRELLAS:
            continue
        call = "weir_test" if name.endswith("_test.cc") else "weir_library" if name.startswith("src/") else "its target"
        problems.append(f"{name}:1: no target builds this file; name it in {call} of "
                        f"{pathlib.PurePosixPath(name).parent}/CMakeLists.txt, or delete it")
    return problems


def unnamed_golden_cases(root):
    cases = [name for name in source_tree.files(root) if name.startswith("tests/golden/")
             and not name.endswith(("README.md", "CMakeLists.txt", ".cc", ".h", ".py"))]
    users = [source_tree.read(root, name) for name in source_tree.files(root, ".cc", ".py", ".sh", "CMakeLists.txt")
             if name.startswith(("tests/", "tools/", "examples/"))]
    everything = "\n".join(users)
    problems = []
    for name in cases:
        path = pathlib.PurePosixPath(name)
        folder = path.parent.name
        if path.name not in everything and path.stem not in everything and (
                folder == "golden" or f"golden/{folder}" not in everything):
            problems.append(f"{name}:1: no test names this golden case; use it or delete it")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=source_tree.ROOT)
    root = parser.parse_args().root
    problems = unregistered_sources(root) + unnamed_golden_cases(root)
    source_tree.finish("check_registered", problems, "every source, header and golden case belongs to a target")


if __name__ == "__main__":
    main()
