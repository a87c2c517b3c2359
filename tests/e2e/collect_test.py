#!/usr/bin/env python3
"""Rows that a program collects come to it from a cluster as they do embedded, through failures, and once.

usage: collect_test.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager> [<TestCase>...]
"""

import os
import signal
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True
import cluster_test_case  # noqa: E402
from cluster_test_case import ClusterTestCase, wait_until  # noqa: E402


class Collect(ClusterTestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cluster_test_case.Cluster(**{"taskmanager.numberOfTaskSlots": 4})
        (cls.cluster.home / "conf/workers").write_text("localhost\nlocalhost\n", encoding="utf-8")
        started = cls.cluster.run("start-cluster.sh")
        assert started.returncode == 0, started.stdout + started.stderr
        cls.addClassCleanup(cls.cluster.stop)

    def rows(self, result):
        """What the program printed, without the command line's own lines."""
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return [line for line in result.stdout.splitlines() if not line.startswith("Job has been")]

    def embedded(self, *arguments):
        return self.rows(subprocess.run([self.job("collecting_jobs"), *map(str, arguments)], capture_output=True, text=True,
                                        timeout=60))

    def test_a_cluster_gives_the_rows_that_an_embedded_job_gives(self):
        for parallelism in (1, 2, 3):
            mine = self.rows(self.cluster.weir("run", "-p", parallelism, self.job("collecting_jobs")))
            self.assertEqual(mine, self.embedded("-p", parallelism))
            self.assertIn("100000 rows, sum 5000050000, ok", mine)

    def test_rows_of_workers_on_two_task_managers_come_together(self):
        spread = ("-Dcluster.evenly-spread-out-slots=true", "-p", 8)
        mine = self.rows(self.cluster.weir("run", *spread, self.job("collecting_jobs"), "--numbers", 300_000))
        self.assertIn("300000 rows, sum 45000150000, ok", mine)

    def test_a_program_that_lets_go_of_its_rows_ends_and_its_job_too(self):
        result = self.cluster.weir("run", self.job("collecting_jobs"), "--which", "first")
        self.assertEqual(self.rows(result), ["1000 rows"])
        job = self.submitted(result)[0]
        wait_until("the job is cancelled", lambda: self.cluster.status(job)["state"] == "CANCELED")

    def test_with_checkpoints_each_row_comes_once_through_a_failure(self):
        options = ("-Dexecution.checkpointing.interval=50ms", "-Drestart-strategy.type=fixed-delay",
                   "-Drestart-strategy.fixed-delay.attempts=3", "-Drestart-strategy.fixed-delay.delay=1ms",
                   f"-Dexecution.checkpointing.dir={self.cluster.home}/checkpoints")
        program = ("--which", "restart", "--numbers", 20_000)
        result = self.cluster.weir("run", *options, self.job("collecting_jobs"), *program)
        self.assertEqual(self.rows(result), ["20000 rows, sum 200010000, ok"], result.stderr)
        self.assertEqual(self.embedded(*options, *program), ["20000 rows, sum 200010000, ok"])

    def test_with_checkpoints_each_row_comes_once_through_the_death_of_its_worker(self):
        program = subprocess.Popen(
            [self.cluster.home / "bin/weir", "run", "-Dexecution.checkpointing.interval=50ms",
             "-Drestart-strategy.type=fixed-delay", "-Drestart-strategy.fixed-delay.attempts=10",
             "-Drestart-strategy.fixed-delay.delay=1ms", f"-Dexecution.checkpointing.dir={self.cluster.home}/checkpoints",
             self.job("collecting_jobs"), "--which", "restart", "--numbers", "20000"],
            env=self.cluster.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(program.kill)
        worker = wait_until("there is a worker", self.cluster.workers)[0]
        time.sleep(0.4)
        os.kill(worker, signal.SIGKILL)
        out, err = program.communicate(timeout=60)
        self.assertIn("20000 rows, sum 200010000, ok", out, err)

    def test_without_checkpoints_a_restart_is_an_error_of_the_rows(self):
        result = self.cluster.weir("run", "-Drestart-strategy.type=fixed-delay", "-Drestart-strategy.fixed-delay.attempts=3",
                                   "-Drestart-strategy.fixed-delay.delay=1ms", self.job("collecting_jobs"), "--which",
                                   "restart", "--numbers", 2_000)
        self.assertIn("failed", result.stdout)
        self.assertIn("restarted without checkpoints", result.stderr)

    def test_a_detached_job_keeps_no_rows_and_ends(self):
        result = self.cluster.weir("run", "-d", self.job("collecting_jobs"), "--numbers", 3_000_000)
        self.assertEqual(result.returncode, 0, result.stderr)
        for job in self.submitted(result):
            wait_until("the job ends", lambda job=job: self.cluster.status(job)["state"] == "FINISHED")


if __name__ == "__main__":
    cluster_test_case.main()
