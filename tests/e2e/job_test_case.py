"""What the end-to-end tests share: running a job's executable, and reading what it wrote.

A test file is run as `<file>.py <folder of executables> [<TestCase>...]`.
"""

import datetime
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "examples/data"
GOLDEN = ROOT / "tests/golden/examples"
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True
import compare_rows  # noqa: E402
import make_answers  # noqa: E402

# No job of these tests takes more than a few seconds; a sanitizer's build some ten times that.
TIMEOUT_S = 100
folder_of_executables = pathlib.Path()


class JobTestCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)

    def command(self, job, *arguments):
        return [str(folder_of_executables / job), *map(str, arguments)]

    def environment(self, **more):
        """That of the caller without what would change a job's configuration."""
        own = {key: value for key, value in os.environ.items() if not key.startswith("WEIR_")}
        return own | more

    def run_job(self, job, *arguments, **environment):
        """Runs a job to its end, from the root of the tree; the result has returncode, stdout and stderr."""
        return subprocess.run(self.command(job, *arguments), cwd=ROOT, env=self.environment(**environment),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT_S)

    def succeed(self, job, *arguments, **environment):
        result = self.run_job(job, *arguments, **environment)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result

    def fail_with_one_paragraph(self, job, *arguments, **environment):
        """Runs a job that must fail with exit code 1 and one paragraph on stderr, which is returned."""
        result = self.run_job(job, *arguments, **environment)
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        message = result.stderr.strip()
        self.assertNotEqual(message, "")
        self.assertNotIn("\n\n", message)
        return message

    def scratch_file(self, name, text):
        path = self.scratch / name
        path.write_text(text, encoding="utf-8")
        return path

    def shuffled(self, file, seed, header):
        """A copy of `file` with its lines in another order; `header`: whether the first line stays."""
        lines = (DATA / file).read_text(encoding="utf-8").splitlines(keepends=True)
        head, rest = lines[:header], lines[header:]
        random.Random(seed).shuffle(rest)
        return self.scratch_file(f"shuffled_{seed}_{file}", "".join(head + rest))

    def disordered_flights(self, seed, minutes):
        """A copy of the flights in which one may come after others that departed up to `minutes` later."""
        lines = (DATA / "flights_20k.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        chance = random.Random(seed)

        def arrival(line):
            departure = datetime.datetime.strptime(line.split(",")[1], "%Y-%m-%d %H:%M:%S")
            return departure + datetime.timedelta(minutes=chance.uniform(0, minutes))

        return self.scratch_file(f"disordered_{seed}.csv", "".join(lines[:1] + sorted(lines[1:], key=arrival)))

    def late_flights(self):
        """A copy of the flights in order of arrival: up to 45 minutes late, and one in a hundred one to ten hours; and its rows."""
        flights = make_answers.in_arrival_order(make_answers.records_of(DATA / "flights_20k.csv"), 1, 45, 10, 60, 600)
        path = self.scratch / "late.csv"
        make_answers.write(path, flights[0].keys(), [flight.values() for flight in flights])
        return path, flights

    def assert_rows(self, actual, golden):
        """The rows of a file or an output folder are those of the golden file, in any order."""
        rows, problems = compare_rows.rows_of(actual)
        self.assert_same_rows(rows, golden, problems)

    def assert_same_rows(self, rows, golden, problems=()):
        expected = compare_rows.rows_of(GOLDEN / golden)[0][1:]
        differences = [*problems, *compare_rows.compare(rows, expected)]
        self.assertEqual(differences[:10], [], f"{len(differences)} difference(s) from {golden}")


def main():
    global folder_of_executables
    folder_of_executables = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
