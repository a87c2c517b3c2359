#!/usr/bin/env python3
"""How long a cluster on this machine takes to start, take a job, answer, recover and stop, what it weighs, and what its data plane costs.

usage: tools/bench_cluster.py [--build build/release] [--rounds 5] [--only word...]

Medians over the rounds, with clusters of its own on free ports. A missed target is reported and is no error: it depends on
the machine. Results go to build/bench_cluster.json.
"""

import argparse
import http.client
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/e2e"))
sys.dont_write_bytecode = True
import cluster_test_case  # noqa: E402

# What is at most allowed; "x" is a ratio that must be at least reached.
TARGETS = {
    "start-cluster.sh to slots registered": (300, "ms"),
    "weir run -d": (120, "ms"),
    "weir run -d to all tasks RUNNING": (120, "ms"),
    "weir list": (50, "ms"),
    "worker killed, noticed and reported": (10, "ms"),
    "stop-cluster.sh": (500, "ms"),
    "idle PSS, both daemons": (40, "MiB"),
    "idle CPU, both daemons": (0.1, "%"),
    "PSS of a small job's worker": (30, "MiB"),
    "worker killed to first right output, 1 M keys": (300, "ms"),
    "TaskManager killed to first right output, 1 M keys": (300, "ms"),
    "worker killed to first right output, 10 M keys": (500, "ms"),
    "TaskManager killed to first right output, 10 M keys": (500, "ms"),
    "remote shuffle against raw TCP": (0.6, "x"),
    "local exchange p50 against a futex hand-over": (1.5, "times"),
    "remote exchange p50 against a TCP round trip": (3, "times"),
    "local exchange p99.9 above a futex hand-over's": (1, "ms more"),
    "remote exchange p99.9 above a TCP round trip's": (1, "ms more"),
    "10 000 x 10 000 tasks scheduled, messages made": (2, "s"),
    "10 000 x 10 000 tasks scheduled, peak memory": (500, "MiB"),
}


def timed(action):
    begin = time.perf_counter()
    result = action()
    return (time.perf_counter() - begin) * 1000, result


def pss_mib(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE).group(1)) / 1024


def cpu_seconds(pid):
    # The process' own clock, in nanoseconds and with threads that have ended: /proc/<pid>/stat counts in ticks of 10 ms, a tenth of what is
    # allowed. Its number is what clock_getcpuclockid(3) gives: the process in the upper bits, 2 for "as the scheduler has run it".
    return time.clock_gettime((~pid << 3) | 2)


def checked(result):
    if result.returncode != 0:
        sys.exit(f"{result.args} failed:\n{result.stdout}{result.stderr}")
    return result


def started_cluster(task_managers=1, **configuration):
    cluster = cluster_test_case.Cluster(**configuration)
    (cluster.home / "conf/workers").write_text("localhost\n" * task_managers)
    ms, result = timed(lambda: cluster.run("start-cluster.sh"))
    checked(result)
    return ms, cluster


def submit(cluster, *arguments):
    result = checked(cluster.weir("run", "-d", *arguments))
    return re.search(r"JobID ([0-9a-f]{32})", result.stdout).group(1)


def await_running(cluster, port, job):
    """Until all tasks run, asked of the REST API: a command line per look would take longer than what is measured."""
    connection = http.client.HTTPConnection("localhost", port)
    while True:
        connection.request("GET", f"/jobs/{job}")
        vertices = json.loads(connection.getresponse().read()).get("vertices", [])
        if vertices and all(vertex["tasks"]["RUNNING"] == vertex["parallelism"] for vertex in vertices):
            return
        time.sleep(0.001)


def noticed_ms(cluster):
    """From the kill of the job's worker to its TaskManager's log line about it."""
    log = next((cluster.home / "log").glob("*taskmanager*.log"))
    size = log.stat().st_size
    os.kill(cluster.workers()[0], signal.SIGKILL)
    begin = time.perf_counter()
    while b"was killed by signal 9" not in log.read_bytes()[size:]:
        time.sleep(0.0005)
    return (time.perf_counter() - begin) * 1000


def operations(build, rows):
    port = cluster_test_case.free_port()
    ms, cluster = started_cluster(**{"rest.port": port})
    try:
        rows["start-cluster.sh to slots registered"].append(ms)
        time.sleep(0.3)
        daemons = cluster.pids("jobmanager") + cluster.pids("taskmanager")
        rows["idle PSS, both daemons"].append(sum(map(pss_mib, daemons)))
        time.sleep(3)  # what starting leaves to do is not idling
        used, begin = sum(map(cpu_seconds, daemons)), time.perf_counter()
        time.sleep(20)
        used = sum(map(cpu_seconds, daemons)) - used
        rows["idle CPU, both daemons"].append(used / (time.perf_counter() - begin) * 100)
        job_program = build / "examples/cluster_jobs"
        checked(cluster.weir("cancel", submit(cluster, job_program)))  # from here on the executable is known
        begin = time.perf_counter()
        ms, job = timed(lambda: submit(cluster, job_program))
        rows["weir run -d"].append(ms)
        await_running(cluster, port, job)
        rows["weir run -d to all tasks RUNNING"].append((time.perf_counter() - begin) * 1000)
        rows["weir list"].append(timed(lambda: checked(cluster.weir("list")))[0])
        rows["PSS of a small job's worker"].append(max(map(pss_mib, cluster.workers())))
        rows["worker killed, noticed and reported"].append(noticed_ms(cluster))
        rows["stop-cluster.sh"].append(timed(lambda: checked(cluster.run("stop-cluster.sh")))[0])
    finally:
        cluster.stop()


