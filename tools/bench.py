#!/usr/bin/env python3
"""Runs benchmarks alternately with their baselines and compares both with benchmarks/targets.json.

usage: tools/bench.py [name...] [--rounds 3] [--list]

A target of targets.json runs `build/release/benchmarks/<program> ours|baseline <arguments>`, which prints one line of
JSON: {"name": ..., "records": ..., "cpu_s": ..., "wall_s": ..., "checksum": ...}. A ratio is ours over baseline in
records per CPU-second of all threads (with "clock": "wall_s" per second), the median of the rounds. Exit code 1 if a checksum differs or a run fails; a
missed target is reported and is no error, for it depends on the machine.
"""

import argparse
import json
import os
import pathlib
import resource
import shlex
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/release"


class BenchmarkError(Exception):
    pass


def build(programs):
    targets = [f"benchmark_{program}" for program in sorted(programs)]
    if targets:
        result = subprocess.run(["cmake", "--build", str(BUILD), "--target", *targets], cwd=ROOT,
                                stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if result.returncode != 0:
            raise BenchmarkError(f"building {' '.join(targets)} failed:\n{result.stdout[-3000:]}")


def run(target, mode):
    """One run's line of JSON."""
    program = BUILD / "benchmarks" / target["program"]
    command = [str(program), mode, *target.get("arguments", [])]
    result = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if result.returncode != 0:
        raise BenchmarkError(f"{shlex.join(command)} ended with code {result.returncode}:\n{result.stderr[-2000:]}")
    lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise BenchmarkError(f"{shlex.join(command)} printed no line of JSON")
    return json.loads(lines[-1])


def compile_cpu_s(source):
    """CPU seconds of compiling one source of the release build, without the compiler cache."""
    commands = json.loads((BUILD / "compile_commands.json").read_text())
    entry = next((each for each in commands if each["file"] == str(ROOT / source)), None)
    if entry is None:
        raise BenchmarkError(f"{source} is no source of the release build")
    words = [word for word in shlex.split(entry["command"]) if not word.endswith("/ccache")]
    words[words.index("-o") + 1] = os.devnull
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, cwd=entry["directory"], check=True, stdin=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rate(result, clock):
    return result["records"] / max(result[clock], 1e-9)


def compare(name, target, rounds):
    """Runs ours and baseline alternately; the row of the table."""
    pairs = []
    for _ in range(rounds):
        ours, baseline = run(target, "ours"), run(target, "baseline")
        if ours["checksum"] != baseline["checksum"]:
            raise BenchmarkError(f"{name}: checksums differ: ours {ours['checksum']}, baseline {baseline['checksum']}")
        pairs.append((ours, baseline))
    clock = target.get("clock", "cpu_s")
    ratio = statistics.median(rate(ours, clock) / rate(baseline, clock) for ours, baseline in pairs)
    best = min((ours for ours, _ in pairs), key=lambda result: result[clock])
    total = f" ({best['total_cpu_s']:.1f} CPU-s in all)" if "total_cpu_s" in best else ""
    base = min((baseline for _, baseline in pairs), key=lambda result: result[clock])
    return {"name": name, "records": best["records"], "cpu_s": best["cpu_s"], "wall_s": best["wall_s"],
            "baseline_cpu_s": base["cpu_s"], "ratio": ratio,
            "ours": f"{rate(best, clock) / 1e6:.2f} M/s{total}", "baseline": f"{rate(base, clock) / 1e6:.2f} M/s",
            "shown": f"{ratio:.0%}", "met": ratio >= target["at_least"], "target": f">= {target['at_least']:.0%}"}


def measure(name, target, rounds):
    """A target without a baseline: what the program says, nanoseconds a record, wall milliseconds, or CPU seconds of a
    compilation."""
    if "compile" in target:
        value, unit, results = min(compile_cpu_s(target["compile"]) for _ in range(rounds)), "CPU-s", {}
    else:
        results = min((run(target, "ours") for _ in range(rounds)), key=lambda result: result["cpu_s"])
        if "value" in results:
            value, unit = results["value"], target["unit"]
        elif target["unit"] == "ns":
            value, unit = results["cpu_s"] / results["records"] * 1e9, "ns"
        else:
            value, unit = results["wall_s"] * 1e3, "ms"
    return {"name": name, "records": results.get("records", 0), "cpu_s": results.get("cpu_s", value),
            "wall_s": results.get("wall_s", 0), "ratio": None, "value": value, "ours": f"{value:.1f} {unit}",
            "baseline": "", "shown": "", "met": value <= target["at_most"], "target": f"<= {target['at_most']} {unit}"}


def print_row(cells, widths=(24, 14, 14, 8, 12)):
    print(" | ".join(str(cell).ljust(width) for cell, width in zip(cells, widths)).rstrip(), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="all of targets.json when none is given")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    targets = json.loads((ROOT / "benchmarks/targets.json").read_text())
    if arguments.list:
        print("\n".join(targets))
        return
    unknown = [name for name in arguments.names if name not in targets]
    if unknown:
        sys.exit(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(targets)}")
    chosen = {name: target for name, target in targets.items() if not arguments.names or name in arguments.names}
    for name, target in chosen.items():
        target.setdefault("program", name)

    rows, failures = [], []
    print_row(("name", "ours", "baseline", "ratio", "target"))
    for name, target in chosen.items():
        try:
            if "compile" not in target:
                build([target["program"]])
            row = (compare if "at_least" in target else measure)(name, target, arguments.rounds)
            rows.append(row)
            print_row((name, row["ours"], row["baseline"], row["shown"],
                       row["target"] + ("" if row["met"] else "  MISSED")))
        except (BenchmarkError, subprocess.CalledProcessError) as error:
            failures.append(f"{name}: {error}")
            print_row((name, "failed"))
    keys = ("name", "records", "cpu_s", "wall_s", "ratio", "value", "baseline_cpu_s", "target", "met")
    (ROOT / "build/bench.json").write_text(
        json.dumps([{key: row[key] for key in keys if key in row} for row in rows], indent=1) + "\n")
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
