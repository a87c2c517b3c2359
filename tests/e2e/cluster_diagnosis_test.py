"""Jobs that are ill in one known way each, on a cluster: REST and the first lines of `weir status` name the illness, where it is, and what shows it.

Run as `cluster_diagnosis_test.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager>`.
"""

import json
import re
import urllib.request

import cluster_test_case
from cluster_test_case import ClusterTestCase, wait_until


class ClusterDiagnosis(ClusterTestCase):
    def ill(self, which, kind, *options, program="pathologies", **configuration):
        """The job's first verdict of a kind, as `weir status --json` tells it; REST tells the same, and the text begins with it."""
        cluster = self.start(**configuration)
        log = next((cluster.home / "log").glob("*jobmanager*.log")).read_text()
        rest = re.search(r"REST API at (\S+)", log)[1].rstrip("/")
        job = self.run_detached(cluster, *options, self.job(program), "--which", which)

        def found():
            verdicts = cluster.status(job)["diagnosis"]
            return [verdict for verdict in verdicts if verdict["kind"] == kind]

        verdict = wait_until(f"a verdict of kind {kind}", found)[0]
        self.assertTrue(verdict["evidence"], verdict)

        def told_by_rest():
            with urllib.request.urlopen(f"{rest}/jobs/{job}/diagnosis", timeout=30) as answer:
                return [each["kind"] for each in json.loads(answer.read())["verdicts"]]

        wait_until("REST tells it too", lambda: kind in told_by_rest())
        self.text = cluster.weir("status", job).stdout
        self.assertRegex(self.text.split("\n")[1], r"^(ERROR|WARNING|INFO|OK) ", self.text)
        return verdict

    def test_a_slow_operator_is_the_bottleneck_and_cpu_bound(self):
        verdict = self.ill("slow-operator", "bottleneck")
        self.assertIn("`expensive", verdict["summary"])
        self.assertIn("CPU-bound", verdict["summary"])
        self.assertIn("busy", [evidence["name"] for evidence in verdict["evidence"]])

    def test_a_hot_key_is_named(self):
        verdict = self.ill("hot-key", "skew", "-p", 3)
        self.assertIn("totals", verdict["summary"])
        self.assertIn("`4711`", verdict["summary"])

    def test_a_slow_sink_is_named(self):
        self.assertIn("`Sink: warehouse`", self.ill("slow-sink", "slow-sink")["summary"])

    def test_the_split_that_holds_the_watermark_is_named(self):
        self.assertIn("split 1 of `Source: parts", self.ill("idle-split", "watermark")["summary"])

    def test_the_place_where_a_barrier_waits_is_named(self):
        verdict = self.ill("stuck-barrier", "checkpoint", "-Dexecution.checkpointing.interval=1s",
                           f"-Dexecution.checkpointing.dir={self.scratch}")
        # In front of it, or at its source, whose outputs were full before the barrier could be sent.
        self.assertIn("barrier waits", verdict["summary"])
        self.assertIn("`patient", verdict["summary"])

    def test_the_first_failure_is_told_with_its_stack(self):
        verdict = self.ill("crash", "failure", program="cluster_jobs")
        [cause] = [evidence["value"] for evidence in verdict["evidence"] if evidence["name"] == "first cause"]
        for part in ("signal 11 (SIGSEGV", "CrashAt3000", "working on task"):
            self.assertIn(part, cause)
        self.assertRegex(self.text.split("\n")[1], "^ERROR   the job failed: first ")
        self.assertIn("CrashAt3000", self.text)

    def test_a_job_without_problems_is_healthy(self):
        verdict = self.ill("counted", "healthy", program="watched_jobs")
        self.assertEqual(verdict["severity"], "ok")


if __name__ == "__main__":
    cluster_test_case.main()