def recovery(build, rows):
    """Two TaskManagers with two slots each, a third that is spare; a checkpoint each second."""
    recovery_of(build, rows, 1, 500_000)
    recovery_of(build, rows, 10, 1_500_000)


def all_marked(marks, killed, parallelism):
    """When all subtasks had a right count of a restored key out after `killed`, in nanoseconds; ends the measurement if that never is."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        first = {}
        for mark in marks.iterdir():
            nanos, subtask = map(int, mark.name.split("-"))
            if nanos > killed:
                first[subtask] = min(nanos, first.get(subtask, nanos))
        if len(first) == parallelism:
            return max(first.values())
        time.sleep(0.001)
    sys.exit("the job did not come back within a minute")


def recovery_of(build, rows, millions, rate):
    _, cluster = started_cluster(3, **{"taskmanager.numberOfTaskSlots": 2})
    try:
        with tempfile.TemporaryDirectory() as scratch:
            marks = pathlib.Path(scratch, "marks")
            marks.mkdir()
            begun = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
            job = submit(cluster, "-p", 4, "-Dexecution.checkpointing.interval=1s",
                         f"-Dexecution.checkpointing.dir={scratch}/checkpoints", "-Drestart-strategy.type=fixed-delay",
                         "-Drestart-strategy.fixed-delay.attempts=100", "-Drestart-strategy.fixed-delay.delay=1ms",
                         build / "examples/recovery_job", "--keys", millions * 1_000_000, "--rate", rate, "--marks", marks)
            # All keys are there, and in a checkpoint: what comes next are keys with a count.
            all_marked(marks, begun, 4)
            time.sleep(6)
            for what, victims in (("worker", cluster.workers()),
                                  ("TaskManager", [pid for pid in cluster.pids("taskmanager")
                                                   if cluster_test_case.children(pid)])):
                victim = victims[0]
                killed = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
                os.kill(victim, signal.SIGKILL)
                right = all_marked(marks, killed, 4)
                rows[f"{what} killed to first right output, {millions} M keys"].append((right - killed) / 1e6)
                time.sleep(4)
            checked(cluster.weir("cancel", job))
    finally:
        cluster.stop()


def latencies(text):
    """{name: (p50, p99.9)} in microseconds, the worst of several tasks."""
    found = {}
    for name, p50, p999 in re.findall(r"latency (\w+) count \d+ p50_us ([\d.]+) p99_us [\d.]+ p999_us ([\d.]+)", text):
        before = found.get(name, (0, 0))
        found[name] = (max(before[0], float(p50)), max(before[1], float(p999)))
    return found


def latency(build, rows):
    program = build / "examples/exchange_latency"
    bare = {}
    for kind in ("futex", "tcp"):
        bare |= latencies(subprocess.run([program, "--bare", kind], capture_output=True, text=True).stdout)
    _, cluster = started_cluster(2, **{"taskmanager.numberOfTaskSlots": 1})
    try:
        result = checked(cluster.weir("run", "-p", 2, program))
        job = re.search(r"JobID ([0-9a-f]{32})", result.stdout).group(1)
        ours = latencies(checked(cluster.weir("logs", "--stdout", job)).stdout)
    finally:
        cluster.stop()
    for mine, other, name in (("local", "futex", "a futex hand-over"), ("remote", "tcp", "a TCP round trip")):
        rows[f"{mine} exchange p50 against {name}"].append(ours[mine][0] / bare[other][0])
        rows[f"{mine} exchange p99.9 above {name}'s"].append((ours[mine][1] - bare[other][1]) / 1000)
        print(f"  {mine}: p50 {ours[mine][0]:.1f} us, p99.9 {ours[mine][1]:.1f}; {name}: {bare[other][0]:.1f}, {bare[other][1]:.1f}")


def shuffle(build, rows):
    seconds = {}
    for mode in ("baseline", "ours"):
        line = checked(subprocess.run([build / "benchmarks/remote_exchange", mode], capture_output=True, text=True)).stdout
        seconds[mode] = json.loads(line.splitlines()[-1])["wall_s"]
    rows["remote shuffle against raw TCP"].append(seconds["baseline"] / seconds["ours"])


def scheduler(build, rows):
    result = checked(subprocess.run([build / "benchmarks/scheduler_scale", "ours"], capture_output=True, text=True))
    measured = json.loads(result.stdout.splitlines()[-1])
    rows["10 000 x 10 000 tasks scheduled, messages made"].append(measured["wall_s"])
    rows["10 000 x 10 000 tasks scheduled, peak memory"].append(measured["peak_mib"])


def main():
    # So that whoever ends this leaves no cluster behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=["operations", "recovery", "latency", "shuffle", "scheduler"])
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    cluster_test_case.programs = build / "bin"
    rows = {name: [] for name in TARGETS}
    for _ in range(arguments.rounds):
        for measure in (operations, recovery, latency, shuffle, scheduler):
            if measure.__name__ in arguments.only:
                measure(build, rows)
    results = []
    for name, values in rows.items():
        if not values:
            continue
        target, unit = TARGETS[name]
        value = statistics.median(values)
        met = value >= target if unit == "x" else value <= target
        wanted = f"{'>=' if unit == 'x' else '<='} {target} {unit}"
        print(f"{name:52} | {value:8.2f} {unit:7} | target {wanted}{'' if met else '  MISSED'}", flush=True)
        results.append({"name": name, "value": value, "unit": unit, "target": target, "met": met, "all": values})
    (ROOT / "build/bench_cluster.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
