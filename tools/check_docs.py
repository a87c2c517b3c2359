#!/usr/bin/env python3
"""Relative links in *.md lead to files that exist; every folder of src/ has a README.md of at most 40 lines.

A sub folder that the README of its layer describes by name (`dispatcher/`) needs none of its own.
"""

import argparse
import pathlib
import re

import source_tree

MAX_README = 40
LINK = re.compile(r"!?\[[^\]\n]*\]\(([^()\s]+)(?:\s+\"[^\"]*\")?\)")


def broken_links(root, name):
    text = re.sub(r"^```.*?^```", lambda match: "\n" * match.group(0).count("\n"), source_tree.read(root, name),
                  flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"`[^`\n]*`", "", text)
    for match in LINK.finditer(text):
        target = match.group(1).split("#")[0]
        if not target or re.match(r"[a-z]+:", target):
            continue
        path = root / target.lstrip("/") if target.startswith("/") else (root / name).parent / target
        if not path.exists():
            line = text.count("\n", 0, match.start()) + 1
            yield f"{name}:{line}: the link leads to {target}, which does not exist"


def described_above(root, readme):
    """True if the README of the layer names the folder, as `state/heap/` or `heap/`."""
    parts = readme.parent.relative_to(root / "src").parts
    layer = root / "src" / parts[0] / "README.md"
    return len(parts) > 1 and layer.exists() and f"{parts[-1]}/" in layer.read_text(encoding="utf-8")


def readme_problems(root):
    for name in source_tree.files(root, "CMakeLists.txt"):
        if not name.startswith("src/"):
            continue
        readme = (root / name).parent / "README.md"
        shown = name.replace("CMakeLists.txt", "README.md")
        if not readme.exists():
            if described_above(root, readme):
                continue
            yield (f"{shown}:1: missing; say in at most {MAX_README} lines what the folder is for, which file to open "
                   "first, what it may include and which threads run in it")
        elif readme.read_text(encoding="utf-8").count("\n") > MAX_README:
            yield f"{shown}:{MAX_README}: a folder's README has at most {MAX_README} lines; move the rest to docs/"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=source_tree.ROOT)
    root = parser.parse_args().root
    pages = source_tree.files(root, ".md")
    problems = [problem for name in pages for problem in broken_links(root, name)]
    problems += readme_problems(root)
    source_tree.finish("check_docs", problems, f"{len(pages)} pages")


if __name__ == "__main__":
    main()
