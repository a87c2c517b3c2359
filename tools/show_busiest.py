#!/usr/bin/env python3
"""Prints the rows with most flights of flights_hourly's output folder as an aligned table."""

import csv
import pathlib
import sys

HEADER = ("origin", "hour", "flights", "mean delay (min)")


def main(folder, most=10):
    rows = []
    for file in sorted(pathlib.Path(folder).rglob("*")):
        if file.is_file() and not file.name.startswith("."):
            with open(file, newline="", encoding="utf-8") as opened:
                rows += list(csv.reader(opened))
    if not rows:
        sys.exit(f"{folder}: has no rows")
    rows.sort(key=lambda row: (-int(row[3]), row[0], row[1]))
    table = [HEADER] + [(row[0], row[1][:16], row[3], f"{float(row[5]):.1f}") for row in rows[:most]]
    widths = [max(len(row[column]) for row in table) for column in range(len(HEADER))]
    for row in table:
        left = [cell.ljust(width) for cell, width in zip(row[:2], widths[:2])]
        right = [cell.rjust(width) for cell, width in zip(row[2:], widths[2:])]
        print("  " + "  ".join(left + right))
    print(f"  ({len(rows)} rows in {folder})")


if __name__ == "__main__":
    main(sys.argv[1])
