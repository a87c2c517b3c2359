#!/usr/bin/env python3
"""Jobs whose tasks are on several TaskManagers: records go over TCP, processes die, and the output is what it must be.

Run as exchange_test.py <folder of examples> <folder of weir, weir-jobmanager, weir-taskmanager> [<TestCase>...]
"""

import os
import random
import re
import signal
import socket
import subprocess
import time

import cluster_test_case
from cluster_test_case import ROOT, ClusterTestCase, wait_until

NUMBERS = 40_000
KEYS = 100
# For the moments of the kills. A failure names it.
SEED = random.randrange(1 << 30)


class ExchangeTestCase(ClusterTestCase):
    def start(self, task_managers=2, slots=2, **configuration):
        cluster = cluster_test_case.Cluster(**{"taskmanager.numberOfTaskSlots": slots} | configuration)
        (cluster.home / "conf/workers").write_text("localhost\n" * task_managers, encoding="utf-8")
        self.addCleanup(cluster.stop)
        started = cluster.run("start-cluster.sh")
        self.assertEqual(started.returncode, 0, started.stdout + started.stderr)
        return cluster

    def task_managers_of(self, cluster, job):
        return {subtask["taskmanager-id"] for vertex in cluster.status(job)["vertices"] for subtask in vertex["subtasks"]}

    def run_counting(self, cluster, *more, parallelism=4, rate=4_000, output="out", interval="50ms"):
        return self.run_detached(
            cluster, "-p", parallelism, f"-Dexecution.checkpointing.interval={interval}",
            f"-Dexecution.checkpointing.dir={self.scratch}/checkpoints", "-Drestart-strategy.type=fixed-delay",
            "-Drestart-strategy.fixed-delay.attempts=100", "-Drestart-strategy.fixed-delay.delay=1ms",
            *more, self.job("counting_job"), "--numbers", NUMBERS, "--keys", KEYS, "--rate", rate,
            "--output", self.scratch / output)

    def expected(self):
        counts = {}
        lines = []
        for number in range(NUMBERS):
            key = number % KEYS
            counts[key] = counts.get(key, 0) + 1
            lines.append(f"{key},{counts[key]}\n")
        return lines

    def committed(self, output="out"):
        return [line for path in (self.scratch / output).glob("part-*.csv")
                for line in path.read_text().splitlines(keepends=True)]

    def assert_counted_once(self, cluster, job):
        wait_until("the job has ended", lambda: cluster.status(job)["state"] in ("FINISHED", "FAILED", "CANCELED"))
        status = cluster.status(job)
        self.assertEqual(status["state"], "FINISHED", status)
        self.assertEqual(sorted(self.committed()), sorted(self.expected()), f"seed {SEED}")

    def checkpoints(self):
        return max((int(re.search(r"chk-(\d+)", str(path)).group(1))
                    for path in (self.scratch / "checkpoints").glob("*/chk-*/_metadata")), default=0)

    def await_checkpoint_after(self, before):
        wait_until("a checkpoint", lambda: self.checkpoints() > before)


class Rows(ExchangeTestCase):
    def test_examples_over_two_task_managers_give_the_same_rows_as_embedded(self):
        cluster = self.start(task_managers=2, slots=2)
        for example in ("word_count", "flights_hourly", "flights_sessions", "busy_user"):
            for parallelism in (1, 2, 3, 4):
                out = self.scratch / f"{example}{parallelism}"
                result = cluster.weir("run", "-p", parallelism, self.job(example), "--output", out)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assert_rows(out, f"{example}.csv")

    def test_examples_over_three_task_managers_give_the_same_rows_as_embedded(self):
        cluster = self.start(task_managers=3, slots=1, **{"taskmanager.network.payload-checksum": "true"})
        for example in ("word_count", "flights_sliding", "flights_distinct_destinations"):
            out = self.scratch / example
            result = cluster.weir("run", "-p", 3, self.job(example), "--output", out)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assert_rows(out, f"{example}.csv")

    def test_small_buffers_change_no_row(self):
        cluster = self.start(**{"taskmanager.memory.segment-size": "4kb", "taskmanager.network.memory.buffers-per-channel": 1,
                                "taskmanager.network.memory.floating-buffers-per-gate": 0,
                                "taskmanager.network.memory.buffer-debloat.target": "1ms",
                                "taskmanager.memory.network.min": "256kb", "taskmanager.memory.network.max": "256kb"})
        out = self.scratch / "small"
        result = cluster.weir("run", "-p", 4, self.job("word_count"), "--output", out)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assert_rows(out, "word_count.csv")


    def test_channels_that_network_memory_is_too_little_for_are_refused(self):
        # Two buffers of 32 kb for the way in, and as many for the way out; three quarters are for these.
        cluster = self.start(task_managers=2, slots=1, **{"taskmanager.memory.network.min": "128kb",
                                                          "taskmanager.memory.network.max": "128kb"})
        result = cluster.weir("run", "-p", 2, self.job("word_count"), "--output", self.scratch / "refused")
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn("no memory for network buffers", result.stderr)
        self.assertIn("Raise taskmanager.memory.network.fraction", result.stderr)
        self.assertIn("slots, 2 of them free", cluster.weir("cluster").stdout)


