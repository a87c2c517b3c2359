#!/usr/bin/env python3
"""Every header of src/ compiles alone.

A header whose source includes it first is proved by the build and costs nothing here; this check only makes sure that
the include stands first. The others are compiled (no code generated), and a result is kept in build/checks/ until the
header or anything of ours that it reaches changes.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess

import source_tree

COMPILER = "clang++-19"
FLAGS = ["-std=c++20", "-fsyntax-only", "-x", "c++", "-Wno-pragma-once-outside-header", "-Iinclude"]


def own_source(name, texts):
    """The .cc of the same name, or None."""
    source = name[:-2] + ".cc"
    return source if source in texts else None


def first_include_problem(name, source, texts):
    wanted = "weir/" + name.removeprefix("src/")
    for line, _, header in source_tree.includes(texts[source]):
        if header == wanted:
            return None
        return f"{source}:{line}: include {wanted} first: it proves that the header compiles alone"
    return f"{source}:1: include {wanted} first: it proves that the header compiles alone"


def closure_hash(name, texts):
    """Hash of the header and of everything of ours that it reaches."""
    seen, queue = {name}, [name]
    while queue:
        for _, _, header in source_tree.includes(texts[queue.pop()]):
            target = "src/" + header.removeprefix("weir/")
            if header.startswith("weir/") and target in texts and target not in seen:
                seen.add(target)
                queue.append(target)
    digest = hashlib.sha256(" ".join(FLAGS).encode())
    for each in sorted(seen):
        digest.update(each.encode() + b"\0" + texts[each].encode())
    return digest.hexdigest()


def compile_alone(root, name):
    result = subprocess.run([COMPILER, *FLAGS, name], cwd=root, capture_output=True, text=True,
                            stdin=subprocess.DEVNULL)
    if result.returncode == 0:
        return None
    first = next((line for line in result.stderr.splitlines() if "error:" in line), result.stderr.strip())
    return f"{name}:1: does not compile alone; include what it uses: {first}"


def load_cache(path):
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=source_tree.ROOT)
    root = parser.parse_args().root
    texts = {name: source_tree.read(root, name) for name in source_tree.files(root, ".h", ".cc")
             if name.startswith("src/")}
    headers = [name for name in texts if name.endswith(".h")]
    problems, alone = [], {}
    for name in headers:
        source = own_source(name, texts)
        if source is None:
            alone[name] = closure_hash(name, texts)
        elif problem := first_include_problem(name, source, texts):
            problems.append(problem)

    cache_path = root / "build/checks/headers.json"
    cache = load_cache(cache_path)
    stale = [name for name, digest in alone.items() if cache.get(name) != digest]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, problem in zip(stale, pool.map(lambda each: compile_alone(root, each), stale)):
            if problem:
                problems.append(problem)
                alone[name] = ""
    cache_path.parent.mkdir(parents=True, exist_ok=True)
    cache_path.write_text(json.dumps(alone))
    source_tree.finish("check_headers", problems, f"{len(headers)} headers, {len(stale)} compiled now")


if __name__ == "__main__":
    main()
