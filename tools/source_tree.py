"""What every check needs: the files of the project, and one way to report what is wrong with them."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def files(root, *suffixes):
    """Paths relative to `root` of all files that are tracked or new, sorted. Works without git as well."""
    try:
        listed = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True).stdout.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):
        listed = [str(path.relative_to(root)) for path in root.rglob("*")]
    found = set()
    for name in listed:
        path = root / name
        if not name or name.startswith(("build/", ".git/", "include/weir/")) or "node_modules/" in name:
            continue
        if suffixes and not name.endswith(suffixes):
            continue
        if path.is_file() and not path.is_symlink():
            found.add(name)
    return sorted(found)


def read(root, name):
    return (root / name).read_text(encoding="utf-8", errors="replace")


INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+([<"])([^>"]+)[>"]', re.MULTILINE)


def includes(text):
    """Yields (line number, '<' or '"', path) of each include."""
    for match in INCLUDE.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match.group(1), match.group(2)


CALL = re.compile(r"\b(weir_\w+)\s*\(([^()]*)\)")


def cmake_calls(text):
    """Yields (line number, function, name, {section: [values]}) of each weir_...() call of a CMakeLists.txt."""
    text = re.sub(r"#[^\n]*", "", text)
    for match in CALL.finditer(text):
        words = match.group(2).split()
        sections, section = {}, "NAMES"
        for word in words:
            if re.fullmatch(r"[A-Z]{4,}", word):
                section = word
                sections.setdefault(section, [])
            else:
                sections.setdefault(section, []).append(word)
        names = sections.get("NAMES", [])
        yield text.count("\n", 0, match.start()) + 1, match.group(1), names[0] if names else "", sections


def finish(check, problems, done):
    """Prints the problems, one a line, or what was checked; ends the program with the matching code."""
    for problem in problems:
        print(problem)
    if problems:
        print(f"{check}: {len(problems)} problem(s)")
        sys.exit(1)
    print(f"{check}: {done}")
    sys.exit(0)
