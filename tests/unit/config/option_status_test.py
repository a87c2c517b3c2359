#!/usr/bin/env python3
"""Every option that is accepted has an effect: something reads it, or the reference calls it needless.

An option's definition says its status (src/**/*_options.cc); reading means that its constant is named in another file.
"""

import pathlib
import re
import sys

SOURCES = pathlib.Path("src")


def options_of(text):
    """Yields (constant, its definition) of a *_options.cc."""
    parts = re.split(r"^const ConfigOption<[^;{]*?> (k\w+)\{", text, flags=re.M)
    yield from zip(parts[1::2], parts[2::2])


def is_read(constant, own_files, contents):
    word = re.compile(rf"\b{constant}\b")
    return any(word.search(text) for path, text in contents.items() if path not in own_files)


def main():
    sources = [path for path in SOURCES.rglob("*") if path.suffix in (".h", ".cc")]
    contents = {path: re.sub(r"//[^\n]*", "", path.read_text()) for path in sources}
    problems, count = [], 0
    for path in sorted(SOURCES.rglob("*_options.cc")):
        for constant, definition in options_of(contents[path]):
            count += 1
            needless = "OptionStatus::kNeedless" in definition
            used = is_read(constant, (path, path.with_suffix(".h")), contents)
            if not needless and not used:
                problems.append(f"{path}: {constant} is accepted, but nothing reads it")
    print("\n".join(problems) or f"{count} options; all are read or needless")
    sys.exit(1 if problems or not count else 0)


if __name__ == "__main__":
    main()
