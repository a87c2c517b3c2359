#!/usr/bin/env python3
"""The web UI in a real browser, on a cluster of real daemons: tests/browser/*.test.mjs. Screenshots of every page are left behind.

Run as web_test.py <folder of examples> <folder of daemons> <folder of the built UI> <folder for screenshots> [name of a test file...]
Exit code 77, which ctest shows as skipped: this machine has no browser, or the UI was not built.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import cluster_test_case
import job_test_case
from cluster_test_case import Cluster, wait_until
from job_test_case import ROOT

SKIPPED = 77
# Less than ctest's, so that the cluster is stopped and not left behind.
DEADLINE_S = 540
REFRESH_MS = 500
TESTS = ROOT / "tests/browser"


def reason_to_skip(web_folder):
    if not (web_folder / "index.html").exists():
        return "the web UI was not built (npm is missing?)"
    if shutil.which("chromium") is None:
        return "chromium is not installed (apt-get install --no-install-recommends chromium)"
    if not (ROOT / "web/node_modules/playwright-core").exists():
        return "web/node_modules is missing (npm ci in web/)"
    return None


def start_cluster(scratch, history_port):
    cluster = Cluster(**{"taskmanager.numberOfTaskSlots": 16, "rest.port": cluster_test_case.free_port(),
                         "web.refresh-interval": f"{REFRESH_MS}ms", "jobmanager.archive.fs.dir": scratch / "archive",
                         "historyserver.web.port": history_port, "historyserver.web.refresh-interval": f"{REFRESH_MS}ms",
                         "historyserver.archive.fs.refresh-interval": "100ms"})
    for script, action in (("start-cluster.sh", ()), ("historyserver.sh", ("start",))):
        started = cluster.run(script, *action)
        if started.returncode != 0:
            sys.exit(started.stdout + started.stderr)
    return cluster


def submit(cluster, program, *arguments, options=()):
    """The id of a job that was started and goes on."""
    result = cluster.weir("run", "-d", *options, job_test_case.folder_of_executables / program, *arguments)
    if result.returncode != 0:
        sys.exit(f"{program} {arguments} was not submitted:\n{result.stdout}{result.stderr}")
    return result.stdout.split("JobID ")[1].split()[0]


def start_jobs(cluster, scratch):
    """A job for each thing that is done to one; all run, or have ended as they should."""
    checkpoints = ["-Dexecution.checkpointing.interval=1s", f"-Dexecution.checkpointing.dir={scratch / 'checkpoints'}"]
    jobs = {"finished": submit(cluster, "word_count", "--output", scratch / "out"),
            "failing": submit(cluster, "watched_jobs", "--which", "failing"),
            "flights": submit(cluster, "watched_jobs", options=["-p", 2, *checkpoints]),
            "stopped": submit(cluster, "watched_jobs", options=["--name", "flights to stop"]),
            "canceled": submit(cluster, "watched_jobs", options=["--name", "flights to cancel", *checkpoints])}
    for name in ("flights", "stopped", "canceled"):
        wait_until(f"{name} runs", lambda name=name: cluster.is_running(jobs[name]))
    wait_until("the failing job has failed", lambda: cluster.status(jobs["failing"])["state"] == "FAILED")
    wait_until("the finished job has finished", lambda: cluster.status(jobs["finished"])["state"] == "FINISHED")
    return jobs


def run_browser(cluster, history_port, jobs, scratch, screenshots):
    port = int(next(line.split(":")[1] for line in (cluster.home / "conf/config.yaml").read_text().splitlines()
                    if line.startswith("rest.port")))
    setting = {"url": f"http://127.0.0.1:{port}", "historyUrl": f"http://127.0.0.1:{history_port}", "chromium": shutil.which("chromium"), "jobs": jobs,
               "screenshots": str(screenshots), "savepoints": str(scratch / "savepoints"), "refreshMs": REFRESH_MS,
               "program": str(job_test_case.folder_of_executables / "watched_jobs")}
    # Actions come last: pages show jobs that run.
    files = [TESTS / f"{name}.test.mjs" for name in sys.argv[5:] or ("pages", "history", "prefix", "parts", "many_subtasks", "actions")]
    deadline = time.monotonic() + DEADLINE_S
    environment = os.environ | {"WEIR_BROWSER_TEST": json.dumps(setting), "HOME": str(scratch)}
    code = 0
    for file in files:
        done = subprocess.run(["node", "--test", "--test-reporter=spec", str(file)], cwd=ROOT, check=False, env=environment,
                              stdin=subprocess.DEVNULL, timeout=max(1, deadline - time.monotonic()))
        code = max(code, done.returncode)
    return code


def main():
    examples, programs, web_folder, screenshots = (pathlib.Path(argument).resolve() for argument in sys.argv[1:5])
    job_test_case.folder_of_executables = examples
    cluster_test_case.programs = programs
    reason = reason_to_skip(web_folder)
    if reason is not None:
        print(f"skipped: {reason}")
        return SKIPPED
    # Whoever ends this test ends the cluster too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))
    screenshots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        history_port = cluster_test_case.free_port()
        cluster = start_cluster(scratch, history_port)
        try:
            return run_browser(cluster, history_port, start_jobs(cluster, scratch), scratch, screenshots)
        finally:
            cluster.run("historyserver.sh", "stop")
            cluster.stop()


if __name__ == "__main__":
    sys.exit(main())
