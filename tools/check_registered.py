#!/usr/bin/env python3
"""Every header, source, test and golden case belongs to a target: what the build does not know is never run.

A file belongs when a CMakeLists.txt of its folder, or of one above it, names it. Golden cases (tests/golden/) belong
when a test, a CMakeLists.txt or a script names the file or its folder. Of a Python test that is run case by case
(`foreach(case ...)`) each class belongs that has tests.
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


def tested_classes(text):
    """The classes of a Python test that have tests of their own."""
    pieces = re.split(r"^class (\w+).*$", text, flags=re.MULTILINE)
    return [name for name, body in zip(pieces[1::2], pieces[2::2]) if re.search(r"^    def test_", body, re.MULTILINE)]


def unregistered_python_tests(root):
    cmake = {name: source_tree.read(root, name) for name in source_tree.files(root, "CMakeLists.txt")}
    by_case = {}  # the cases that a test is run with
    for text in cmake.values():
        for cases, body in re.findall(r"foreach\(case ([^)]*)\)(.*?)endforeach", text, re.DOTALL):
            for test in re.findall(r"[\w/]+_test\.py", body):
                by_case.setdefault(test, set()).update(cases.split())
    problems = []
    for name in source_tree.files(root, "_test.py"):
        if not name.startswith("tests/"):
            continue
        if not any(pathlib.PurePosixPath(name).name in text for text in cmake.values()):
            problems.append(f"{name}:1: no CMakeLists.txt names this test; add a weir_command_test or delete it")
        for test in tested_classes(source_tree.read(root, name)) if name in by_case else []:
            if test not in by_case[name]:
                problems.append(f"{name}:1: {test} is none of the cases that CMakeLists.txt runs it with")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=source_tree.ROOT)
    root = parser.parse_args().root
    problems = unregistered_sources(root) + unregistered_python_tests(root) + unnamed_golden_cases(root)
    source_tree.finish("check_registered", problems, "every source, header, Python test and golden case belongs to a target")


if __name__ == "__main__":
    main()
