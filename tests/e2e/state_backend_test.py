#!/usr/bin/env python3
"""Jobs give the same rows whichever backend keeps their state."""

import job_test_case
from job_test_case import JobTestCase

KEYED_EXAMPLES = ("flights_hourly", "flights_sessions", "flights_distinct_destinations", "busy_user")


class RocksDb(JobTestCase):
    def rocksdb(self, *more):
        self.folder = self.scratch / "state"
        return ("-Dstate.backend.type=rocksdb", f"-Dstate.backend.rocksdb.localdir={self.folder}", *more)

    def test_rows_are_those_of_the_heap(self):
        for example in KEYED_EXAMPLES:
            for parallelism in (1, 3):
                out = self.scratch / f"{example}{parallelism}"
                self.succeed(example, "--output", out, "-p", parallelism, *self.rocksdb())
                self.assert_rows(out, f"{example}.csv")
                self.assertEqual(list(self.folder.iterdir()), [], "files of the state were left behind")

    def test_little_memory_is_enough(self):
        out = self.scratch / "out"
        self.succeed("flights_sessions", "--output", out, "-p", 2,
                     *self.rocksdb("-Dtaskmanager.memory.managed.size=8mb"))
        self.assert_rows(out, "flights_sessions.csv")

    def test_memory_that_is_too_little_is_refused(self):
        message = self.fail_with_one_paragraph("flights_hourly", "--output", self.scratch / "out",
                                               *self.rocksdb("-Dtaskmanager.memory.managed.size=1mb"))
        self.assertIn("taskmanager.memory.managed.size is 1mb; expected at least 8 mb", message)

    def test_a_folder_that_cannot_be_made_is_named(self):
        self.scratch_file("file", "")
        message = self.fail_with_one_paragraph("flights_hourly", "--output", self.scratch / "out",
                                               "-Dstate.backend.type=rocksdb",
                                               f"-Dstate.backend.rocksdb.localdir={self.scratch}/file/state")
        self.assertIn("state.backend.rocksdb.localdir must name folders that this process may write to", message)


class Windows(JobTestCase):
    """Their slices are in memory whatever the backend is."""

    def test_windows_keep_to_the_memory_of_keyed_state(self):
        for backend in ("hashmap", "rocksdb"):
            job = ("stateful_jobs", "--which", "windows", f"-Dstate.backend.type={backend}",
                   f"-Dstate.backend.rocksdb.localdir={self.scratch}/state")
            self.succeed(*job, "--numbers", 100_000, "-Dtaskmanager.memory.managed.size=64mb")
            message = self.fail_with_one_paragraph(*job, "--numbers", 100_000_000, "-Dtaskmanager.memory.managed.size=64mb")
            self.assertIn("have reached the 64 mb that taskmanager.memory.managed.size", message)
            self.assertIn("Window", message)


if __name__ == "__main__":
    job_test_case.main()