class Spread(ExchangeTestCase):
    def test_a_job_fills_one_task_manager_before_the_next(self):
        cluster = self.start(task_managers=2, slots=2)
        job = self.run_counting(cluster, parallelism=2)
        wait_until("it runs", lambda: cluster.is_running(job))
        self.assertEqual(len(self.task_managers_of(cluster, job)), 1)

    def test_a_job_is_spread_evenly_when_that_is_asked_for(self):
        for key, value in (("taskmanager.load-balance.mode", "SLOTS"), ("cluster.evenly-spread-out-slots", "true")):
            cluster = self.start(task_managers=2, slots=2, **{key: value})
            job = self.run_counting(cluster, parallelism=2, output=key)
            wait_until("it runs", lambda: cluster.is_running(job))
            self.assertEqual(len(self.task_managers_of(cluster, job)), 2, key)

    def test_a_job_stays_together_when_that_is_asked_for(self):
        cluster = self.start(task_managers=2, slots=2, **{"taskmanager.load-balance.mode": "TOGETHER"})
        job = self.run_counting(cluster, parallelism=3)
        wait_until("it waits", lambda: cluster.status(job)["waiting-for"] == "3 of 3 slots")


class Failures(ExchangeTestCase):
    def test_killed_workers_cost_no_record(self):
        cluster = self.start(task_managers=2, slots=2)
        chance = random.Random(SEED)
        job = self.run_counting(cluster)
        wait_until("it runs", lambda: cluster.is_running(job))
        self.assertEqual(len(self.task_managers_of(cluster, job)), 2)
        for kill in range(1, 6):
            self.await_checkpoint_after(self.checkpoints())
            time.sleep(chance.uniform(0, 0.1))
            os.kill(chance.choice(cluster.workers()), signal.SIGKILL)
            wait_until("it runs again", lambda: cluster.is_running(job, attempt=kill))
        self.assert_counted_once(cluster, job)

    def test_a_killed_task_manager_is_replaced_by_a_spare_one(self):
        cluster = self.start(task_managers=3, slots=2)
        job = self.run_counting(cluster)
        wait_until("it runs", lambda: cluster.is_running(job))
        self.await_checkpoint_after(self.checkpoints())
        used = [pid for pid in cluster.pids("taskmanager") if cluster_test_case.children(pid)]
        self.assertEqual(len(used), 2)
        os.kill(used[0], signal.SIGKILL)
        wait_until("it runs again", lambda: cluster.is_running(job, attempt=1))
        self.assert_counted_once(cluster, job)

    def test_the_death_of_a_worker_is_the_cause_and_not_what_follows_from_it(self):
        cluster = self.start(task_managers=2, slots=2)
        job = self.run_counting(cluster, "-Drestart-strategy.type=none")
        wait_until("it runs", lambda: cluster.is_running(job))
        os.kill(cluster.workers()[0], signal.SIGKILL)
        wait_until("it has failed", lambda: cluster.status(job)["state"] == "FAILED")
        error = cluster.status(job)["error"]
        # The worker's death is told, though the other one hears first that their connection is lost.
        self.assertIn("was killed by signal 9", error)

    def test_it_stops_with_a_savepoint_and_goes_on_at_another_parallelism(self):
        cluster = self.start(task_managers=2, slots=2)
        job = self.run_counting(cluster, interval="1s")
        wait_until("it runs", lambda: cluster.is_running(job))
        self.await_checkpoint_after(self.checkpoints())
        stopped = cluster.weir("stop", "-p", self.scratch / "stopped", job)
        self.assertEqual(stopped.returncode, 0, stopped.stderr)
        path = re.search(r"Savepoint completed. Path: (.*)", stopped.stdout).group(1)
        self.assert_counted_once(cluster, self.run_counting(cluster, "-s", path, parallelism=3, rate=0))

    def assert_is_closed(self, connection):
        """A refusal may come first."""
        try:
            while connection.recv(4096):
                pass
        except ConnectionResetError:
            pass

    def test_strangers_at_the_data_port_are_refused_and_disturb_nobody(self):
        cluster = self.start(task_managers=2, slots=2)
        job = self.run_counting(cluster)
        wait_until("it runs", lambda: cluster.is_running(job))
        ports = cluster_test_case.listening_ports(cluster.pids("taskmanager"))
        self.assertEqual(len(ports), 2)
        for port in ports:
            for message in (b"GET / HTTP/1.1\r\n\r\n" + b"x" * 64, b"", os.urandom(64)):
                with socket.create_connection(("127.0.0.1", port), timeout=10) as stranger:
                    stranger.sendall(message)
                    if message:
                        self.assert_is_closed(stranger)
        self.assertEqual(cluster.status(job)["restarts"], 0)
        self.assert_counted_once(cluster, job)


