#!/usr/bin/env python3
"""A JobManager that is killed: the next one goes on with its jobs, and nothing that it committed is lost or doubled.

Run as high_availability_test.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager> [<TestCase>...]
"""

import os
import re
import shutil
import signal
import subprocess
import time

import cluster_test_case
from cluster_test_case import ClusterTestCase, is_alive, wait_until
from job_test_case import ROOT

NUMBERS = 40_000
KEYS = 100


class HighAvailability(ClusterTestCase):
    def setUp(self):
        super().setUp()
        self.output = self.scratch / "out"
        self.checkpoints = self.scratch / "checkpoints"

    def counting(self, rate):
        return ["-Dexecution.checkpointing.interval=50ms", f"-Dexecution.checkpointing.dir={self.checkpoints}",
                self.job("counting_job"), "--numbers", NUMBERS, "--rate", rate, "--keys", KEYS, "--output", self.output]

    def newest(self):
        """The greatest id of a complete checkpoint, 0 if there is none."""
        return max((int(re.search(r"chk-(\d+)", str(path)).group(1))
                    for path in self.checkpoints.glob("*/chk-*/_metadata")), default=0)

    def kill_job_manager(self, cluster):
        pid = cluster.pids("jobmanager")[0]
        os.kill(pid, signal.SIGKILL)
        wait_until("the JobManager is dead", lambda: not is_alive(pid))

    def restart_job_manager(self, cluster):
        started = cluster.run("jobmanager.sh", "start")
        self.assertEqual(started.returncode, 0, started.stdout + started.stderr)

    def committed(self):
        rows = []
        for file in self.output.glob("**/*.csv"):
            if not file.name.startswith("."):
                rows += file.read_text().splitlines()
        return sorted(rows)

    def test_jobs_go_on_from_their_checkpoints_and_their_workers_stay(self):
        cluster = self.start()
        job = self.run_detached(cluster, "-p", 2, *self.counting(rate=3_000))
        for _ in range(3):
            before = self.newest()
            wait_until("a checkpoint is complete", lambda: self.newest() > before)
            workers = cluster.workers()
            leader = cluster.weir("cluster", "--json").stdout
            self.kill_job_manager(cluster)
            time.sleep(0.1)
            self.restart_job_manager(cluster)
            wait_until("the job runs again", lambda: cluster.is_running(job))
            self.assertEqual(cluster.workers(), workers)
            self.assertNotEqual(cluster.weir("cluster", "--json").stdout, leader)
        wait_until("the job has ended", lambda: cluster.status(job)["state"] == "FINISHED")
        expected = sorted(f"{n % KEYS},{n // KEYS + 1}" for n in range(NUMBERS))
        # Not assertEqual: it would print all of them.
        self.assertTrue(self.committed() == expected, f"{len(self.committed())} rows of {len(expected)}")

    def test_what_has_ended_does_not_run_again_and_is_remembered(self):
        cluster = self.start()
        done = self.run_detached(cluster, *self.counting(rate=0))
        wait_until("the job has ended", lambda: cluster.status(done)["state"] == "FINISHED")
        rows = self.committed()
        gone = self.run_detached(cluster, self.job("cluster_jobs"))
        wait_until("the job runs", lambda: cluster.is_running(gone))
        self.assertEqual(cluster.weir("cancel", gone).returncode, 0)
        self.kill_job_manager(cluster)
        self.restart_job_manager(cluster)
        listed = cluster.weir("list", "-a").stdout
        self.assertIn(f"{done} : counting (FINISHED)", listed)
        self.assertIn(f"{gone} : endless (CANCELED)", listed)
        self.assertEqual(cluster.status(done)["state"], "FINISHED")
        self.assertEqual(self.committed(), rows)

    def test_a_job_whose_checkpoints_are_being_deleted_has_ended(self):
        cluster = self.start()
        self.kill_job_manager(cluster)
        started = cluster.run("jobmanager.sh", "start", WEIR_FAULT_POINT="finished-files-deleted")
        self.assertEqual(started.returncode, 0, started.stderr)
        pid = cluster.pids("jobmanager")[0]
        job = self.run_detached(cluster, *self.counting(rate=0))
        wait_until("the JobManager has died of it", lambda: not is_alive(pid))
        self.restart_job_manager(cluster)
        self.assertEqual(cluster.status(job)["state"], "FINISHED")
        log = "".join(file.read_text() for file in (cluster.home / "log").glob("*jobmanager*.log"))
        self.assertNotIn(f"({job}) is taken up again", log)
        self.assertEqual(len(self.committed()), NUMBERS)

    def test_whoever_waits_for_a_job_waits_through_it(self):
        cluster = self.start()
        command = [str(cluster.home / "bin/weir"), "run", *map(str, self.counting(rate=8_000))]
        run = subprocess.Popen(command, cwd=ROOT, env=cluster.environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(run.kill)
        wait_until("a checkpoint is complete", lambda: self.newest() > 0)
        self.kill_job_manager(cluster)
        self.restart_job_manager(cluster)
        _, error = run.communicate(timeout=cluster_test_case.DEADLINE_S)
        self.assertEqual(run.returncode, 0, error)
        self.assertIn("waiting up to 60 s for the next one", error)

    def test_a_cluster_that_is_stopped_goes_on_when_it_is_started(self):
        cluster = self.start()
        job = self.run_detached(cluster, *self.counting(rate=3_000))
        wait_until("a checkpoint is complete", lambda: self.newest() > 0)
        self.assertEqual(cluster.run("stop-cluster.sh").returncode, 0)
        self.assertEqual(cluster.run("start-cluster.sh").returncode, 0)
        wait_until("the job runs again", lambda: cluster.is_running(job))
        self.assertEqual(cluster.status(job)["restarts"], 0)
        self.assertEqual(cluster.weir("cancel", job).returncode, 0)

    def test_jobs_in_a_folder_of_their_own_go_on_after_temporary_files_are_gone(self):
        # As after a reboot, or from another port.
        cluster = self.start(**{"high-availability.storageDir": self.scratch / "jobs"})
        job = self.run_detached(cluster, *self.counting(rate=3_000))
        wait_until("a checkpoint is complete", lambda: self.newest() > 0)
        self.assertEqual(cluster.run("stop-cluster.sh").returncode, 0)
        shutil.rmtree(cluster.home / "tmp")
        self.assertEqual(cluster.run("start-cluster.sh").returncode, 0)
        wait_until("the job runs again", lambda: cluster.is_running(job))
        self.assertEqual(cluster.weir("cancel", job).returncode, 0)

    def test_without_high_availability_jobs_end_with_their_job_manager(self):
        cluster = self.start(**{"high-availability.type": "NONE"})
        job = self.run_detached(cluster, self.job("cluster_jobs"))
        wait_until("the job runs", lambda: cluster.is_running(job))
        self.kill_job_manager(cluster)
        self.restart_job_manager(cluster)
        self.assertIn("no job has the id", cluster.weir("status", job).stderr)

    def test_two_job_managers_do_not_share_their_jobs(self):
        store = self.scratch / "store"
        self.start(**{"high-availability.storageDir": store})
        second = cluster_test_case.Cluster(**{"high-availability.storageDir": store})
        self.addCleanup(second.stop)
        started = second.run("jobmanager.sh", "start")
        self.assertEqual(started.returncode, 1)
        self.assertIn("high-availability.cluster-id of its own", started.stderr)

    def test_a_damaged_job_is_named_and_the_others_go_on(self):
        cluster = self.start(**{"high-availability.storageDir": self.scratch / "store"})
        damaged = self.run_detached(cluster, self.job("cluster_jobs"))
        whole = self.run_detached(cluster, self.job("cluster_jobs"))
        self.kill_job_manager(cluster)
        file = self.scratch / "store/default/jobs" / damaged
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content)
        self.restart_job_manager(cluster)
        wait_until("the other job runs again", lambda: cluster.is_running(whole))
        log = next((cluster.home / "log").glob("*jobmanager*.log")).read_text()
        self.assertIn(f"cannot use {file}: its content is damaged", log)


if __name__ == "__main__":
    cluster_test_case.main()
