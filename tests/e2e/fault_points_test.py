#!/usr/bin/env python3
"""A job that is killed at any step of the checkpoint protocol commits what an undisturbed run does (docs/checkpointing.md, fault points)."""

import re
import signal

import job_test_case
from job_test_case import ROOT, JobTestCase

NUMBERS = 30_000
TABLE = (ROOT / "docs/checkpointing.md").read_text().split("## Fault points")[1].split("\n## ")[0]
POINTS = re.findall(r"^\| `([a-z-]+)` \|", TABLE, re.MULTILINE)


class FaultPoints(JobTestCase):
    def run_counting(self, *more, **environment):
        return self.run_job(
            "counting_job", "--numbers", NUMBERS, "--output", self.scratch / "out", "--restore", "latest", "-p", 2,
            "-Dexecution.checkpointing.interval=5ms", "-Dexecution.checkpointing.unaligned.enabled=true",
            f"-Dexecution.checkpointing.dir={self.scratch}/checkpoints", *more, **environment)

    def committed(self):
        return sorted(line for path in (self.scratch / "out").glob("part-*.csv")
                      for line in path.read_text().splitlines())

    def check(self, point):
        # The brakes make records pile up, and leave time for checkpoints.
        for fault in ("metadata-known:2", f"{point}:2", f"{point}:1"):
            killed = self.run_counting("--pause", "30ms", WEIR_FAULT_POINT=fault)
            self.assertEqual(killed.returncode, -signal.SIGKILL, f"{fault} was not reached\n{killed.stderr}")
        last = self.run_counting()
        self.assertEqual(last.returncode, 0, last.stderr)
        self.assertEqual(self.committed(), self.expected(), point)
        hidden = [path.name for path in (self.scratch / "out").iterdir() if path.name.startswith(".")]
        self.assertEqual(hidden, [], point)

    def expected(self):
        counts = {}
        lines = []
        for number in range(NUMBERS):
            counts[number % 100] = counts.get(number % 100, 0) + 1
            lines.append(f"{number % 100},{counts[number % 100]}")
        return sorted(lines)

    def test_a_job_that_is_killed_when_it_has_finished_does_not_begin_afresh(self):
        killed = self.run_counting("--pause", "30ms", WEIR_FAULT_POINT="finished-files-deleted")
        self.assertEqual(killed.returncode, -signal.SIGKILL, killed.stderr)
        self.assertEqual(self.committed(), self.expected())
        last = self.run_counting()
        self.assertEqual(last.returncode, 0, last.stderr)
        self.assertEqual(self.committed(), self.expected())
        self.assertEqual(list((self.scratch / "checkpoints").iterdir()), [])

    def test_the_table_is_there(self):
        self.assertGreater(len(POINTS), 12)


def add_case(point):
    setattr(FaultPoints, "test_" + point.replace("-", "_"), lambda self: self.check(point))


for each in POINTS:
    add_case(each)

if __name__ == "__main__":
    job_test_case.main()
