#!/usr/bin/env python3
"""A program that has changed, and the savepoint of what it was: `weir check` says what would happen, and that is what happens.

Run as upgrade_test.py <folder of jobs> <folder of weir>
"""

import json
import pathlib
import subprocess
import sys

import job_test_case
from job_test_case import ROOT, JobTestCase

# By version of the job: of its operator and its state, and what the note on the state says.
COMPATIBLE = {
    "first": ("same", "same", ""),
    "added": ("converts", "converts", "seen"),
    "removed": ("converts", "converts", "page"),
    "reordered": ("converts", "converts", ""),
    "widened": ("converts", "converts", '"count" becomes wider, from int32 to int64'),
    "renamed": ("same", "same", ""),
}
# Words that the refusal must have: what is wrong, and what to do.
REFUSED = {
    "changed": ("count per key", "visit", "delay", "float", "string", "new id"),
    "narrowed": ("count per key", "visit", "count", "int32", "int16"),
    "ttl": ("count per key", "visit", "time to live", "another name"),
    "key": ("count per key", "key", "int64", "string"),
    "kind": ("count per key", "visit", "value", "list"),
    "uid": ("count per key", "uid count", "--allowNonRestoredState"),
    "max": ('"count per key" (uid count): its maximum parallelism was 128 in the snapshot and is now 64',),
}


class Upgrades(JobTestCase):
    weir = pathlib.Path()

    def check(self, version, *more):
        return subprocess.run([str(self.weir), "check", *more, "-s", self.savepoint, *self.command("upgraded_job"), "--job-version", version],
                              cwd=ROOT, env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=job_test_case.TIMEOUT_S)

    def setUp(self):
        super().setUp()
        stopped = self.succeed("upgraded_job", "--rate", 4_000, "--stops-after", "300ms", "--output", self.scratch / "first",
                               "--savepoints", self.scratch / "savepoints")
        self.savepoint = stopped.stdout.strip()
        self.stored = {path: path.read_bytes() for path in pathlib.Path(self.savepoint).iterdir()}

    def restore(self, version, *more):
        return self.run_job("upgraded_job", "-s", self.savepoint, "--job-version", version, "--output", self.scratch / version, *more)

    def test_what_is_compatible_restores_and_counts_on(self):
        for version, (operator, state, note) in COMPATIBLE.items():
            with self.subTest(version):
                verdict = self.check(version, "--json")
                self.assertEqual(verdict.returncode, 0, verdict.stdout + verdict.stderr)
                found = json.loads(verdict.stdout)
                self.assertTrue(found["compatible"])
                count = next(each for each in found["operators"] if each["uid"] == "count")
                self.assertEqual(count["verdict"], operator)
                visit = next(each for each in count["states"] if each["name"] == "visit")
                self.assertEqual(visit["verdict"], state)
                self.assertIn(note, " ".join(visit["notes"]))
                self.assertIn("\ncompatible\n", self.check(version).stdout)
                restored = self.restore(version)
                self.assertEqual(restored.returncode, 0, restored.stderr)
                last = {}
                for path in (self.scratch / version).glob("part-*"):
                    for line in path.read_text().splitlines():
                        key, count = map(int, line.split(","))
                        last[key] = max(last.get(key, 0), count)
                self.assertEqual(last, dict.fromkeys(range(5), 2_000))

    def test_what_is_not_is_refused_before_anything_starts_and_says_what_to_do(self):
        for version, words in REFUSED.items():
            with self.subTest(version):
                verdict = self.check(version, "--json")
                self.assertEqual(verdict.returncode, 3, verdict.stdout + verdict.stderr)
                self.assertFalse(json.loads(verdict.stdout)["compatible"])
                table = self.check(version)
                self.assertEqual(table.returncode, 3)
                self.assertIn("\nnot compatible\n", table.stdout)
                restored = self.restore(version)
                self.assertEqual(restored.returncode, 1, restored.stdout)
                for word in (*words, "Nothing was started"):
                    self.assertIn(word, restored.stderr)
                self.assertFalse((self.scratch / version).exists(), "something was started")

    def test_a_maximum_parallelism_that_stays_does_no_harm_where_operators_are_chained_now(self):
        """At a parallelism of one the counter shares a task with its source, for which nobody ever set a maximum."""
        stopped = self.succeed("upgraded_job", "--job-version", "max", "-p", 2, "--rate", 4_000, "--stops-after", "300ms",
                               "--output", self.scratch / "two", "--savepoints", self.scratch / "savepoints")
        self.savepoint = stopped.stdout.strip()
        verdict = self.check("max", "-p", "1")
        self.assertEqual(verdict.returncode, 0, verdict.stdout + verdict.stderr)
        restored = self.restore("max", "-p", 1)
        self.assertEqual(restored.returncode, 0, restored.stderr)

    def test_nothing_is_changed_by_looking(self):
        for version in (*COMPATIBLE, *REFUSED):
            self.check(version)
        self.assertEqual({path: path.read_bytes() for path in pathlib.Path(self.savepoint).iterdir()}, self.stored)

    def test_state_without_a_home_may_be_left_behind(self):
        self.assertEqual(self.check("uid", "-n").returncode, 0)
        self.assertEqual(self.restore("uid", "--allowNonRestoredState").returncode, 0)


if __name__ == "__main__":
    Upgrades.weir = pathlib.Path(sys.argv.pop(2)).resolve() / "weir"
    job_test_case.main()
