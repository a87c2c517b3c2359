#!/usr/bin/env python3
"""A job of many kinds of state, killed at each step of the checkpoint protocol, stopped with savepoints, and moved each time to another parallelism and
another backend: its rows are the golden ones, each once."""

import shutil
import signal

import job_test_case
from fault_points_test import POINTS
from job_test_case import GOLDEN, JobTestCase, compare_rows

PARTS = ("flights_hourly", "flights_sliding", "flights_sessions", "flights_connections", "flights_delay_alerts", "flights_moving_delay",
         "broadcast_rules", "async_enrichment")


def golden_differences(out):
    """What of the job's output is not as it should be."""
    differences = []
    for part in PARTS:
        rows, problems = compare_rows.rows_of(out / part)
        expected = compare_rows.rows_of(GOLDEN / f"{part}.csv")[0][1:]
        if part == "async_enrichment":
            expected = [row[:-1] for row in expected]  # without the airport's name
        differences += [f"{part}: {each}" for each in (*problems, *compare_rows.compare(rows, expected))]
    return differences


class GoldenJob(JobTestCase):
    def options(self, backend, parallelism, *more):
        return ("--output", self.scratch / "out", "-p", parallelism, f"-Dstate.backend.type={backend}",
                f"-Dstate.backend.rocksdb.localdir={self.scratch / 'state'}", "-Dexecution.checkpointing.interval=5ms",
                f"-Dexecution.checkpointing.dir={self.scratch / 'checkpoints'}", *more)

    def assert_golden(self):
        self.assertEqual(golden_differences(self.scratch / "out")[:10], [])

    def test_checkpoints_change_no_result(self):
        for number, more in enumerate(((), ("-Dpipeline.operator-chaining.enabled=false", "-Dexecution.checkpointing.unaligned.enabled=true"),
                                       ("-Dstate.backend.type=rocksdb", "-Dexecution.checkpointing.mode=AT_LEAST_ONCE"))):
            self.succeed("golden_job", *self.options("hashmap", number + 1, *more))
            self.assert_golden()
            shutil.rmtree(self.scratch / "out")

    def test_killed_at_each_step_and_moved_each_time(self):
        # Slow at both ends: there is time for checkpoints, and flights are in flight. A batch is a thousand flights and their rows,
        # and no barrier comes between them.
        slow = ("--pause", "2ms", "--result-pause", "5ms", "-Dexecution.checkpointing.unaligned.enabled=true", "--restore", "latest")
        # A checkpoint first: what a job wrote that died without one stays behind.
        for number, point in enumerate(("metadata-known", *POINTS)):
            backend = ("hashmap", "rocksdb", "rocksdb", "hashmap")[number % 4]
            killed = self.run_job("golden_job", *self.options(backend, 2 + number % 2, *slow), WEIR_FAULT_POINT=point)
            self.assertEqual(killed.returncode, -signal.SIGKILL, f"{point} was not reached\n{killed.stderr}")
        self.succeed("golden_job", *self.options("hashmap", 1, "--restore", "latest"))
        self.assert_golden()

    def test_stopped_with_savepoints_and_moved_each_time(self):
        start = ()
        for backend, parallelism in (("hashmap", 1), ("rocksdb", 3), ("rocksdb", 2), ("hashmap", 2)):
            stopped = self.succeed("golden_job", *self.options(backend, parallelism, "--pause", "2ms", "--stops-after", "500ms", "--savepoints",
                                                               self.scratch / "savepoints", *start))
            start = ("-s", stopped.stdout.strip())
            self.assertEqual([path.name for path in (self.scratch / "out").rglob(".*")], [], "stopping commits")
        self.succeed("golden_job", *self.options("rocksdb", 1, *start))
        self.assert_golden()


if __name__ == "__main__":
    job_test_case.main()
