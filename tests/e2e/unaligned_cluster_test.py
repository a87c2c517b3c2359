#!/usr/bin/env python3
"""Barriers overtake over the network: unaligned checkpoints of a job on two TaskManagers under back-pressure, killed and restored; and `weir checkpoint`.

usage: unaligned_cluster_test.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager> [<TestCase>...]
"""

import json
import os
import re
import signal
import sys

sys.dont_write_bytecode = True
import cluster_test_case  # noqa: E402
from cluster_test_case import Cluster, ClusterTestCase, wait_until  # noqa: E402

NUMBERS, KEYS = 300_000, 100


class Unaligned(ClusterTestCase):
    def start_two(self):
        cluster = Cluster(**{"taskmanager.numberOfTaskSlots": 2, "taskmanager.load-balance.mode": "SLOTS"})
        self.addCleanup(cluster.stop)
        (cluster.home / "conf/workers").write_text("localhost\nlocalhost\n", encoding="utf-8")
        started = cluster.run("start-cluster.sh")
        self.assertEqual(started.returncode, 0, started.stdout + started.stderr)
        return cluster

    def count(self, cluster, *more):
        return self.run_detached(cluster, "-p", 2, "-Dexecution.checkpointing.interval=200ms", *more,
                                 f"-Dexecution.checkpointing.dir={self.scratch / 'checkpoints'}",
                                 "-Drestart-strategy.type=fixed-delay", "-Drestart-strategy.fixed-delay.attempts=100",
                                 "-Drestart-strategy.fixed-delay.delay=10ms", self.job("counting_job"), "--numbers", NUMBERS,
                                 "--keys", KEYS, "--output", self.scratch / "out", "--pause", "10ms")

    def completed(self, cluster, job):
        return cluster.status(job)["checkpoints"]["completed"]

    def test_killed_under_back_pressure_every_number_is_counted_once(self):
        cluster = self.start_two()
        job = self.count(cluster, "-Dexecution.checkpointing.unaligned.enabled=true")
        for attempt in range(3):
            wait_until("all tasks run", lambda attempt=attempt: cluster.is_running(job, attempt=attempt))
            before = self.completed(cluster, job)
            wait_until("there is another checkpoint", lambda before=before: self.completed(cluster, job) > before + 1)
            workers = cluster.workers()
            self.assertEqual(len(workers), 2)
            os.kill(workers[attempt % 2], signal.SIGKILL)
        wait_until("the job runs again", lambda: cluster.is_running(job, attempt=3))
        # What is left is counted without brakes: from its last checkpoint, by another job.
        wait_until("there is another checkpoint", lambda: self.completed(cluster, job) > before + 2)
        wait_until("the job has counted", lambda: cluster.status(job)["state"] == "FINISHED")
        rows = sorted(row for file in (self.scratch / "out").glob("**/part-*.csv") for row in file.read_text().splitlines())
        self.assertTrue(rows == sorted(f"{n % KEYS},{n // KEYS + 1}" for n in range(NUMBERS)), f"{len(rows)} rows")

    def test_a_checkpoint_is_taken_when_a_person_asks(self):
        cluster = self.start_two()
        job = self.count(cluster, "-Dexecution.checkpointing.interval=1h")
        wait_until("the job runs", lambda: cluster.is_running(job))
        taken = cluster.weir("checkpoint", job)
        self.assertEqual(taken.returncode, 0, taken.stderr)
        self.assertRegex(taken.stdout, rf"Triggering checkpoint for job {job}\.\nCheckpoint \d+ for job {job} completed\.")
        full = json.loads(cluster.weir("checkpoint", "-full", "--json", job).stdout)
        self.assertEqual((full["jobid"], full["status"]), (job, "COMPLETED"))
        self.assertTrue(list((self.scratch / "checkpoints").glob(f"**/chk-{full['checkpoint']}/_metadata")))
        self.assertEqual(cluster.weir("checkpoint", "-full", "-incremental", job).returncode, 2)
        self.assertEqual(cluster.weir("checkpoint", "0" * 32).returncode, 1)
        self.assertEqual(cluster.weir("cancel", job).returncode, 0)
        self.assertEqual(cluster.weir("checkpoint", job).returncode, 1)


if __name__ == "__main__":
    cluster_test_case.main()
