#!/usr/bin/env python3
"""Jobs with a time to live, and what people do with savepoints: look into them with `weir state`, and change them with a program of their own.

Run as state_programs_test.py <folder of jobs> <folder of weir>
"""

import csv
import io
import json
import pathlib
import subprocess
import sys
import time

import job_test_case
from job_test_case import ROOT, JobTestCase

BACKENDS = ("hashmap", "rocksdb")


class TallyingJob(JobTestCase):
    def arguments(self, out, backend="hashmap", *more):
        return ("--output", self.scratch / out, f"-Dstate.backend.type={backend}",
                f"-Dstate.backend.rocksdb.localdir={self.scratch / 'state'}", *more)

    def stop(self, out, backend="hashmap", *more):
        """Stops the job after half a second or so; the path of its savepoint."""
        stopped = self.succeed("tallying_job", *self.arguments(out, backend, "--stops-after", "500ms", "--savepoints",
                                                               self.scratch / "savepoints", *more))
        return stopped.stdout.strip()

    def rows(self, out):
        """number, key, fresh, total, elements, entries: of all files, in the order of their numbers."""
        found = [row for path in (self.scratch / out).glob("part-*") for row in csv.reader(path.open())]
        return sorted([int(row[0]), row[1], *map(int, row[2:])] for row in found)

    def last_by_key(self, out):
        # With several subtasks numbers of one key do not come in their order.
        return {row[1]: row for row in sorted(self.rows(out), key=lambda row: row[3])}


class TimeToLive(TallyingJob):
    def test_elements_go_while_the_job_runs(self):
        for backend in BACKENDS:
            with self.subTest(backend):
                # A hundred numbers of each of two keys in four seconds, of which those of half a second live.
                self.succeed("tallying_job", *self.arguments(backend, backend, "--numbers", 200, "--rate", 50, "--keys", 2,
                                                             "--ttl", "500ms"))
                for key, last in self.last_by_key(backend).items():
                    rows = [row for row in self.rows(backend) if row[1] == key]
                    self.assertEqual(last[3], 100, "a value without a time to live stays")
                    fresh = sum(row[2] for row in rows)
                    self.assertTrue(3 <= fresh <= 9, f"{fresh} first numbers in four seconds")
                    for row in rows:
                        self.assertLess(row[4], 80, "elements that have expired are counted")
                        self.assertEqual(row[4], row[5], "a list and a map do not agree")
                    self.assertLess(last[4], 60)

    def continue_after(self, savepoint, out, backend, *more):
        """The first row of each key after a restore."""
        self.succeed("tallying_job", *self.arguments(out, backend, "-s", savepoint, "--numbers", 2_000, "--keys", 2, *more))
        first = {}
        for row in self.rows(out):
            first.setdefault(row[1], row)
        return first

    def test_times_survive_a_savepoint_in_every_backend(self):
        for before in BACKENDS:
            savepoint = self.stop(f"before-{before}", before, "--numbers", 2_000, "--rate", 400, "--keys", 2, "--ttl", "1h")
            last = self.last_by_key(f"before-{before}")
            time.sleep(0.4)
            for after in BACKENDS:
                with self.subTest(before=before, after=after):
                    # What was written before the pause has not expired by an hour, and has by a third of a second.
                    for key, row in self.continue_after(savepoint, f"{before}-{after}-1h", after, "--ttl", "1h").items():
                        self.assertEqual(row[2:], [0, last[key][3] + 1, last[key][4] + 1, last[key][5] + 1])
                    for key, row in self.continue_after(savepoint, f"{before}-{after}-300ms", after, "--ttl", "300ms").items():
                        self.assertEqual(row[2:], [1, last[key][3] + 1, 1, 1])


