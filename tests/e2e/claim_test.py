#!/usr/bin/env python3
"""Whose a checkpoint is that a job was started from: with NO_CLAIM it may go after the first one of the job, with CLAIM the job removes it."""

import re
import shutil
import signal
import subprocess
import time

import job_test_case
from job_test_case import ROOT, JobTestCase

NUMBERS, KEYS = 60_000, 5_000


class Claim(JobTestCase):
    def setUp(self):
        super().setUp()
        self.output = self.scratch / "out"

    def arguments(self, checkpoints, backend, rate, *more):
        return ("--numbers", NUMBERS, "--keys", KEYS, "--rate", rate, "--output", self.output, "-Dexecution.checkpointing.interval=20ms",
                f"-Dexecution.checkpointing.dir={checkpoints}", "-Dstate.storage.fs.memory-threshold=1b",
                f"-Dstate.backend.type={backend}", f"-Dstate.backend.rocksdb.localdir={self.scratch / 'state'}", *more)

    @staticmethod
    def complete(checkpoints):
        """Folders of complete checkpoints, the oldest first."""
        folders = [path.parent for path in checkpoints.glob("*/chk-*/_metadata")]
        return sorted(folders, key=lambda path: int(re.search(r"chk-(\d+)", path.name)[1]))

    def run_and_kill(self, checkpoints, backend, *more, then=lambda: None):
        """Kills the job once it has completed three checkpoints; `then` is called behind the first. The newest is returned."""
        process = subprocess.Popen(self.command("counting_job", *self.arguments(checkpoints, backend, 5_000, *more)), cwd=ROOT,
                                   env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        deadline = time.monotonic() + job_test_case.TIMEOUT_S
        seen = set()
        while len(seen) < 4:
            self.assertIsNone(process.poll(), "the job has ended")
            self.assertLess(time.monotonic(), deadline, "no checkpoints complete")
            new = set(self.complete(checkpoints)) - seen
            if new and not seen:
                then()
            seen |= new
            time.sleep(0.002)
        process.kill()
        process.wait()
        return self.complete(checkpoints)[-1]

    def finish(self, checkpoints, backend, *more, rate=0):
        self.succeed("counting_job", *self.arguments(checkpoints, backend, rate, *more))
        rows = sorted(row for path in self.output.glob("part-*") for row in path.read_text().splitlines())
        self.assertTrue(rows == sorted(f"{n % KEYS},{n // KEYS + 1}" for n in range(NUMBERS)), f"{len(rows)} rows")
        shutil.rmtree(self.output)

    def test_with_no_claim_a_checkpoint_is_not_needed_after_the_first_of_the_job_nor_touched(self):
        for backend in ("hashmap", "rocksdb"):
            with self.subTest(backend):
                first, second = (self.scratch / f"{backend}-{n}" for n in (1, 2))
                start = self.run_and_kill(first, backend)
                stored = {path: path.read_bytes() for path in first.glob("**/*") if path.is_file()}

                def then():
                    self.assertEqual({path: path.read_bytes() for path in first.glob("**/*") if path.is_file()}, stored)
                    shutil.rmtree(first)

                self.run_and_kill(second, backend, "-s", start, then=then)
                self.finish(second, backend, "--restore", "latest")

    def claimed(self, backend):
        """A checkpoint of a killed job, and how another one is started from it."""
        start = self.run_and_kill(self.scratch / f"{backend}-1", backend)
        return start, ("-s", start, "-Dexecution.state-recovery.claim-mode=CLAIM")

    def test_with_claim_it_goes_when_no_checkpoint_of_the_job_needs_it(self):
        for backend in ("hashmap", "rocksdb"):
            with self.subTest(backend):
                start, claim = self.claimed(backend)
                metadata = (start / "_metadata").read_bytes()
                files = [path for path in start.parent.glob("*/*") if path.is_file() and path.name.encode() in metadata]
                self.assertGreater(len(files), 1)
                self.finish(self.scratch / f"{backend}-2", backend, *claim, rate=50_000)
                self.assertEqual([path for path in files if path.exists()], [])

    def test_with_claim_nothing_of_it_stays_when_the_job_dies_while_it_goes(self):
        for backend in ("hashmap", "rocksdb"):
            with self.subTest(backend):
                start, claim = self.claimed(backend)
                files = [path for path in start.parent.glob("**/*") if path.is_file()]
                second = self.scratch / f"{backend}-2"
                killed = self.run_job("counting_job", *self.arguments(second, backend, 5_000, *claim), WEIR_FAULT_POINT="subsumed-metadata-deleted:1")
                self.assertEqual(killed.returncode, -signal.SIGKILL, killed.stderr)
                metadata = next(path for path in second.glob("*/chk-*/_metadata")).read_bytes()
                self.finish(second, backend, "--restore", "latest", rate=50_000)
                named = [path for path in files if path.exists() and path.parent == start]
                self.assertEqual(named, [], "its own files")
                shared = [path for path in files if path.exists() and path.parent.name == "shared" and path.name.encode() in metadata]
                self.assertEqual(shared, [], "files that the first checkpoint of the job named")

    def test_with_claim_checkpoints_of_the_job_may_name_its_files(self):
        for backend in ("hashmap", "rocksdb"):
            with self.subTest(backend):
                start, claim = self.claimed(backend)
                last = self.run_and_kill(self.scratch / f"{backend}-2", backend, *claim)
                self.assertFalse(start.exists(), "it was replaced by those of the job")
                self.finish(last.parent.parent, backend, "--restore", "latest")

    def test_files_of_before_a_rescale_go_though_both_halves_have_named_them(self):
        checkpoints = self.scratch / "rescaled"
        self.run_and_kill(checkpoints, "hashmap")
        before = {path.name for path in checkpoints.glob("*/shared/*")}
        self.assertGreater(len(before), 0)
        first = self.run_and_kill(checkpoints, "hashmap", "--restore", "latest", "-p", 2)
        self.assertTrue(any(name.encode() in (first / "_metadata").read_bytes() for name in before), "the halves build on it")
        for _ in range(30):
            if not before & {path.name for path in checkpoints.glob("*/shared/*")}:
                break
            last = self.run_and_kill(checkpoints, "hashmap", "--restore", "latest", "-p", 2)
            self.assertLess(int(last.name[4:]), 200, "a chain has 64 links at most")
        self.assertEqual(before & {path.name for path in checkpoints.glob("*/shared/*")}, set())
        self.finish(checkpoints, "hashmap", "--restore", "latest")


if __name__ == "__main__":
    job_test_case.main()
