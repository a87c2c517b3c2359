#!/usr/bin/env python3
"""Compares the CSV rows of a job's output with a known answer, in any order.

usage: tools/compare_rows.py ACTUAL EXPECTED [--last-per-key N]

ACTUAL is a file, or a folder whose part files have no header (hidden and unfinished files are errors); EXPECTED has a
header line. With --last-per-key only the last row of each key (the first N columns) counts, for running results.
"""

import argparse
import collections
import csv
import pathlib
import sys


def rows_of(path):
    """All rows of a file, or of all files below a folder, and the problems found on the way."""
    rows, problems = [], []
    files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    for file in files:
        if file.name.startswith((".", "_")) or ".inprogress" in file.name:
            problems.append(f"{file}: an unfinished file was left behind")
            continue
        with open(file, newline="", encoding="utf-8") as opened:
            rows += [tuple(row) for row in csv.reader(opened)]
    if not files:
        problems.append(f"{path}: has no part files")
    return rows, problems


def compare(actual, expected):
    """Yields one line per row that is missing or too much."""
    have, want = collections.Counter(actual), collections.Counter(expected)
    for row, count in sorted((want - have).items()):
        yield f"missing {count} x {','.join(row)}"
    for row, count in sorted((have - want).items()):
        yield f"unexpected {count} x {','.join(row)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("actual", type=pathlib.Path)
    parser.add_argument("expected", type=pathlib.Path)
    parser.add_argument("--last-per-key", type=int, default=0, metavar="N")
    arguments = parser.parse_args()
    if not arguments.actual.exists():
        sys.exit(f"{arguments.actual}: does not exist")
    actual, problems = rows_of(arguments.actual)
    if arguments.last_per_key:
        actual = list({row[:arguments.last_per_key]: row for row in actual}.values())
    problems += compare(actual, rows_of(arguments.expected)[0][1:])
    for problem in problems[:20]:
        print(problem)
    if problems:
        sys.exit(f"{len(problems)} difference(s) between {arguments.actual} and {arguments.expected}")
    print(f"{len(actual)} rows as expected")


if __name__ == "__main__":
    main()
