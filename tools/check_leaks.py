#!/usr/bin/env python3
"""No tracked file names a folder of somebody's machine or the address of a private package registry."""

import argparse
import pathlib
import re

import source_tree

# In pieces, so that this file does not accuse itself.
PATHS = re.compile(r"(?<![\w.:/}$-])/(?:" + "|".join(["wo" + "rk", "ho" + r"me/\w+", "ro" + "ot", "Us" + r"ers/\w+"]) + r")/[\w.]")
HOSTS = re.compile(r"https?://[a-z0-9.-]*(?:" + "|".join(["regi" + "stry", "mir" + "ror", "arti" + "fact", "npm" + r"\.inter"])
                   + r")[a-z0-9.-]*[:/]")
SKIP = (".png", ".jpg", ".gif", ".ico", ".gz", ".zst", ".bin", ".woff2", ".csv", ".txt.zst")


def problems_of(name, text):
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, what in ((PATHS, "a path of one machine"), (HOSTS, "the address of a package registry")):
            match = pattern.search(line)
            if match:
                yield f"{name}:{number}: {what}: {match.group(0)}; use a relative path or remove it"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=source_tree.ROOT)
    root = parser.parse_args().root
    names = [name for name in source_tree.files(root) if not name.endswith(SKIP)]
    problems = [problem for name in names for problem in problems_of(name, source_tree.read(root, name))]
    source_tree.finish("check_leaks", problems, f"{len(names)} files")


if __name__ == "__main__":
    main()
