#!/usr/bin/env python3
"""How long a cluster on this machine takes to start, take a job, answer and stop, and what it weighs.

usage: tools/bench_cluster.py [--build build/release] [--rounds 5]

Medians over the rounds, with a cluster of its own (one JobManager, one TaskManager) on a free port. A missed target is
reported and is no error: it depends on the machine. Results go to build/bench_cluster.json.
"""

import argparse
import json
import pathlib
import re
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/e2e"))
sys.dont_write_bytecode = True
import cluster_test  # noqa: E402

# Milliseconds, or MiB.
TARGETS = {"start-cluster.sh to slots registered": 300, "weir run -d": 120, "weir run -d to all tasks RUNNING": 120,
           "weir list": 50, "worker killed, noticed and reported": 10, "stop-cluster.sh": 500, "idle PSS, both daemons": 40,
           "PSS of a small job's worker": 30}


def timed(action):
    begin = time.perf_counter()
    result = action()
    return (time.perf_counter() - begin) * 1000, result


def pss_mib(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE).group(1)) / 1024


def checked(result):
    if result.returncode != 0:
        sys.exit(f"{result.args} failed:\n{result.stdout}{result.stderr}")
    return result


def noticed_ms(cluster, job):
    """From the kill of the job's worker to the JobManager's knowledge of it, as far as asking every millisecond shows."""
    pids = cluster.workers()
    log = next((cluster.home / "log").glob("*taskmanager*.log"))
    size = log.stat().st_size
    cluster_test.os.kill(pids[0], cluster_test.signal.SIGKILL)
    begin = time.perf_counter()
    while b"was killed by signal 9" not in log.read_bytes()[size:]:
        time.sleep(0.0005)
    return (time.perf_counter() - begin) * 1000


def one_round(job_program, rows):
    cluster = cluster_test.Cluster()
    try:
        ms, started = timed(lambda: cluster.run("start-cluster.sh"))
        checked(started)
        rows["start-cluster.sh to slots registered"].append(ms)
        time.sleep(0.3)
        rows["idle PSS, both daemons"].append(
            sum(pss_mib(pid) for pid in cluster.pids("jobmanager") + cluster.pids("taskmanager")))
        checked(cluster.weir("cancel", submit(cluster, job_program)))  # from here on the executable is known
        begin = time.perf_counter()
        ms, job = timed(lambda: submit(cluster, job_program))
        rows["weir run -d"].append(ms)
        while not cluster.is_running(job):
            pass
        rows["weir run -d to all tasks RUNNING"].append((time.perf_counter() - begin) * 1000)
        rows["weir list"].append(timed(lambda: checked(cluster.weir("list")))[0])
        rows["PSS of a small job's worker"].append(max(map(pss_mib, cluster.workers())))
        rows["worker killed, noticed and reported"].append(noticed_ms(cluster, job))
        rows["stop-cluster.sh"].append(timed(lambda: checked(cluster.run("stop-cluster.sh")))[0])
    finally:
        cluster.stop()


def submit(cluster, job_program):
    result = checked(cluster.weir("run", "-d", job_program))
    return re.search(r"JobID ([0-9a-f]{32})", result.stdout).group(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    cluster_test.programs = build / "bin"
    rows = {name: [] for name in TARGETS}
    for _ in range(arguments.rounds):
        one_round(build / "examples/cluster_jobs", rows)
    results = []
    for name, values in rows.items():
        unit = "MiB" if "PSS" in name else "ms"
        value = statistics.median(values)
        met = value <= TARGETS[name]
        print(f"{name:40} | {value:8.1f} {unit:3} | target <= {TARGETS[name]} {unit}{'' if met else '  MISSED'}", flush=True)
        results.append({"name": name, "value": value, "unit": unit, "target": TARGETS[name], "met": met, "all": values})
    (ROOT / "build/bench_cluster.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
