#!/usr/bin/env python3
"""Builds the web UI (web/) into a folder: fetches its packages when they changed, bundles, compresses, and checks the size.

  tools/build_web.py <folder>           builds; without npm or without its packages says so and leaves the folder without a UI
  tools/build_web.py <folder> --must    the same, but that is an error
  tools/build_web.py --check            also checks types, lint and unit tests, and builds nothing that stays
"""

import argparse
import gzip
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
# All that a browser can ever load of it, compressed.
MOST_BYTES = 150_000
PACKED = {".html", ".js", ".css", ".svg"}


class NoPackages(Exception):
    """npm is missing, or cannot get the packages."""


def run(*command):
    return subprocess.run(command, cwd=WEB, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)


def checked(*command):
    done = run(*command)
    if done.returncode != 0:
        print(done.stdout)
        sys.exit(f"tools/build_web.py: `{' '.join(command)}` in web/ failed with code {done.returncode}")
    return done.stdout


def has_packages():
    """npm leaves a copy of the lock file's content in node_modules when it is done."""
    installed = WEB / "node_modules/.package-lock.json"
    wanted = [WEB / "package-lock.json", WEB / "package.json"]
    return installed.exists() and all(installed.stat().st_mtime >= file.stat().st_mtime for file in wanted)


def fetch_packages(patience):
    if has_packages():
        return
    if shutil.which("npm") is None:
        raise NoPackages("npm is not installed (apt-get install --no-install-recommends nodejs npm)")
    done = run("npm", "ci", "--no-audit", "--no-fund", f"--fetch-retries={patience}")
    if done.returncode != 0:
        raise NoPackages(f"`npm ci` failed:\n{done.stdout.strip()}")
    (WEB / "node_modules/.package-lock.json").touch()


def tool(name, *arguments):
    return [str(WEB / "node_modules/.bin" / name), *arguments]


def compress(folder):
    """Writes <file>.gz beside every text; returns what a browser loads, by file."""
    sizes = {}
    for file in sorted(path for path in folder.rglob("*") if path.suffix in PACKED):
        packed = gzip.compress(file.read_bytes(), 9, mtime=0)
        file.with_name(file.name + ".gz").write_bytes(packed)
        sizes[str(file.relative_to(folder))] = len(packed)
    return sizes


def build(folder):
    """Bundles into a new folder, then puts that in the place of the old one: a JobManager that starts meanwhile finds all or nothing."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".web-") as scratch:
        new = pathlib.Path(scratch) / "web"
        checked(*tool("vite", "build", "--outDir", str(new), "--logLevel", "warn"))
        sizes = compress(new)
        shutil.rmtree(folder, ignore_errors=True)
        new.rename(folder)
    total = sum(sizes.values())
    print("\n".join(f"{size:8} {name}" for name, size in sizes.items()))
    print(f"web UI: {total} bytes compressed, at most {MOST_BYTES}")
    if total > MOST_BYTES:
        sys.exit("tools/build_web.py: the web UI has grown beyond its budget; see what came in, or load it later and less")


def check():
    checked(*tool("tsc", "--noEmit"))
    checked(*tool("biome", "check", "--error-on-warnings", "."))
    checked(*tool("biome", "check", "--error-on-warnings", "--config-path=.", "../tests/browser"))
    tests = checked(*tool("vitest", "run"))
    print("\n".join(line for line in tests.splitlines() if "Tests" in line or "Test Files" in line))
    with tempfile.TemporaryDirectory() as scratch:
        build(pathlib.Path(scratch) / "web")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, nargs="?")
    parser.add_argument("--must", action="store_true")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    if arguments.folder is None and not arguments.check:
        parser.error("where to?")
    try:
        # Who only wants the engine does not wait for a network that is not there.
        fetch_packages(patience=3 if arguments.must or arguments.check else 0)
    except NoPackages as problem:
        if arguments.must or arguments.check:
            sys.exit(f"tools/build_web.py: {problem}")
        print(f"The web UI is not built: {problem}")
        return
    if arguments.check:
        check()
    else:
        build(arguments.folder.resolve())


if __name__ == "__main__":
    main()
