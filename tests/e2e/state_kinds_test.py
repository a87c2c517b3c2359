#!/usr/bin/env python3
"""Lists that are dealt out or given to all, parts of a job that end early, checkpoints in memory, and disks that are full: jobs that must come out exact all the same."""

import collections
import re
import resource
import signal
import subprocess
import time

import job_test_case
from job_test_case import ROOT, JobTestCase


# Rates are such that a job lasts for ten seconds or more of being looked at or killed, also on a slow machine; its last run takes what is left at once.
class StateKinds(JobTestCase):
    def setUp(self):
        super().setUp()
        self.output = self.scratch / "out"
        self.checkpoints = self.scratch / "checkpoints"
        self.errors = self.scratch / "stderr"

    def arguments(self, which, *more):
        return ("--which", which, "--output", self.output, "-Dexecution.checkpointing.interval=20ms",
                f"-Dexecution.checkpointing.dir={self.checkpoints}", *more)

    def start(self, which, *more, before=None):
        errors = self.errors.open("w")
        self.addCleanup(errors.close)
        process = subprocess.Popen(self.command("stateful_jobs", *self.arguments(which, *more)), cwd=ROOT,
                                   env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
                                   preexec_fn=before, restore_signals=before is None)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def wait_until(self, what, is_so, process):
        deadline = time.monotonic() + job_test_case.TIMEOUT_S
        while not is_so():
            self.assertIsNone(process.poll(), f"the job ended before {what}: {self.errors.read_text()}")
            self.assertLess(time.monotonic(), deadline, f"not in time: {what}")
            time.sleep(0.005)

    def newest(self):
        """The greatest id of a complete checkpoint, 0 if there is none."""
        return max((int(re.search(r"chk-(\d+)", str(path)).group(1))
                    for path in self.checkpoints.glob("*/chk-*/_metadata")), default=0)

    def kill_after_new_checkpoints(self, process, count=2):
        before = self.newest()
        self.wait_until("new checkpoints", lambda: self.newest() >= before + count, process)
        process.kill()
        process.wait()

    def finish(self, process):
        self.assertEqual(process.wait(timeout=job_test_case.TIMEOUT_S), 0, self.errors.read_text())

    def committed(self, column=0):
        """The first numbers of all committed rows, sorted."""
        return sorted(int(line.split(",")[column]) for path in self.output.glob("part-*")
                      for line in path.read_text().splitlines())

    def restored(self):
        """What each subtask said of its lists at its start: its own sum, and that of the list which all get."""
        found = re.findall(r"subtask (\d+) restored 1: (\d+) of (\d+)", self.errors.read_text())
        return {int(subtask): (int(own), int(of_all)) for subtask, own, of_all in found}

    def test_lists_are_dealt_out_and_union_lists_given_to_all_at_another_parallelism(self):
        self.kill_after_new_checkpoints(self.start("remember", "--numbers", 60_000, "--rate", 3_000, "-p", 2))
        for parallelism in (3, 1, 2):
            last = parallelism == 2
            process = self.start("remember", "--numbers", 60_000, "--rate", 0 if last else 3_000, "-p", parallelism,
                                 "--restore", "latest")
            if last:
                self.finish(process)
            else:
                self.kill_after_new_checkpoints(process)
            lists = self.restored()
            self.assertEqual(len(lists), parallelism, lists)
            total = sum(own for own, _ in lists.values())
            self.assertGreater(total, 0)
            self.assertEqual({of_all for _, of_all in lists.values()}, {total}, lists)
        self.assertEqual(self.committed(), list(range(60_000)))

    def uneven(self, *more):
        """The first of two subtasks ends long before the other, which keeps a union list, too."""
        return self.start("remember", "--numbers", 80_000, "--slow-from", 40_000, "-p", 2, *more)

    def test_a_partly_finished_operator_with_union_state_fails_the_checkpoint(self):
        process = self.uneven("-Drestart-strategy.type=none")
        self.assertEqual(process.wait(timeout=job_test_case.TIMEOUT_S), 1)
        self.assertIn("has union list state, and 1 of its 2 subtasks have finished", self.errors.read_text())

    def test_with_tolerated_failures_such_a_job_comes_to_its_end(self):
        self.finish(self.uneven("-Dexecution.checkpointing.tolerable-failed-checkpoints=1000000"))
        self.assertEqual(self.committed(), list(range(80_000)))
        self.assertIn("aborted ", self.errors.read_text())

    def test_checkpoints_go_on_after_a_source_has_finished(self):
        arguments = ("--numbers", 60_000, "--few", 50)
        process = self.start("two-sources", *arguments, "--rate", 4_000, "-p", 2)
        self.wait_until("the small source's numbers are committed", lambda: self.committed()[:100].count(0) >= 2, process)
        self.kill_after_new_checkpoints(process, 3)
        self.finish(self.start("two-sources", *arguments, "-p", 2, "--restore", "latest"))
        expected = collections.Counter(range(60_000)) + collections.Counter(range(50))
        self.assertEqual(collections.Counter(self.committed()), expected)

    def test_without_a_folder_small_state_survives_a_failure_in_the_jobmanagers_memory(self):
        result = self.succeed("counting_job", "--numbers", 20_000, "--keys", 10, "--rate", 40_000, "--fails-at", 15_000,
                              "--output", self.output, "-Dexecution.checkpointing.interval=20ms")
        self.assertIn("as asked for", result.stderr)
        self.assertEqual(self.committed(1), sorted(n // 10 + 1 for n in range(20_000)))

    def test_without_a_folder_state_that_is_too_large_says_so(self):
        message = self.fail_with_one_paragraph(
            "stateful_jobs", "--which", "keep", "--numbers", 20_000, "--rate", 10_000, "--bytes", 2_000, "--output", self.output,
            "-Dexecution.checkpointing.interval=20ms", "-Drestart-strategy.type=none")
        self.assertIn("that the JobManager keeps in its memory", message)
        self.assertIn("execution.checkpointing.dir", message)

    def limited(self):
        """To be run in the child: a file that would become larger is refused, as by a full disk."""
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, resource.RLIM_INFINITY))

    def test_a_full_disk_fails_the_checkpoint_which_names_the_file(self):
        process = self.start("keep", "--numbers", 20_000, "--rate", 4_000, "--bytes", 1_000, "-Drestart-strategy.type=none",
                             before=self.limited)
        self.assertEqual(process.wait(timeout=job_test_case.TIMEOUT_S), 1)
        self.assertRegex(self.errors.read_text(), r"cannot write .*checkpoints/[^:]*: File too large")

    def test_a_disk_that_is_full_for_a_while_changes_no_result(self):
        process = self.start("keep", "--numbers", 20_000, "--rate", 2_000, "--bytes", 200,
                             "-Dexecution.checkpointing.tolerable-failed-checkpoints=1000000", before=self.limited)
        self.wait_until("a checkpoint is aborted", lambda: "aborted " in self.errors.read_text(), process)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self.finish(process)
        self.assertEqual(self.committed(), list(range(20_000)))
        self.assertEqual([path.name for path in self.output.iterdir() if path.name.startswith(".")], [])

    def test_large_maps_go_on_at_another_parallelism_and_on_another_backend(self):
        numbers, entries = 90_000, 5_000
        for parallelism, backend in ((1, "hashmap"), (3, "rocksdb"), (2, "hashmap"), (2, "hashmap"), (1, "rocksdb")):
            process = self.start("maps", "--numbers", numbers, "--entries", entries, "--rate", 9_000, "-p", parallelism, "--restore", "latest",
                                 f"-Dstate.backend.type={backend}", f"-Dstate.backend.rocksdb.localdir={self.scratch / 'rocksdb'}")
            self.kill_after_new_checkpoints(process, count=20)
        self.finish(self.start("maps", "--numbers", numbers, "--entries", entries, "-p", 2, "--restore", "latest"))
        rows = sorted(tuple(map(int, line.split(","))) for path in self.output.glob("part-*") for line in path.read_text().splitlines())
        self.assertTrue(rows == [(n, n // 3 // entries + 1, min(n // 3 + 1, entries)) for n in range(numbers)], f"{len(rows)} rows")


if __name__ == "__main__":
    job_test_case.main()