class StatePrograms(TallyingJob):
    weir = pathlib.Path()

    def setUp(self):
        super().setUp()
        self.savepoint = self.stop("first", "hashmap", "--numbers", 4_000, "--rate", 1_000, "--ttl", "1h", "-p", 2)
        self.before = self.last_by_key("first")

    def state(self, *arguments, code=0):
        done = subprocess.run([str(self.weir), "state", *map(str, arguments)], cwd=ROOT, env=self.environment(),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=job_test_case.TIMEOUT_S)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout if code in (0, 3) else done.stderr

    def dump(self, savepoint, *more):
        return [json.loads(line) for line in self.state("dump", savepoint, *more).splitlines()]

    def csv(self, *arguments, code=0):
        return list(csv.DictReader(io.StringIO(self.state(*arguments, "--format", "csv", code=code))))

    def test_ls_lists_operators_states_and_sizes(self):
        table = self.state("ls", self.savepoint)
        for word in ("savepoint", '"tallying"', "canonical", "tally", "first", "elements", "list", "map", "int64", "passed", "split list"):
            self.assertIn(word, table)
        listed = self.csv("ls", self.savepoint)
        self.assertEqual([json.loads(line)["state"] for line in self.state("ls", self.savepoint, "--format", "json").splitlines()],
                         [line["state"] for line in listed])
        keyed = next(line for line in listed if line["kind"].startswith("keyed rows"))
        self.assertEqual((keyed["operator"], keyed["parallelism"], keyed["schema"]), ("tally", "2/128", "string"))
        self.assertGreater(int(keyed["bytes"]), 1_000)

    def test_dump_shows_every_key_or_those_that_are_asked_for(self):
        everything = self.dump(self.savepoint)
        totals = {each["key"]: each["value"] for each in everything if each["state"] == "total"}
        self.assertEqual(totals, {key: row[3] for key, row in self.before.items()})
        one = self.dump(self.savepoint, "--operator", "tally", "--key", "key, 2")
        self.assertEqual({each["state"] for each in one}, {"first", "total", "elements", "entries"})
        self.assertEqual({each["key"] for each in one}, {"key, 2"})
        total = self.dump(self.savepoint, "--operator", "tally", "--key", "key, 2", "--state", "total")
        self.assertEqual([each["value"] for each in total], [self.before["key, 2"][3]])
        rows = self.csv("dump", self.savepoint, "--state", "total")
        self.assertEqual({row["key"]: int(row["value"]) for row in rows}, totals)
        passed = self.dump(self.savepoint, "--operator", "pass", "--state", "passed")
        self.assertEqual(sum(each["value"] for each in passed), sum(totals.values()))
        self.assertEqual(self.dump(self.savepoint, "--key", "no such key"), [])

    def test_what_is_not_there_is_said_with_what_is(self):
        self.assertIn("no operator with the uid, name or id \"tellies\"", self.state("dump", self.savepoint, "--operator", "tellies", code=1))
        self.assertIn("no state \"sum\"", self.state("dump", self.savepoint, "--state", "sum", code=1))
        self.assertIn(str(self.scratch / "nowhere"), self.state("ls", self.scratch / "nowhere", code=1))

    def processed(self, uid="tally anew"):
        """A savepoint that a program made of the first one."""
        done = self.succeed("tallying_job", "--process", self.savepoint, "--uid", uid, "--savepoints",
                            self.scratch / "changed", "--output", self.scratch / "totals")
        return done.stdout.strip().splitlines()[0]

    def test_a_program_reads_a_savepoint_into_a_bounded_stream_and_writes_another_from_which_a_job_goes_on(self):
        stored = {path.name: path.read_bytes() for path in pathlib.Path(self.savepoint).iterdir()}
        changed = self.processed()
        totals = {key: int(total) for path in (self.scratch / "totals").glob("part-*") for key, total in csv.reader(path.open())}
        self.assertEqual(totals, {key: row[3] for key, row in self.before.items()})
        self.assertEqual({path.name: path.read_bytes() for path in pathlib.Path(self.savepoint).iterdir()}, stored,
                         "the old one stays as it was")
        # Under the old uid its state has no home.
        refused = self.run_job("tallying_job", *self.arguments("refused", "hashmap", "-s", changed))
        self.assertEqual(refused.returncode, 1)
        self.assertIn("tally anew", refused.stderr)
        for backend, parallelism in (("hashmap", 1), ("rocksdb", 3)):
            done = self.succeed("tallying_job", *self.arguments(backend, backend, "-s", changed, "--uid", "tally anew", "--numbers",
                                                                4_000, "--ttl", "1h", "-p", parallelism))
            self.assertEqual({key: row[3] for key, row in self.last_by_key(backend).items()},
                             {f"key, {n}": 2_000 for n in range(4)})
            for key, row in self.last_by_key(backend).items():
                self.assertEqual((row[4], row[5]), (1_001, 1_000), "an element was added, and no entry")
            passed = [int(line.rsplit(" ", 1)[1]) for line in done.stderr.splitlines() if line.startswith("passed before")]
            self.assertEqual(sum(passed), 1_000 + sum(row[3] for row in self.before.values()))

    def test_diff_shows_what_a_program_has_changed(self):
        changed = self.processed("tally")
        found = self.csv("diff", self.savepoint, changed, "--state", "total", code=3)
        self.assertEqual({each["key"]: (each["change"], each["before"], each["after"]) for each in found},
                         {"another": ("added", "", "7")} |
                         {key: ("changed", str(row[3]), str(row[3] + 1_000)) for key, row in self.before.items()})
        backwards = self.state("diff", changed, self.savepoint, "--state", "total", "--key", "another", code=3)
        self.assertEqual([json.loads(line) for line in backwards.splitlines()],
                         [{"change": "removed", "operator": "tally", "state": "total", "key": "another", "before": 7}])
        self.assertEqual(self.state("diff", self.savepoint, self.savepoint), "")


if __name__ == "__main__":
    StatePrograms.weir = pathlib.Path(sys.argv.pop(2)).resolve() / "weir"
    job_test_case.main()
