#!/usr/bin/env python3
"""Disks that take long to write: checkpoints take longer or are given up, and nothing else happens to the job, its TaskManager and whoever asks.

usage: slow_disk_test.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager> [<TestCase>...]

Syncing a file is slow in all processes while a file of the test's is there (jobs/slow_disk.cc).
"""

import sys
import time

sys.dont_write_bytecode = True
import cluster_test_case  # noqa: E402
from cluster_test_case import QUICK_HEARTBEATS, SILENCE_S, Cluster, wait_until  # noqa: E402
from exchange_test import ExchangeTestCase  # noqa: E402

# Longer than any test waits.
HANGS_MS = "600000"


class SlowDisk(ExchangeTestCase):
    def start_with_slow_disk(self, of_daemons=True):
        self.slow = self.scratch / "slow"
        cluster = Cluster(**({"taskmanager.numberOfTaskSlots": 2} | QUICK_HEARTBEATS))
        self.addCleanup(cluster.stop)
        self.addCleanup(lambda: self.slow.unlink(missing_ok=True))
        if of_daemons:
            cluster.environment |= {"LD_PRELOAD": str(self.job("libslow_disk.so").resolve()), "WEIR_TEST_SLOW_DISK": str(self.slow)}
        started = cluster.run("start-cluster.sh")
        cluster.environment.pop("LD_PRELOAD", None)  # commands' own disks are fast
        self.assertEqual(started.returncode, 0, started.stdout + started.stderr)
        return cluster

    def assert_undisturbed(self, cluster, job):
        """No process was taken for lost, and no task began again."""
        self.assertEqual(cluster.status(job)["restarts"], 0, cluster.weir("status", job).stdout)
        for log in (cluster.home / "log").glob("*.log"):
            text = log.read_text()
            for word in ("is lost", "said nothing for"):
                self.assertNotIn(word, text, log.name)
            self.assertLessEqual(text.count("is registered with the JobManager"), 1, text)

    def run_job_with_slow_disk(self, cluster, *options):
        job = self.run_detached(
            cluster, "-p", 2, "-Dexecution.checkpointing.interval=100ms",
            f"-Dexecution.checkpointing.dir={self.scratch}/checkpoints", "-Drestart-strategy.type=fixed-delay",
            "-Drestart-strategy.fixed-delay.attempts=100", *options, self.job("counting_job"), "--numbers", 40_000,
            "--keys", 100, "--rate", 4_000, "--output", self.scratch / "out", "--slow-disk", self.slow)
        wait_until("it runs", lambda: cluster.is_running(job))
        return job

    def test_checkpoints_that_take_long_disturb_nothing(self):
        cluster = self.start_with_slow_disk()
        self.slow.write_text("150")
        job = self.run_job_with_slow_disk(cluster)
        self.await_checkpoint_after(0)
        self.await_checkpoint_after(self.checkpoints())
        self.assert_undisturbed(cluster, job)
        self.slow.unlink()
        self.assert_counted_once(cluster, job)
        self.assert_undisturbed(cluster, job)

    def test_checkpoints_that_take_too_long_are_given_up_and_the_job_goes_on(self):
        # Tasks are asked for snapshots, and their sinks for files that survive a crash, as the JobManager's disk is well.
        cluster = self.start_with_slow_disk(of_daemons=False)
        job = self.run_until_disks_hang(cluster)
        wait_until("checkpoints are given up", lambda: cluster.status(job)["checkpoints"]["failed"] > 2)
        self.assertIn("not complete within execution.checkpointing.timeout", cluster.weir("status", job).stdout)
        self.check_that_it_goes_on(cluster, job)

    def test_the_job_goes_on_though_the_job_managers_disk_hangs_too(self):
        # Not all checkpoints are given up: one whose metadata is being written is waited for.
        cluster = self.start_with_slow_disk()
        self.check_that_it_goes_on(cluster, self.run_until_disks_hang(cluster))

    def run_until_disks_hang(self, cluster):
        job = self.run_job_with_slow_disk(cluster, "-Dexecution.checkpointing.timeout=300ms",
                                          "-Dexecution.checkpointing.tolerable-failed-checkpoints=1000")
        self.await_checkpoint_after(0)
        self.slow.write_text(HANGS_MS)
        return job

    def check_that_it_goes_on(self, cluster, job):
        stuck = time.monotonic()
        before = self.records_read(cluster, job)
        wait_until("longer than a heartbeat may take", lambda: time.monotonic() - stuck > 1.5 * SILENCE_S)
        for subtask, (read, was) in enumerate(zip(self.records_read(cluster, job), before)):
            self.assertGreater(read, was, f"subtask {subtask} with a sink stands still")
        begin = time.monotonic()
        self.assertIn(job, cluster.weir("list", "-r").stdout)
        self.assertLess(time.monotonic() - begin, 20, "whoever asks waits for the disk")
        self.assert_undisturbed(cluster, job)
        self.slow.unlink()
        self.assert_counted_once(cluster, job)
        self.assert_undisturbed(cluster, job)

    def records_read(self, cluster, job):
        """By each subtask with a sink."""
        return [subtask["read-records"] for subtask in cluster.status(job)["vertices"][-1]["subtasks"]]

    def test_without_tolerance_a_disk_that_hangs_restarts_the_job_until_it_is_well(self):
        cluster = self.start_with_slow_disk(of_daemons=False)
        job = self.run_job_with_slow_disk(cluster, "-Dexecution.checkpointing.timeout=300ms")
        self.await_checkpoint_after(0)
        self.slow.write_text(HANGS_MS)
        wait_until("it is restarted", lambda: cluster.status(job)["restarts"] > 0)
        self.slow.unlink()
        self.assert_counted_once(cluster, job)


if __name__ == "__main__":
    cluster_test_case.main()
