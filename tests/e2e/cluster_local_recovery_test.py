#!/usr/bin/env python3
"""A worker is killed, and its job goes on from the copies of its state on the machine, which outlive it.

usage: cluster_local_recovery_test.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager> [<TestCase>...]
"""

import os
import signal
import sys

sys.dont_write_bytecode = True
import cluster_test_case  # noqa: E402
from cluster_test_case import Cluster, ClusterTestCase, wait_until  # noqa: E402

NUMBERS, KEYS = 80_000, 1_000


class LocalRecovery(ClusterTestCase):
    def start_task_managers(self, count):
        cluster = Cluster(**{"taskmanager.numberOfTaskSlots": 2 // count, "taskmanager.load-balance.mode": "SLOTS"})
        self.addCleanup(cluster.stop)
        (cluster.home / "conf/workers").write_text("localhost\n" * count, encoding="utf-8")
        started = cluster.run("start-cluster.sh")
        self.assertEqual(started.returncode, 0, started.stdout + started.stderr)
        return cluster

    def run_and_kill(self, cluster, spoil, backend):
        """Kills a worker of a job with two subtasks, and again; three seconds after the second time the tasks are restored, behind `spoil`."""
        checkpoints = self.scratch / "checkpoints"
        job = self.run_detached(
            cluster, "-p", 2, "-Dexecution.checkpointing.interval=200ms", f"-Dexecution.checkpointing.dir={checkpoints}",
            "-Dexecution.state-recovery.from-local=true", "-Dstate.storage.fs.memory-threshold=0kb", f"-Dstate.backend.type={backend}",
            "-Drestart-strategy.type=fixed-delay", "-Drestart-strategy.fixed-delay.attempts=9", "-Drestart-strategy.fixed-delay.delay=3s",
            self.job("counting_job"), "--numbers", NUMBERS, "--keys", KEYS, "--output", self.scratch / "out", "--rate", 8_000)
        # The first restart is immediate.
        for attempt in range(2):
            wait_until("all tasks run", lambda attempt=attempt: cluster.is_running(job, attempt))
            before = cluster.status(job)["checkpoints"]["completed"]
            wait_until("there are checkpoints", lambda before=before: cluster.status(job)["checkpoints"]["completed"] > before + 2)
            os.kill(cluster.workers()[0], signal.SIGKILL)
        wait_until("its tasks are gone", lambda: not cluster.is_running(job))
        copies = [path for path in (cluster.home / "tmp").glob("weir-local-state/**/*") if path.is_file()]
        self.assertGreater(len(copies), 0, "the copies have gone with the worker")
        spoil([path for path in checkpoints.glob("*/*/*") if path.name != "_metadata"], copies)
        wait_until("the job has counted", lambda: cluster.status(job)["state"] in ("FINISHED", "FAILED"))
        self.assertEqual(cluster.status(job)["state"], "FINISHED", cluster.status(job))
        rows = sorted(row for file in (self.scratch / "out").glob("**/part-*.csv") for row in file.read_text().splitlines())
        self.assertTrue(rows == sorted(f"{n % KEYS},{n // KEYS + 1}" for n in range(NUMBERS)), f"{len(rows)} rows")
        left = [path for path in (cluster.home / "tmp").glob("weir-local-state/**/*") if path.is_file()]
        self.assertEqual(left, [], "they go with the job")

    @staticmethod
    def spoil_checkpoint(files, copies):
        for path in files:
            path.unlink()

    def test_a_new_worker_restores_from_the_copies_though_the_checkpoints_files_are_gone(self):
        self.run_and_kill(self.start_task_managers(1), self.spoil_checkpoint, "hashmap")

    def test_so_do_files_of_rocksdb(self):
        self.run_and_kill(self.start_task_managers(1), self.spoil_checkpoint, "rocksdb")

    def test_tasks_go_back_to_the_task_managers_that_have_their_copies(self):
        self.run_and_kill(self.start_task_managers(2), self.spoil_checkpoint, "hashmap")

    def test_copies_that_are_gone_do_no_harm(self):
        def spoil(files, copies):
            for path in copies:
                path.unlink()

        self.run_and_kill(self.start_task_managers(1), spoil, "hashmap")


if __name__ == "__main__":
    cluster_test_case.main()
