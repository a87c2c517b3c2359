#!/usr/bin/env python3
"""Processes that hang (SIGSTOP) are noticed by their silence, and what they did goes on elsewhere.

usage: hang_test.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager> [<TestCase>...]
"""

import os
import signal
import sys
import time

sys.dont_write_bytecode = True
import cluster_test_case  # noqa: E402
from cluster_test_case import QUICK_HEARTBEATS, SILENCE_S, Cluster, ClusterTestCase, is_alive, wait_until  # noqa: E402

RESTARTS = ("-Drestart-strategy.type=fixed-delay", "-Drestart-strategy.fixed-delay.attempts=20",
            "-Drestart-strategy.fixed-delay.delay=10ms")


class Hang(ClusterTestCase):
    def start_with(self, task_managers=1, **configuration):
        cluster = Cluster(**(QUICK_HEARTBEATS | configuration))
        self.addCleanup(cluster.stop)
        (cluster.home / "conf/workers").write_text("localhost\n" * task_managers, encoding="utf-8")
        started = cluster.run("start-cluster.sh")
        self.assertEqual(started.returncode, 0, started.stdout + started.stderr)
        return cluster

    def stop_process(self, pid):
        os.kill(pid, signal.SIGSTOP)
        self.addCleanup(lambda: is_alive(pid) and os.kill(pid, signal.SIGCONT))

    def rows(self, out, numbers, keys):
        rows = sorted(row for file in out.glob("**/part-*.csv") for row in file.read_text().splitlines())
        self.assertTrue(rows == sorted(f"{n % keys},{n // keys + 1}" for n in range(numbers)), f"{len(rows)} rows")

    def count(self, cluster, numbers, keys, out):
        return self.run_detached(cluster, "-p", 2, *RESTARTS, "-Dexecution.checkpointing.interval=100ms",
                                 f"-Dexecution.checkpointing.dir={self.scratch / 'checkpoints'}", self.job("counting_job"),
                                 "--numbers", numbers, "--rate", 4_000, "--keys", keys, "--output", out)

    def hang_one(self, cluster, job, processes):
        """Stops the first of `processes()` while the job runs, and waits until it was killed for that; its pid."""
        wait_until("the job runs", lambda: cluster.is_running(job))
        hanging = processes()[0]
        self.stop_process(hanging)
        wait_until("it is dead", lambda: not is_alive(hanging))
        return hanging

    def test_a_worker_that_hangs_is_killed_and_replaced(self):
        cluster = self.start_with()
        numbers, keys, out = 20_000, 50, self.scratch / "out"
        job = self.count(cluster, numbers, keys, out)
        self.hang_one(cluster, job, cluster.workers)
        self.assertIn("said nothing for", next((cluster.home / "log").glob("*taskmanager*.log")).read_text()
                      + cluster.weir("status", job).stdout)
        wait_until("the job has counted", lambda: cluster.status(job)["state"] == "FINISHED")
        self.rows(out, numbers, keys)

    def test_a_coordinator_that_hangs_is_killed_and_replaced(self):
        cluster = self.start_with()
        numbers, keys, out = 20_000, 50, self.scratch / "out"
        job = self.count(cluster, numbers, keys, out)
        coordinator = self.hang_one(cluster, job, cluster.coordinators)
        wait_until("the job runs with another", lambda: cluster.is_running(job, attempt=1))
        self.assertNotIn(coordinator, cluster.coordinators())
        status = cluster.weir("status", job).stdout
        self.assertIn(f"(pid {coordinator})", status)
        self.assertRegex(status, "has said nothing for|did not tell the state of a split enumerator within")
        wait_until("the job has counted", lambda: cluster.status(job)["state"] == "FINISHED")
        self.rows(out, numbers, keys)

    def test_a_task_manager_that_hangs_gives_its_tasks_to_another(self):
        cluster = self.start_with(2, **{"taskmanager.numberOfTaskSlots": 2})
        numbers, keys, out = 20_000, 50, self.scratch / "out"
        job = self.count(cluster, numbers, keys, out)
        wait_until("the job runs", lambda: cluster.is_running(job))
        hanging = next(pid for pid in cluster.pids("taskmanager") if cluster_test_case.children(pid))
        self.stop_process(hanging)
        wait_until("the job runs elsewhere", lambda: cluster.is_running(job, attempt=1))
        os.kill(hanging, signal.SIGCONT)
        wait_until("the TaskManager is back", lambda: "2 TaskManagers" in cluster.weir("cluster").stdout)
        wait_until("the job has counted", lambda: cluster.status(job)["state"] == "FINISHED")
        wait_until("all slots are free", lambda: "4 of them free" in cluster.weir("cluster").stdout)
        self.rows(out, numbers, keys)

    def test_a_job_manager_that_hangs_is_found_again(self):
        cluster = self.start_with()
        numbers, keys, out = 20_000, 50, self.scratch / "out"
        job = self.count(cluster, numbers, keys, out)
        wait_until("the job runs", lambda: cluster.is_running(job))
        manager = cluster.pids("jobmanager")[0]
        self.stop_process(manager)
        asked = cluster.weir("list", "-Dclient.timeout=500ms")
        self.assertEqual(asked.returncode, 3, asked.stdout + asked.stderr)
        time.sleep(SILENCE_S + 0.5)
        os.kill(manager, signal.SIGCONT)
        wait_until("the job has counted", lambda: cluster.status(job)["state"] == "FINISHED")
        self.rows(out, numbers, keys)

    def test_a_program_that_never_comes_to_a_job_is_ended(self):
        cluster = self.start_with()
        result = cluster.weir("run", "-Dclient.timeout=1s", self.job("cluster_jobs"), "--which", "waits")
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn("has come to no Execute() in 1 s", result.stderr)
        self.assertIn("-Dclient.timeout", result.stderr)


if __name__ == "__main__":
    cluster_test_case.main()