class Namespaces(ExchangeTestCase):
    """Two TaskManagers that share no network but one link, as on two machines."""

    ADDRESSES = ("10.213.77.1", "10.213.77.2")

    def setUp(self):
        super().setUp()
        self.names = [f"weir-{os.getpid()}-{side}" for side in "ab"]
        for name in self.names:
            self.ip("netns", "add", name)
            self.addCleanup(subprocess.run, ["ip", "netns", "del", name], capture_output=True)
        self.ip("link", "add", f"wa{os.getpid()}", "netns", self.names[0], "type", "veth",
                "peer", "name", f"wb{os.getpid()}", "netns", self.names[1])
        for name, side, address in zip(self.names, "ab", self.ADDRESSES):
            self.ip("-n", name, "address", "add", f"{address}/24", "dev", f"w{side}{os.getpid()}")
            self.ip("-n", name, "link", "set", f"w{side}{os.getpid()}", "up")
            self.ip("-n", name, "link", "set", "lo", "up")

    def ip(self, *arguments):
        try:
            result = subprocess.run(["ip", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        except FileNotFoundError:
            self.skipTest("the command ip is not here")
        if result.returncode != 0:
            self.skipTest(f"network namespaces cannot be made here: ip {' '.join(arguments)}: {result.stderr.strip()}")

    def inside(self, cluster, side, program, *arguments):
        command = ["ip", "netns", "exec", self.names[side], str(cluster.home / "bin" / program), *map(str, arguments)]
        return subprocess.run(command, cwd=ROOT, env=cluster.environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=60)

    def test_a_job_over_two_machines_gives_the_same_rows_and_survives_a_kill(self):
        secret = self.scratch_file("secret", "0123456789abcdef0123\n")
        secret.chmod(0o600)
        cluster = cluster_test_case.Cluster(
            **{"jobmanager.rpc.address": self.ADDRESSES[0], "jobmanager.bind-host": "0.0.0.0",
               "taskmanager.bind-host": "0.0.0.0", "taskmanager.numberOfTaskSlots": 2, "security.secret-file": secret})
        self.addCleanup(cluster.stop)
        for side, program in ((0, "jobmanager.sh"), (0, "taskmanager.sh"), (1, "taskmanager.sh")):
            started = self.inside(cluster, side, program, "start")
            self.assertEqual(started.returncode, 0, started.stdout + started.stderr)
        result = self.inside(cluster, 0, "weir", "run", "-p", 4, self.job("word_count"), "--output", self.scratch / "rows")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assert_rows(self.scratch / "rows", "word_count.csv")
        # All of the cluster's commands go by its first machine from here on.
        cluster.run = lambda program, *arguments, **_: self.inside(cluster, 0, program, *arguments)
        job = self.run_counting(cluster)
        wait_until("it runs", lambda: cluster.is_running(job))
        self.assertEqual(len(self.task_managers_of(cluster, job)), 2)
        self.await_checkpoint_after(self.checkpoints())
        os.kill(cluster.workers()[0], signal.SIGKILL)
        wait_until("it runs again", lambda: cluster.is_running(job, attempt=1))
        self.assert_counted_once(cluster, job)


if __name__ == "__main__":
    cluster_test_case.main()
