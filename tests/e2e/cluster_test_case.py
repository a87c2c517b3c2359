"""What the tests of real clusters share: an installation in a temporary folder, with its scripts and daemons.

Such a test file is run as `<file>.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager> [<TestCase>...]`.
"""

import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import job_test_case
from job_test_case import ROOT, JobTestCase

DEADLINE_S = 60
# Until a process that says nothing is given up: more than a loaded machine lets one wait, else whoever is slow is lost, too, and tests that want one loss see two.
SILENCE_S = 3
QUICK_HEARTBEATS = {"heartbeat.interval": "200ms", "heartbeat.timeout": f"{SILENCE_S}s"}
programs = pathlib.Path()


def free_port():
    """A port that nobody has, nor is given unless he names it: so it stays free until a daemon takes it, and while the daemon is restarted."""
    first_given = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for port in random.sample(range(min(10_000, first_given // 2), first_given), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise AssertionError("no port is free")


def wait_until(what, holds):
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        found = holds()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {DEADLINE_S} s for: {what}")


class Cluster:
    """An installation of its own in a temporary folder, with its own port."""

    def __init__(self, **configuration):
        self.folder = tempfile.TemporaryDirectory()
        self.home = pathlib.Path(self.folder.name)
        self.port = free_port()
        (self.home / "bin").mkdir()
        (self.home / "conf").mkdir()
        for script in (ROOT / "bin").iterdir():
            shutil.copy(script, self.home / "bin")
        for program in programs.iterdir():
            if program.name.startswith("weir"):
                (self.home / "bin" / program.name).symlink_to(program)
        values = {"jobmanager.rpc.port": self.port, "rest.port": 0, "taskmanager.numberOfTaskSlots": 6,
                  "io.tmp.dirs": self.home / "tmp"} | configuration
        text = "".join(f"{key}: {value}\n" for key, value in values.items())
        (self.home / "conf/config.yaml").write_text(text, encoding="utf-8")
        (self.home / "conf/workers").write_text("localhost\n", encoding="utf-8")
        own = {key: value for key, value in os.environ.items() if not key.startswith("WEIR_")}
        self.environment = own | {"WEIR_HOME": str(self.home), "WEIR_CONF_DIR": str(self.home / "conf"), "WEIR_LOG_DIR": str(self.home / "log")}

    def run(self, program, *arguments, cwd=ROOT, **more):
        return subprocess.run([str(self.home / "bin" / program), *map(str, arguments)], cwd=cwd, env=self.environment | more,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE_S)

    def weir(self, *arguments, **more):
        return self.run("weir", *arguments, **more)

    def pids(self, kind):
        files = sorted((self.home / "log/pids").glob(f"{kind}-*.pid"))
        return [int(file.read_text().split()[0]) for file in files if file.exists()]

    def workers(self):
        return self.children("taskmanager")

    def coordinators(self):
        return self.children("jobmanager")

    def children(self, kind):
        """Pids of the processes that daemons of a kind have started."""
        return [child for parent in self.pids(kind) for child in children(parent)]

    def status(self, job):
        return json.loads(self.weir("status", "--json", job).stdout)

    def is_running(self, job, attempt=0):
        status = self.status(job)
        subtasks = [subtask for vertex in status["vertices"] for subtask in vertex["subtasks"]]
        return status["state"] == "RUNNING" and all(
            subtask["state"] == "RUNNING" and subtask["attempt"] >= attempt for subtask in subtasks)

    def stop(self):
        pids = self.pids("jobmanager") + self.pids("taskmanager")
        result = self.run("stop-cluster.sh")
        for pid in pids:
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)
        self.folder.cleanup()
        return result


def children(pid):
    return [int(child) for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children")
            for child in task.read_text().split()]


def listening_ports(pids):
    """TCP ports that these processes listen on."""
    sockets = {os.readlink(link) for pid in pids for link in pathlib.Path(f"/proc/{pid}/fd").iterdir()}
    lines = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sorted({int(line[1].split(":")[1], 16) for line in lines
                   if line[3] == "0A" and f"socket:[{line[9]}]" in sockets})


def is_alive(pid):
    try:
        return bool(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return False


class ClusterTestCase(JobTestCase):
    def start(self, **configuration):
        cluster = Cluster(**configuration)
        self.addCleanup(cluster.stop)
        started = cluster.run("start-cluster.sh")
        self.assertEqual(started.returncode, 0, started.stdout + started.stderr)
        return cluster

    def job(self, name):
        return job_test_case.folder_of_executables / name

    def submitted(self, result):
        """The ids in `Job has been submitted with JobID ...`."""
        return re.findall(r"Job has been submitted with JobID ([0-9a-f]{32})", result.stdout)

    def run_detached(self, cluster, *arguments):
        result = cluster.weir("run", "-d", *arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return self.submitted(result)[0]


def main():
    global programs
    programs = pathlib.Path(sys.argv.pop(2)).resolve()
    job_test_case.main()
