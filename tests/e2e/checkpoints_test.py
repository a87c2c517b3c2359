#!/usr/bin/env python3
"""A job with checkpoints survives: exceptions, kill -9 at any moment, another parallelism. What it commits is what an undisturbed run does."""

import random
import re
import shutil
import subprocess
import time
import unittest

import job_test_case
from job_test_case import ROOT, JobTestCase

# At 2000 a second they last for 30 seconds of being killed, also on a slow machine; the last run takes what is left at once.
NUMBERS = 60_000
# A kill each tenth of a second leaves time for a few checkpoints in between.
INTERVAL_MS = 20
# For the moments of the kills. A failure names it.
SEED = random.randrange(1 << 30)


class Checkpoints(JobTestCase):
    def setUp(self):
        super().setUp()
        self.output = self.scratch / "out"
        self.checkpoints = self.scratch / "checkpoints"
        self.numbers = NUMBERS
        self.keys = 100

    def arguments(self, *more, rate=20_000, parallelism=1):
        return ("--numbers", self.numbers, "--keys", self.keys, "--rate", rate, "--output", self.output, "-p", parallelism,
                f"-Dexecution.checkpointing.interval={INTERVAL_MS}ms",
                f"-Dexecution.checkpointing.dir={self.checkpoints}", *more)

    def newest(self):
        """The greatest id of a complete checkpoint, 0 if there is none."""
        return max((int(re.search(r"chk-(\d+)", str(path)).group(1))
                    for path in self.checkpoints.glob("*/chk-*/_metadata")), default=0)

    def start(self, *more, rate=2_000, **options):
        arguments = self.arguments("--restore", "latest", *more, rate=rate, **options)
        process = subprocess.Popen(self.command("counting_job", *arguments), cwd=ROOT, env=self.environment(),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        return process

    def kill_after_a_new_checkpoint(self, process, pause, before):
        """Kills the job `pause` after it has completed a checkpoint newer than `before`; whether it still ran."""
        deadline = time.monotonic() + job_test_case.TIMEOUT_S
        while self.newest() <= before and process.poll() is None:
            self.assertLess(time.monotonic(), deadline, "no checkpoint completes")
            time.sleep(0.002)
        time.sleep(pause)
        ran = process.poll() is None
        process.kill()
        process.wait()
        return ran

    def kill_again_and_again(self, kills, parallelisms=(1,), options=((),), brakes=None, killed=lambda: None):
        """The n-th start has the n-th parallelism and options, around again behind the last. `brakes` slow down those that
        will be killed; `killed` is called after each kill."""
        chance = random.Random(SEED)

        def start(number, *more, **others):
            return self.start(*options[number % len(options)], *more,
                              parallelism=parallelisms[number % len(parallelisms)], **others)

        for kill in range(kills):
            process = start(kill) if brakes is None else start(kill, *brakes, rate=0)
            # With brakes the second new one: the first may find channels that are still empty.
            before = self.newest() + (0 if brakes is None else 1)
            if not self.kill_after_a_new_checkpoint(process, chance.uniform(0, 0.06), before):
                self.fail(f"the job ended before kill {kill + 1} of {kills}; seed {SEED}")
            killed()
        last = start(kills, rate=0)
        _, errors = last.communicate(timeout=job_test_case.TIMEOUT_S)
        self.assertEqual(last.returncode, 0, errors)

    def expected(self):
        counts = {}
        lines = []
        for number in range(self.numbers):
            key = number % self.keys
            counts[key] = counts.get(key, 0) + 1
            lines.append(f"{key},{counts[key]}\n")
        return lines

    def committed(self):
        """The lines of all committed files, in the order of their numbers."""
        files = sorted(self.output.glob("part-*.csv"), key=lambda path: [int(n) for n in re.findall(r"\d+", path.name)])
        return [line for path in files for line in path.read_text().splitlines(keepends=True)]

    def assert_nothing_uncommitted(self):
        self.assertEqual([path.name for path in self.output.iterdir() if path.name.startswith(".")], [])

    def test_killed_twenty_times_it_commits_what_an_undisturbed_run_does(self):
        self.kill_again_and_again(20)
        self.assertEqual("".join(self.committed()), "".join(self.expected()), f"seed {SEED}")
        self.assert_nothing_uncommitted()
        self.assertEqual(self.newest(), 0, "a finished job deletes its checkpoints")

    def test_killed_twenty_times_and_moved_between_parallelisms_and_backends_it_counts_every_number_once(self):
        folder = self.scratch / "state"
        rocksdb = ("-Dstate.backend.type=rocksdb", f"-Dstate.backend.rocksdb.localdir={folder}")
        # With three parallelisms and four backends each change meets each other one.
        self.kill_again_and_again(20, parallelisms=(1, 3, 2), options=(rocksdb, rocksdb, (), ()))
        self.assertEqual(sorted(self.committed()), sorted(self.expected()), f"seed {SEED}")
        self.assert_nothing_uncommitted()
        self.assertEqual(list(folder.iterdir()), [], "files of killed processes were left behind")

    def test_killed_while_checkpoints_build_on_each_other_it_counts_every_number_once(self):
        # Nothing is small enough to go into the metadata.
        chained = ("-Dstate.storage.fs.memory-threshold=1b",)
        native = (*chained, "-Dstate.backend.type=rocksdb",
                  f"-Dstate.backend.rocksdb.localdir={self.scratch / 'state'}")
        process = self.start(*chained)
        deadline = time.monotonic() + job_test_case.TIMEOUT_S
        # Of the last complete one, and one that is being written: with the third it names that of another.
        while len(list(self.checkpoints.glob("*/shared/*"))) < 3:
            self.assertLess(time.monotonic(), deadline, "no checkpoint names files of others")
            self.assertIsNone(process.poll())
            time.sleep(0.002)
        process.kill()
        process.wait()
        self.kill_again_and_again(5, parallelisms=(1, 1, 3, 2), options=(chained, chained, native))
        self.assertEqual(sorted(self.committed()), sorted(self.expected()), f"seed {SEED}")

    def holds_pages(self):
        """Whether a file of a checkpoint holds pages of the heap (docs/formats/keyed_rows.md, version 4: one number per key)."""
        return any(path.read_bytes()[16:28] == b"WEIRKROW\x04\0\0\0" for path in self.checkpoints.glob("*/shared/*"))

    def test_killed_with_many_keys_it_counts_every_number_once(self):
        self.keys = 80_000
        self.numbers = 400_000
        paged = []
        self.kill_again_and_again(8, parallelisms=(1, 1, 2, 1), brakes=("--pause", "1ms"),
                                  killed=lambda: paged.append(self.holds_pages()))
        self.assertIn(True, paged, "no checkpoint held pages: the test tested nothing")
        self.assertEqual(sorted(self.committed()), sorted(self.expected()), f"seed {SEED}")

    def holds_in_flight(self):
        """Whether the newest checkpoint holds records in flight, by its metadata."""
        newest = next(self.checkpoints.glob(f"*/chk-{self.newest()}"))
        inspector = job_test_case.folder_of_executables.parent / "bin/weir-state"
        listing = subprocess.run([str(inspector), "ls", str(newest)], capture_output=True, text=True, check=True)
        return "records in flight" in listing.stdout

    def kill_under_back_pressure(self, kills, parallelisms, pause="60ms"):
        held = []
        self.numbers = 400_000  # more than fits into the channels
        # The sources are quick and the counters slow, so that records pile up in front of these.
        self.kill_again_and_again(kills, parallelisms, (("-Dexecution.checkpointing.unaligned.enabled=true",),),
                                  brakes=("--pause", pause), killed=lambda: held.append(self.holds_in_flight()))
        self.assertIn(True, held, "no checkpoint held records in flight: the test tested nothing")
        self.assertEqual(sorted(self.committed()), sorted(self.expected()), f"seed {SEED}")
        self.assert_nothing_uncommitted()

    def test_killed_under_back_pressure_what_was_in_flight_is_counted_once(self):
        self.kill_under_back_pressure(20, parallelisms=(2,))

    def test_an_unaligned_checkpoint_is_rescaled(self):
        self.kill_under_back_pressure(4, parallelisms=(1, 3, 2, 3, 2))

    def test_an_unaligned_checkpoint_is_restored_where_the_counter_is_chained_to_its_source(self):
        self.kill_under_back_pressure(3, parallelisms=(3, 1, 2, 1), pause="10ms")

    def test_an_exception_restarts_it_from_the_last_checkpoint(self):
        result = self.succeed("counting_job", *self.arguments("--fails-at", NUMBERS // 2))
        self.assertIn("restarts in 0 ms", result.stderr)
        self.assertIn("as asked for", result.stderr)
        self.assertEqual("".join(self.committed()), "".join(self.expected()))

    def local_copies(self):
        return list((self.scratch / "local").glob("weir-local-state/*/*"))

    def restart_from_local_copies(self, spoil):
        """Two exceptions, and six seconds before the second restart, in which `spoil` changes files."""
        errors = (self.scratch / "stderr").open("w")
        self.addCleanup(errors.close)
        process = subprocess.Popen(self.command("counting_job", *self.arguments(
            "--fails-at", NUMBERS // 2, "--failures", 2, "-Dexecution.state-recovery.from-local=true", "-Dstate.storage.fs.memory-threshold=0kb",
            f"-Dio.tmp.dirs={self.scratch / 'local'}", "-Drestart-strategy.type=fixed-delay",
            "-Drestart-strategy.fixed-delay.delay=6s", "-Drestart-strategy.fixed-delay.attempts=9")), cwd=ROOT, env=self.environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=errors)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        deadline = time.monotonic() + job_test_case.TIMEOUT_S
        while "restarts in 6 s" not in (self.scratch / "stderr").read_text():
            self.assertIsNone(process.poll(), (self.scratch / "stderr").read_text())
            self.assertLess(time.monotonic(), deadline, "the job does not fail")
            time.sleep(0.01)
        self.assertGreater(len(self.local_copies()), 0)
        spoil()
        self.assertEqual(process.wait(timeout=job_test_case.TIMEOUT_S), 0, (self.scratch / "stderr").read_text())
        self.assertEqual("".join(self.committed()), "".join(self.expected()))
        self.assertEqual(self.local_copies(), [], "they go with the job")

    def test_a_task_is_restored_from_its_machines_copies_though_the_checkpoints_files_are_gone(self):
        def spoil():
            for path in [*self.checkpoints.glob("*/chk-*/*"), *self.checkpoints.glob("*/shared/*")]:
                if path.name != "_metadata":
                    path.unlink()

        self.restart_from_local_copies(spoil)

    def test_copies_that_are_damaged_or_missing_do_no_harm(self):
        def spoil():
            for number, path in enumerate(self.local_copies()):
                content = path.read_bytes()
                path.unlink()  # the checkpoint's file may be the same
                if number % 2 == 0:
                    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

        self.restart_from_local_copies(spoil)

    def files_of_newest(self):
        """Of the newest checkpoint: its metadata, its own files, and those in `shared` that no other one names; the largest of each first."""
        newest = next(self.checkpoints.glob(f"*/chk-{self.newest()}"))
        named = {path.parent: path.read_bytes() for path in self.checkpoints.glob("*/chk-*/_metadata")}  # path, scope: 1 shared
        shared = [path for path in newest.parent.glob("shared/*")
                  if [folder for folder, metadata in named.items() if path.name.encode() + b"\1" in metadata] == [newest]]
        own = [path for path in newest.iterdir() if path.name != "_metadata"]
        by_size = [sorted(paths, key=lambda path: -path.stat().st_size) for paths in (own, shared)]
        return {"metadata": [newest / "_metadata"], "own": by_size[0], "shared": by_size[1]}

    @staticmethod
    def damage(victim, how):
        content = victim.read_bytes()
        half = len(content) // 2
        if how == "delete":
            victim.unlink()
        else:
            victim.write_bytes({"flip": content[:half] + bytes([content[half] ^ 4]) + content[half + 1:],
                                "cut": content[:half],
                                "tear": content[:half] + bytes(len(content) - half)}[how])

    def check_damage(self, which, how):
        """The newest checkpoint is damaged: its file is named, and the one before is used."""
        process = self.start("-Dexecution.checkpointing.num-retained=3", "-Dstate.storage.fs.memory-threshold=0kb")
        self.assertTrue(self.kill_after_a_new_checkpoint(process, 0, self.newest() + 3))
        victim = self.files_of_newest()[which][0]
        self.damage(victim, how)
        last = self.start(rate=0)
        _, errors = last.communicate(timeout=job_test_case.TIMEOUT_S)
        self.assertEqual(last.returncode, 0, errors)
        self.assertIn(str(victim), errors)
        # What the damaged one had committed stays visible, and comes again; what those before had does not.
        self.assertEqual(set(self.committed()), set(self.expected()))
        self.assertEqual(self.committed().count("0,1\n"), 1, "the job began anew")
        for folder in (self.output, self.checkpoints):
            shutil.rmtree(folder, ignore_errors=True)

    def test_a_damaged_or_missing_file_is_named_and_the_checkpoint_before_is_used(self):
        for which, damages in (("metadata", ("flip", "cut", "tear")), ("own", ("flip", "cut", "tear", "delete")),
                               ("shared", ("flip", "cut", "tear", "delete"))):
            for how in damages:
                with self.subTest(file=which, damage=how):
                    self.check_damage(which, how)

    def start_on_a_disk_that_fails(self, *more):
        """A job that has completed a checkpoint, and whose files cannot be synced any more; its standard error goes to a file."""
        control = self.scratch / "disk"
        errors = (self.scratch / "stderr").open("w")
        self.addCleanup(errors.close)
        process = subprocess.Popen(self.command("counting_job", *self.arguments("--slow-disk", control, "-Dstate.storage.fs.memory-threshold=0kb", *more,
                                                                                rate=10_000)), cwd=ROOT,
                                   env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.wait_until(lambda: self.newest() > 2, process)
        control.write_text("fail")
        return process, control

    def wait_until(self, is_so, process):
        deadline = time.monotonic() + job_test_case.TIMEOUT_S
        while not is_so():
            self.assertIsNone(process.poll(), (self.scratch / "stderr").read_text())
            self.assertLess(time.monotonic(), deadline, "not in time")
            time.sleep(0.005)

    def test_a_disk_that_cannot_sync_for_a_while_changes_no_result(self):
        process, control = self.start_on_a_disk_that_fails("-Dexecution.checkpointing.tolerable-failed-checkpoints=1000000")
        time.sleep(1)  # one that had synced all its files may still complete
        before = self.newest()
        known = {path.name for path in self.output.glob("part-*")}
        time.sleep(0.5)
        self.assertEqual(self.newest(), before, "a checkpoint is complete though nothing can be synced")
        self.assertEqual({path.name for path in self.output.glob("part-*")}, known, "results were committed")
        control.unlink()
        self.assertEqual(process.wait(timeout=job_test_case.TIMEOUT_S), 0, (self.scratch / "stderr").read_text())
        self.assertEqual("".join(self.committed()), "".join(self.expected()))
        self.assert_nothing_uncommitted()

    def test_a_disk_that_cannot_sync_fails_the_job_which_goes_on_from_what_is_complete(self):
        process, _ = self.start_on_a_disk_that_fails(
            "-Drestart-strategy.type=none", "-Dexecution.checkpointing.externalized-checkpoint-retention=RETAIN_ON_CANCELLATION")
        self.assertEqual(process.wait(timeout=job_test_case.TIMEOUT_S), 1)
        self.assertRegex((self.scratch / "stderr").read_text(), r"/(checkpoints|out)[^:]*: Input/output error")
        last = self.start(rate=0)
        _, errors = last.communicate(timeout=job_test_case.TIMEOUT_S)
        self.assertEqual(last.returncode, 0, errors)
        self.assertEqual("".join(self.committed()), "".join(self.expected()))

    def stop(self, *more):
        """Stops a job after a third of a second or so; the path of its savepoint."""
        result = self.succeed("counting_job", *self.arguments(
            "--stops-after", "300ms", "--savepoints", self.scratch / "savepoints", *more))
        return result.stdout.strip()

    def test_it_stops_with_a_savepoint_and_goes_on_from_there_at_another_parallelism(self):
        savepoint = self.stop()
        first = self.committed()
        self.assertEqual("".join(first), "".join(self.expected()[:len(first)]))
        self.assert_nothing_uncommitted()
        self.succeed("counting_job", *self.arguments("-s", savepoint, rate=0, parallelism=2))
        self.assertEqual(sorted(self.committed()), sorted(self.expected()))

    def test_a_savepoint_that_was_moved_starts_two_jobs_and_stays_as_it_was(self):
        moved = self.scratch / "elsewhere"
        shutil.move(self.stop(), moved)
        stored = {path.name: path.read_bytes() for path in moved.iterdir()}
        before = len(self.committed())
        for job, more in (("a", ()), ("b", ("-Dstate.backend.type=rocksdb", "-p", 2))):
            self.output = self.scratch / job
            self.checkpoints = self.scratch / f"checkpoints_{job}"
            self.succeed("counting_job", *self.arguments("-s", moved, *more, rate=0))
            self.assertEqual(sorted(self.committed()), sorted(self.expected()[before:]))
        self.assertEqual({path.name: path.read_bytes() for path in moved.iterdir()}, stored)

    def test_a_claimed_savepoint_goes_when_it_is_not_needed_any_more(self):
        savepoint = self.stop()
        self.succeed("counting_job",
                     *self.arguments("-s", savepoint, "-Dexecution.state-recovery.claim-mode=CLAIM", rate=100_000))
        self.assertEqual("".join(self.committed()), "".join(self.expected()))
        self.assertEqual(list(self.scratch.glob("savepoints/*/_metadata")), [])

    def test_checkpoints_of_a_failed_job_stay_only_if_they_are_to(self):
        keys = "-Dexecution.checkpointing.externalized-checkpoint-retention=RETAIN_ON_CANCELLATION"
        # One more if the last one's metadata was being written when the job failed: what it replaces goes at the next start.
        for more, kept in (((), (0,)), ((keys, "-Dexecution.checkpointing.num-retained=3"), (3, 4))):
            result = self.run_job("counting_job", *self.arguments(
                "--fails-at", NUMBERS - 1, "-Drestart-strategy.type=none", *more, rate=100_000))
            self.assertEqual(result.returncode, 1, result.stderr)
            self.assertIn("as asked for", result.stderr)
            self.assertIn(len(list(self.checkpoints.glob("*/chk-*/_metadata"))), kept)
            shutil.rmtree(self.output)

    def test_without_checkpoints_it_stops_with_a_savepoint_all_the_same(self):
        savepoint = self.stop("-Dexecution.checkpointing.interval=0ms")
        self.succeed("counting_job", *self.arguments("-s", savepoint, rate=0))
        self.assertEqual("".join(self.committed()), "".join(self.expected()))

    def test_with_a_drain_it_ends_as_if_its_input_had(self):
        self.stop("--drains")
        first = self.committed()
        self.assertGreater(len(first), 0)
        self.assertEqual("".join(first), "".join(self.expected()[:len(first)]))
        self.assert_nothing_uncommitted()

    def test_a_savepoint_of_another_job_is_refused_before_anything_starts(self):
        savepoint = self.stop()
        message = self.fail_with_one_paragraph("word_count", "-s", savepoint)
        self.assertIn("--allowNonRestoredState", message)
        self.assertIn("Nothing was started", message)


if __name__ == "__main__":
    job_test_case.main()
