#!/usr/bin/env python3
"""Jobs that are ill in one known way each: the diagnosis names the illness and where it is."""

import contextlib
import json
import socket
import subprocess
import time
import urllib.request

import job_test_case
from job_test_case import ROOT, JobTestCase


class Diagnosis(JobTestCase):
    @contextlib.contextmanager
    def job(self, which, *arguments):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        command = self.command("pathologies", "--which", which, f"-Drest.port={self.port}", *arguments)
        process = subprocess.Popen(command, cwd=ROOT, env=self.environment(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=job_test_case.TIMEOUT_S) as answer:
            return json.loads(answer.read())

    def verdict(self, kind):
        """The first verdict of that kind, once there is one."""
        deadline = time.monotonic() + job_test_case.TIMEOUT_S
        verdicts = []
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, IndexError):
                job = self.get("/jobs")["jobs"][0]["id"]
                verdicts = self.get(f"/jobs/{job}/diagnosis")["verdicts"]
                found = [verdict for verdict in verdicts if verdict["kind"] == kind]
                if found:
                    return found[0]
            time.sleep(0.2)
        self.fail(f"no verdict of kind {kind}: {verdicts}")

    def test_a_slow_operator_is_the_bottleneck_and_cpu_bound(self):
        with self.job("slow-operator"):
            verdict = self.verdict("bottleneck")
            self.assertIn("`expensive", verdict["summary"])
            self.assertIn("CPU-bound", verdict["summary"])
            self.assertIn("busy", [evidence["name"] for evidence in verdict["evidence"]])

    def test_a_hot_key_is_named(self):
        with self.job("hot-key", "-p", "3"):
            verdict = self.verdict("skew")
            self.assertIn("totals", verdict["summary"])
            self.assertIn("`4711`", verdict["summary"])

    def test_a_slow_sink_is_named(self):
        with self.job("slow-sink"):
            self.assertIn("`Sink: warehouse`", self.verdict("slow-sink")["summary"])

    def test_the_split_that_holds_the_watermark_is_named(self):
        with self.job("idle-split"):
            verdict = self.verdict("watermark")
            self.assertIn("split 1 of `Source: parts", verdict["summary"])

    def test_the_place_where_a_barrier_waits_is_named(self):
        with self.job("stuck-barrier", "-Dexecution.checkpointing.interval=1s",
                      f"-Dexecution.checkpointing.dir={self.scratch}"):
            verdict = self.verdict("checkpoint")
            self.assertIn("`patient", verdict["summary"])
            self.assertIn("barrier waits", verdict["summary"])


if __name__ == "__main__":
    job_test_case.main()
