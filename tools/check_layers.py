#!/usr/bin/env python3
"""Compares every #include under src/ with tools/layers.txt and with DEPENDS of the folder's CMakeLists.txt.

It also follows src/weir.h: nothing that a user program sees may include a third-party header or one of the expensive
standard headers. `--fix` adds missing DEPENDS and removes superfluous ones.
"""

import argparse
import collections
import fnmatch
import pathlib
import re

import source_tree

# Each costs every user program's compilation more than it gives the API.
EXPENSIVE = {"iostream", "regex", "ranges", "map", "unordered_map", "random", "filesystem", "format", "future"}
# Headers of the C library and the kernel that belong to no package of ours.
SYSTEM = re.compile(r"^(std\w+|assert|errno|fcntl|float|limits|locale|math|poll|pthread|sched|semaphore|signal|string|"
                    r"strings|time|unistd|dirent|dlfcn|elf|execinfo|ftw|getopt|glob|inttypes|link|malloc|netdb|spawn|"
                    r"syscall|termios|ucontext|cxxabi|\w*intrin|unwind|backtrace)\.h$|^(sys|linux|netinet|arpa|net|"
                    r"asm|bits|immintrin|ext)/")


class Table:
    """layers.txt."""

    def __init__(self, text, name="tools/layers.txt"):
        self.folders = {}  # folder -> allowed folders
        self.headers = []  # (pattern, owners, may stand in headers)
        self.problems = []
        for number, line in enumerate(text.splitlines(), 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            key, colon, rest = line.partition(":")
            if not colon:
                self.problems.append(f"{name}:{number}: expected `<folder>: <folders>`")
            elif key[0] in "<\"":
                in_headers = key.endswith(" in headers")
                self.headers.append((key.removesuffix(" in headers")[1:], rest.split(), in_headers))
            else:
                for folder in rest.split():
                    if folder != "proto" and self.rule_of(folder + "/") is None:
                        self.problems.append(f"{name}:{number}: {key} may not include {folder}, which stands below it")
                self.folders[key] = rest.split()

    def rule_of(self, path):
        """The key whose line holds for `path` (relative to src/), or None."""
        best = None
        for key in self.folders:
            if (path == key or path.startswith(key + "/")) and (best is None or len(key) > len(best)):
                best = key
        return best

    def may_include(self, path, target):
        rule = self.rule_of(path)
        if rule is None:
            return False
        if self.rule_of(target) == rule:
            return True
        return any(target == allowed or target.startswith(allowed + "/") for allowed in self.folders[rule])

    def third_party(self, header):
        """(owners, may stand in headers) of a third-party header, or None."""
        for pattern, owners, in_headers in self.headers:
            if fnmatch.fnmatch(header, pattern):
                return owners, in_headers
        return None


def check_file(table, name, text):
    """Problems of one file; `name` is relative to the project, as src/base/a.h."""
    path = name.removeprefix("src/")
    if table.rule_of(path) is None:
        return [f"{name}:1: no line of tools/layers.txt says what {path} may include; add one"]
    problems = []
    for line, kind, header in source_tree.includes(text):
        owned = table.third_party(header)
        if owned:
            owners, in_headers = owned
            if not any(path.startswith(owner + "/") for owner in owners):
                problems.append(f"{name}:{line}: only {', '.join(owners)} may include {header} (tools/layers.txt)")
            elif name.endswith(".h") and not in_headers:
                problems.append(f"{name}:{line}: {header} belongs in .cc files: it would cost every includer")
        elif header.startswith("weir/"):
            target = header.removeprefix("weir/")
            if not table.may_include(path, target):
                folder = table.rule_of(path)
                problems.append(f"{name}:{line}: {folder} may not include {header} (tools/layers.txt)")
        elif kind == '"':
            problems.append(f'{name}:{line}: write the include from the top: "weir/<folder>/{pathlib.Path(header).name}"')
    return problems


def check_public(texts, table, start):
    """Problems of all headers that `start` (as src/weir.h) reaches."""
    problems, seen, queue = [], {start}, collections.deque([start])
    while queue:
        name = queue.popleft()
        for line, _, header in source_tree.includes(texts.get(name, "")):
            target = "src/" + header.removeprefix("weir/")
            if header.startswith("weir/") and target in texts:
                if target not in seen:
                    seen.add(target)
                    queue.append(target)
                continue
            foreign = table.third_party(header) or header.endswith((".h", ".hpp")) and not SYSTEM.match(header)
            if foreign or header in EXPENSIVE:
                why = "a third-party header" if foreign else "expensive to compile"
                problems.append(f"{name}:{line}: user programs see this file through {start}, and <{header}> is {why}; "
                                "move it into a .cc")
    return problems


def libraries(root, texts):
    """Yields (CMakeLists path, line, library, folder, DEPENDS or None, [its files])."""
    for name, text in texts.items():
        folder = name.removeprefix("src/").removesuffix("CMakeLists.txt").strip("/")
        for line, function, library, sections in source_tree.cmake_calls(text):
            if function == "weir_library":
                files = sections.get("HEADERS", []) + sections.get("SOURCES", [])
                yield name, line, library, folder, sections.get("DEPENDS", []), files


def needed_by(folder, files, texts, folders):
    """The folders (libraries' names) that the files include."""
    needed = set()
    for file in files:
        for _, _, header in source_tree.includes(texts.get(f"src/{folder}/{file}", "")):
            if header.startswith("weir/"):
                parent = str(pathlib.PurePosixPath(header.removeprefix("weir/")).parent)
                if parent in folders and parent != folder:
                    needed.add(parent.replace("/", "_"))
    return needed


def fix_depends(text, library, needed):
    """The CMakeLists text with DEPENDS of `library` replaced."""
    value = f" DEPENDS {' '.join(sorted(needed))}" if needed else ""
    pattern = re.compile(r"(weir_library\(\s*" + re.escape(library) + r"\b[^()]*\))")

    def replace(match):
        call = re.sub(r"\s*\bDEPENDS\b(\s+(?![A-Z]{4,}\b)[^\s)]+)*", "", match.group(1))
        at = re.search(r"\s*\bLIBRARIES\b", call)
        position = at.start() if at else call.rindex(")")
        indent = "\n " if "\n" in call and value else ""
        return call[:position].rstrip() + indent + value + call[position:]

    return pattern.sub(replace, text, count=1)


def check_depends(root, texts, fix):
    lists = {name: source_tree.read(root, name) for name in source_tree.files(root, "CMakeLists.txt")
             if name.startswith("src/")}
    found = list(libraries(root, lists))
    folders = {folder for _, _, _, folder, _, _ in found}
    problems = []
    for name, line, library, folder, depends, files in found:
        if library != folder.replace("/", "_"):
            problems.append(f"{name}:{line}: the library of src/{folder} is called {folder.replace('/', '_')}")
            continue
        needed = needed_by(folder, files, texts, folders)
        missing = needed - set(depends)
        if not missing and not (fix and set(depends) - needed):
            continue
        if fix:
            lists[name] = fix_depends(lists[name], library, needed)
            (root / name).write_text(lists[name], encoding="utf-8")
        else:
            problems.append(f"{name}:{line}: DEPENDS lacks {' '.join(sorted(missing))}; "
                            "run tools/check_layers.py --fix")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fix", action="store_true", help="write DEPENDS")
    parser.add_argument("--root", type=pathlib.Path, default=source_tree.ROOT)
    arguments = parser.parse_args()
    root = arguments.root

    table = Table(source_tree.read(root, "tools/layers.txt"))
    texts = {name: source_tree.read(root, name) for name in source_tree.files(root, ".h", ".cc")
             if name.startswith("src/")}
    problems = list(table.problems)
    for name, text in texts.items():
        problems += check_file(table, name, text)
    problems += check_public(texts, table, "src/weir.h")
    problems += check_depends(root, texts, arguments.fix)
    source_tree.finish("check_layers", problems, f"{len(texts)} files keep to tools/layers.txt")


if __name__ == "__main__":
    main()
