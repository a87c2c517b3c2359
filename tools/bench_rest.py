#!/usr/bin/env python3
"""How fast the REST API answers while a job uses all cores, and what an upload and a page of metrics cost.

usage: tools/bench_rest.py [--build build/release] [--seconds 30] [--clients 20] [--only word...]

On a cluster of its own on free ports. A missed target is reported and is no error: it depends on the machine. Results go to build/bench_rest.json.
"""

import argparse
import http.client
import json
import pathlib
import re
import sys
import tempfile
import threading
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/e2e"))
sys.dont_write_bytecode = True
import cluster_test_case  # noqa: E402

TARGETS = {
    "GET /overview p99": (5, "ms"),
    "GET /jobs/<id> p99": (5, "ms"),
    "GET /overview p50": (5, "ms"),
    "GET /jobs/<id> p50": (5, "ms"),
    "100 MB upload": (20, "MiB more"),
    "GET /metrics, 5000 series": (30, "ms"),
}
UPLOAD_BYTES = 100 * 1024 * 1024
SERIES = 5000
# Of one client: the polling interval of a page.
INTERVAL_S = 1.0


class Rest:
    """One connection, as a browser keeps it."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def get(self, path):
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            sys.exit(f"GET {path} answered {answer.status}: {body[:300]}")
        return body

    def json(self, path):
        return json.loads(self.get(path))


def started_cluster(**configuration):
    port = cluster_test_case.free_port()
    cluster = cluster_test_case.Cluster(**{"rest.port": port} | configuration)
    started = cluster.run("start-cluster.sh")
    if started.returncode != 0:
        sys.exit(started.stdout + started.stderr)
    return cluster, port


def submit(cluster, *arguments):
    result = cluster.weir("run", "-d", *arguments)
    if result.returncode != 0:
        sys.exit(result.stdout + result.stderr)
    return re.search(r"JobID ([0-9a-f]{32})", result.stdout).group(1)


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def poll(port, paths, times, until, offset):
    """A client: each path once per interval; the time of each answer in milliseconds."""
    rest = Rest(port)
    time.sleep(offset)
    while time.monotonic() < until:
        due = time.monotonic() + INTERVAL_S
        for name, path in paths.items():
            begin = time.perf_counter()
            rest.get(path)
            times[name].append((time.perf_counter() - begin) * 1000)
        time.sleep(max(0.0, due - time.monotonic()))


def latency(arguments, build, rows):
    cluster, port = started_cluster()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            # Two tasks that never wait keep both cores of a small machine busy; larger ones get more.
            job = submit(cluster, "-p", str(arguments.parallelism), build / "examples/counting_job", "--numbers", str(10**12),
                         "--keys", "100000", "--output", f"{scratch}/out")
            cluster_test_case.wait_until("the job runs", lambda: cluster.is_running(job))
            time.sleep(3)
            paths = {"GET /overview": "/overview", "GET /jobs/<id>": f"/jobs/{job}"}
            times = {name: [] for name in paths}
            until = time.monotonic() + arguments.seconds
            clients = [threading.Thread(target=poll, args=(port, paths, times, until, i * INTERVAL_S / arguments.clients))
                       for i in range(arguments.clients)]
            for client in clients:
                client.start()
            for client in clients:
                client.join()
            for name, values in times.items():
                print(f"  {name}: {len(values)} answers, p50 {quantile(values, 0.5):.2f} ms, p90 {quantile(values, 0.9):.2f}, "
                      f"p99 {quantile(values, 0.99):.2f}, longest {max(values):.2f}", flush=True)
                rows[f"{name} p50"] = quantile(values, 0.5)
                rows[f"{name} p99"] = quantile(values, 0.99)
        finally:
            cluster.stop()


def peak_mib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


def upload(_, build, rows):
    cluster, port = started_cluster()
    try:
        [job_manager] = cluster.pids("jobmanager")
        program = (build / "examples/word_count").read_bytes()
        boundary = uuid.uuid4().hex
        head = (f"--{boundary}\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"big\"\r\n"
                "Content-Type: application/x-java-archive\r\n\r\n").encode()
        body = head + program + bytes(UPLOAD_BYTES - len(program)) + f"\r\n--{boundary}--\r\n".encode()
        before = peak_mib(job_manager)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        begin = time.perf_counter()
        connection.request("POST", "/jars/upload", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})
        answer = connection.getresponse()
        if answer.status != 200:
            sys.exit(f"the upload answered {answer.status}: {answer.read()[:300]}")
        print(f"  100 MB in {time.perf_counter() - begin:.2f} s")
        rows["100 MB upload"] = peak_mib(job_manager) - before
    finally:
        cluster.stop()


def metrics(_, build, rows):
    """The time of /metrics, as many series as a job of many tasks gives, scaled to 5000."""
    cluster, port = started_cluster(**{"taskmanager.numberOfTaskSlots": 96})
    try:
        job = submit(cluster, "-p", "80", build / "examples/cluster_jobs")
        cluster_test_case.wait_until("the job runs", lambda: cluster.is_running(job))
        rest = Rest(port)

        def series():
            return sum(not line.startswith("#") for line in rest.get("/metrics").decode().splitlines())

        cluster_test_case.wait_until(f"{SERIES} series", lambda: series() >= SERIES)
        times = []
        for _ in range(50):
            begin = time.perf_counter()
            rest.get("/metrics")
            times.append((time.perf_counter() - begin) * 1000)
            time.sleep(0.05)
        print(f"  /metrics: {series()} series, p50 {quantile(times, 0.5):.2f} ms, longest {max(times):.2f}")
        rows["GET /metrics, 5000 series"] = quantile(times, 0.5) * SERIES / series()
    finally:
        cluster.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--parallelism", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=["latency", "upload", "metrics"])
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    cluster_test_case.programs = build / "bin"
    rows = {}
    for measure in (latency, upload, metrics):
        if measure.__name__ in arguments.only:
            measure(arguments, build, rows)
    results = []
    for name, value in rows.items():
        target, unit = TARGETS[name]
        print(f"{name:32} | {value:8.2f} {unit:9} | target <= {target} {unit}{'' if value <= target else '  MISSED'}")
        results.append({"name": name, "value": value, "unit": unit, "target": target, "met": value <= target})
    (ROOT / "build/bench_rest.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
