#!/usr/bin/env python3
"""A file has at most 500 lines, a function at most 60.

Excuses, each with its reason, are in tools/size_excuses.txt; one that is no longer needed is an error, so that the
list can only shrink.
"""

import argparse
import ast
import pathlib
import re

import source_tree

MAX_FILE = 500
MAX_FUNCTION = 60

# What must not be mistaken for code: comments, raw strings, strings, characters (but not the ' in 1'000).
NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
                      re.DOTALL)
NO_FUNCTION = re.compile(r"\b(class|struct|union|enum|namespace|concept)\b|\bextern\s*$|=\s*$|\breturn\b[^;]*$")


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def cpp_functions(text):
    """Yields (first line, number of lines, its head) of each outermost function body."""
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, NOT_CODE.sub(blank, text), flags=re.MULTILINE)
    depth, inside, start = 0, None, 0  # inside: the depth at which the current function began
    for position, char in enumerate(code):
        if char == "{":
            head = code[start:position]
            if inside is None and ")" in head and not NO_FUNCTION.search(head):
                inside = (depth, position, " ".join(head.split())[-80:])
            depth += 1
            start = position + 1
        elif char == "}":
            depth -= 1
            start = position + 1
            if inside is not None and depth == inside[0]:
                first = code.count("\n", 0, inside[1]) + 1
                yield first, code.count("\n", inside[1], position) + 1, inside[2]
                inside = None
        elif char == ";":
            start = position + 1


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.lineno + 1, f"def {node.name}()"


def too_long(name, text):
    """Yields (key of the excuse, message) of everything too long in one file."""
    lines = text.count("\n")
    if lines > MAX_FILE:
        yield name, f"{name}:1: {lines} lines, at most {MAX_FILE}; split it by responsibility"
    functions = python_functions if name.endswith(".py") else cpp_functions
    for line, length, head in functions(text):
        if length > MAX_FUNCTION:
            yield name, f"{name}:{line}: function of {length} lines, at most {MAX_FUNCTION}; split it: {head}"


def read_excuses(text):
    """{file: reason}, and problems of the list itself."""
    excuses, problems = {}, []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, reason = line.partition(":")
        if not reason.strip():
            problems.append(f"tools/size_excuses.txt:{number}: an excuse needs a reason: `<file>: <reason>`")
        excuses[name.strip()] = number
    return excuses, problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=source_tree.ROOT)
    root = parser.parse_args().root
    excuses, problems = read_excuses(source_tree.read(root, "tools/size_excuses.txt"))
    used, names = set(), source_tree.files(root, ".h", ".cc", ".py")
    for name in names:
        for key, message in too_long(name, source_tree.read(root, name)):
            used.add(key)
            if key not in excuses:
                problems.append(message)
    for name in sorted(set(excuses) - used):
        problems.append(f"tools/size_excuses.txt:{excuses[name]}: {name} needs no excuse any more; delete the line")
    source_tree.finish("check_sizes", problems, f"{len(names)} files, {len(used)} excused")


if __name__ == "__main__":
    main()
