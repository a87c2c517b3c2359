#!/usr/bin/env python3
"""Checkpoints and savepoints of every released format version, as jobs left them: today's jobs go on from them for ever.

Each of tests/formats/checkpoints is a folder of `counting_job`, or of `stateful_jobs` with maps or lists, packed: one checkpoint, the files that its sink had not committed, and fixture.json with what
the job was started with. They are never changed; a new format version gets a file of its own. Each of tests/formats/savepoints is one that `golden_job` was stopped with, with what it had written.
"""

import json
import subprocess
import tarfile

import golden_job_test
import job_test_case
from job_test_case import ROOT, JobTestCase

FIXTURES = sorted((ROOT / "tests/formats/checkpoints").glob("*.tar.xz"))
SAVEPOINTS = sorted((ROOT / "tests/formats/savepoints").glob("*.tar.xz"))


class OldFormats(JobTestCase):
    def go_on(self, fixture, *more):
        """Starts the job from the fixture; the lines that it has committed at its end, and the keys."""
        home = self.scratch / f"{fixture.name}{len(list(self.scratch.iterdir()))}"
        with tarfile.open(fixture) as packed:
            packed.extractall(home)
        was = json.loads((home / "fixture.json").read_text())
        if "keys" in was:
            its = ("--keys", was["keys"])
        elif "entries" in was:
            its = ("--which", "maps", "--entries", was["entries"])
        else:
            its = ("--which", was["which"])
        result = subprocess.run(
            self.command(was.get("program", "counting_job"), "--numbers", was["numbers"], *its, "--output", "out", "-s",
                         was["checkpoint"], "-Dexecution.checkpointing.interval=50ms",
                         "-Dexecution.checkpointing.dir=new", *more),
            cwd=home, env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=job_test_case.TIMEOUT_S)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual([path.name for path in (home / "out").iterdir() if path.name.startswith(".")], [])
        lines = [line for path in (home / "out").glob("part-*.csv") for line in path.read_text().splitlines()]
        return lines, was

    def check(self, fixture, *more):
        lines, was = self.go_on(fixture, *more)
        if "entries" in was:
            return self.check_maps(lines, **was)
        if "which" in was:
            return self.check_lists(lines, **was)
        counts = {}
        for line in lines:
            key, count = map(int, line.split(","))
            counts.setdefault(key, []).append(count)
        self.assertEqual(len(counts), was["keys"])
        for key, found in counts.items():
            # From where the job was killed to the end: the count of no key begins anew, and none is missing.
            last = (was["numbers"] - key + was["keys"] - 1) // was["keys"]
            self.assertEqual(sorted(found), list(range(min(found), last + 1)), f"key {key}")
        self.assertGreater(max(min(found) for found in counts.values()), 1, "nothing was restored")

    def check_maps(self, lines, numbers, entries, **_):
        """Maps in pieces: each number with the count of its entry, and the size of the map; before the kill and after it."""
        rows = sorted(tuple(map(int, line.split(","))) for line in lines)
        self.assertEqual(len(rows), numbers, "all of the numbers, once")
        self.assertEqual(rows, [(n, n // 3 // entries + 1, min(n // 3 + 1, entries)) for n in range(numbers)])

    def check_lists(self, lines, numbers, **_):
        """Lists in pieces: each number with the sum and count of those of its key until then; before the kill and after it."""
        rows = sorted(tuple(map(int, line.split(","))) for line in lines)
        self.assertEqual(len(rows), numbers, "all of the numbers, once")
        counts = [n // 3 + 1 for n in range(numbers)]
        self.assertEqual(rows, [(n, count * (n % 3) + 3 * count * (count - 1) // 2, count)
                                for n, count in enumerate(counts)])

    def test_there_is_one_of_every_version(self):
        names = {fixture.name.removesuffix(".tar.xz") for fixture in FIXTURES}
        self.assertLessEqual({"heap_records_v2", "heap_pages_v3", "heap_pages_v4", "heap_pieces_v5", "heap_pieces_v6", "rocksdb_v1", "in_flight_v1"}, names)

    def test_jobs_go_on_from_them_on_both_backends_and_at_another_parallelism(self):
        rocksdb = ("-Dstate.backend.type=rocksdb", f"-Dstate.backend.rocksdb.localdir={self.scratch / 'state'}")
        (self.scratch / "state").mkdir()
        for fixture in FIXTURES:
            for more in ((), rocksdb, ("-p", 3)):
                with self.subTest(fixture=fixture.name, options=more):
                    self.check(fixture, *more)

    def test_a_job_of_many_operators_goes_on_from_savepoints_in_every_form(self):
        self.assertLessEqual({"canonical_savepoint_v1", "heap_savepoint_v2", "rocksdb_savepoint_v1"},
                             {fixture.name.removesuffix(".tar.xz") for fixture in SAVEPOINTS})
        for fixture in SAVEPOINTS:
            for backend, parallelism in (("hashmap", 2), ("rocksdb", 2), ("rocksdb", 3), ("hashmap", 1)):
                with self.subTest(fixture=fixture.name, backend=backend, parallelism=parallelism):
                    home = self.scratch / f"{fixture.name}{backend}{parallelism}"
                    with tarfile.open(fixture) as packed:
                        packed.extractall(home)
                    (home / "examples").symlink_to(ROOT / "examples")  # its input
                    was = json.loads((home / "fixture.json").read_text())
                    self.assertGreater(len(golden_job_test.golden_differences(home / "out")), 100, "it had come to its end")
                    result = subprocess.run(
                        self.command("golden_job", "--output", "out", "-s", was["checkpoint"], "-p", parallelism, f"-Dstate.backend.type={backend}",
                                     "-Dstate.backend.rocksdb.localdir=state", "-Dexecution.checkpointing.interval=50ms",
                                     "-Dexecution.checkpointing.dir=new"),
                        cwd=home, env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                        timeout=job_test_case.TIMEOUT_S)
                    self.assertEqual(result.returncode, 0, result.stderr)
                    self.assertEqual(golden_job_test.golden_differences(home / "out")[:10], [])


if __name__ == "__main__":
    job_test_case.main()
