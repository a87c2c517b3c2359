#!/usr/bin/env python3
"""A cluster of real daemons on this machine: its scripts, the command `weir`, and what happens when processes die.

Run as cluster_test.py <folder of examples> <folder of weir, weir-jobmanager, weir-taskmanager> [<TestCase>...]
"""

import json
import os
import pathlib
import re
import signal
import socket

import cluster_test_case
from cluster_test_case import Cluster, ClusterTestCase, is_alive, wait_until


class Rows(ClusterTestCase):
    def test_examples_give_the_same_rows_as_embedded(self):
        cluster = self.start()
        for example in ("word_count", "flights_hourly", "flights_sliding", "flights_sessions",
                        "flights_distinct_destinations", "busy_user"):
            for parallelism in (1, 3):
                out = self.scratch / f"{example}{parallelism}"
                result = cluster.weir("run", "-p", parallelism, self.job(example), "--output", out)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assert_rows(out, f"{example}.csv")

    def test_what_a_job_prints_is_in_its_logs(self):
        cluster = self.start()
        result = cluster.weir("run", self.job("word_count"))
        logs = cluster.weir("logs", "--stdout", self.submitted(result)[0])
        self.assertEqual(sorted(logs.stdout.splitlines()), sorted(self.succeed("word_count").stdout.splitlines()))
        as_json = cluster.weir("logs", "--json", "--stdout", self.submitted(result)[0])
        self.assertEqual([json.loads(line)["line"] for line in as_json.stdout.splitlines()], logs.stdout.splitlines())
        listed = {option: len(json.loads(cluster.weir("list", "--json", option).stdout)["jobs"]) for option in ("-r", "-s", "-a")}
        self.assertEqual(listed, {"-r": 0, "-s": 0, "-a": 1})


class Operation(ClusterTestCase):
    def test_a_job_is_listed_shown_and_cancelled(self):
        cluster = self.start()
        job = self.run_detached(cluster, self.job("cluster_jobs"))
        wait_until("the job runs", lambda: cluster.is_running(job))
        self.assertIn(f"{job} : endless (RUNNING)", cluster.weir("list").stdout)
        self.assertIn("Source: Sequence Source", cluster.weir("status", job).stdout)
        cancelled = cluster.weir("cancel", job)
        self.assertEqual(cancelled.returncode, 0, cancelled.stderr)
        self.assertIn(f"Cancelled job {job}.", cancelled.stdout)
        self.assertIn("No running jobs.", cluster.weir("list", "-r").stdout)
        self.assertIn(f"{job} : endless (CANCELED)", cluster.weir("list", "-a").stdout)
        again = cluster.weir("cancel", job)
        self.assertEqual(again.returncode, 1)
        self.assertIn("has ended", again.stderr)
        wait_until("its worker has gone", lambda: not cluster.workers())

    def test_a_job_stops_with_a_savepoint_and_goes_on_from_it(self):
        cluster = self.start()
        job = self.run_detached(cluster, self.job("cluster_jobs"))
        wait_until("the job runs", lambda: cluster.is_running(job))
        taken = cluster.weir("savepoint", job, self.scratch / "taken")
        self.assertEqual(taken.returncode, 0, taken.stderr)
        self.assertTrue(cluster.is_running(job))
        stopped = cluster.weir("stop", "-p", self.scratch / "stopped", job)
        self.assertEqual(stopped.returncode, 0, stopped.stderr)
        self.assertEqual(cluster.status(job)["state"], "FINISHED")
        path = re.search(r"Savepoint completed. Path: (.*)", stopped.stdout).group(1)
        job = self.run_detached(cluster, "-s", path, self.job("cluster_jobs"))
        wait_until("the job goes on", lambda: cluster.is_running(job))
        absent = cluster.weir("run", "-s", self.scratch / "absent", self.job("cluster_jobs"))
        self.assertEqual(absent.returncode, 1)
        self.assertIn(str(self.scratch / "absent"), absent.stderr)

    def test_all_jobs_of_a_program_run_and_what_is_between_them(self):
        cluster = self.start()
        result = cluster.weir("run", self.job("cluster_jobs"), "--which", "several")
        self.assertEqual(result.returncode, 0, result.stderr)
        jobs = self.submitted(result)
        self.assertEqual(len(jobs), 3)
        lines = [line for line in result.stdout.splitlines() if line.startswith("after")]
        self.assertEqual(lines, ["after job 1", "after job 2", "after job 3"])
        self.assertIn("3\n", cluster.weir("logs", "--stdout", jobs[2]).stdout)

    def test_scripts_may_be_called_again_and_stop_leaves_nothing(self):
        cluster = self.start()
        daemons = cluster.pids("jobmanager") + cluster.pids("taskmanager")
        self.assertEqual(len(daemons), 2)
        again = cluster.run("start-cluster.sh")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(again.stdout.count("already running"), 2)
        more = cluster.run("taskmanager.sh", "start")
        self.assertEqual(more.returncode, 0, more.stderr)
        self.assertIn("2 TaskManagers, 12 slots, 12 of them free", cluster.weir("cluster").stdout)
        job = self.run_detached(cluster, self.job("cluster_jobs"))
        wait_until("the job runs", lambda: cluster.is_running(job))
        daemons = cluster.pids("jobmanager") + cluster.pids("taskmanager") + cluster.workers()
        self.assertEqual(len(daemons), 4)
        stopped = cluster.run("stop-cluster.sh")
        self.assertEqual(stopped.stdout.count("has stopped"), 3, stopped.stdout)
        wait_until("all processes are gone", lambda: not any(map(is_alive, daemons)))
        self.assertIn("no jobmanager and no taskmanager is running", cluster.run("stop-cluster.sh").stdout)

    def test_options_of_run_reach_the_job(self):
        cluster = self.start()
        job = self.run_detached(cluster, "-p", 2, "--name", "it's mine", self.job("cluster_jobs"))
        wait_until("the job runs", lambda: cluster.is_running(job))
        status = cluster.status(job)
        self.assertEqual(status["name"], "it's mine")
        self.assertEqual([len(vertex["subtasks"]) for vertex in status["vertices"]], [2])
        plan = json.loads(cluster.weir("info", "--json", "-p", 3, self.job("cluster_jobs")).stdout)
        self.assertEqual(plan["nodes"][0]["parallelism"], 3)
        local = cluster.weir("run", "-t", "local", self.job("cluster_jobs"), "--which", "several")
        self.assertEqual(local.returncode, 0, local.stderr)
        self.assertIn("after job 3", local.stdout)


class Failures(ClusterTestCase):
    def test_a_crash_stays_in_its_job_and_is_reported(self):
        cluster = self.start()
        other = self.run_detached(cluster, "-p", 2, self.job("cluster_jobs"))
        wait_until("the other job runs", lambda: cluster.is_running(other))
        crash = cluster.weir("run", self.job("cluster_jobs"), "--which", "crash")
        self.assertEqual(crash.returncode, 1)
        self.assertIn("was killed by signal 11 (SIGSEGV", crash.stderr)
        self.assertIn("about to crash", crash.stderr)
        # Where it happened, by function, file and line.
        self.assertRegex(crash.stderr, r"CrashAt3000\S* at .*cluster_jobs.cc:\d+")
        self.assertTrue(cluster.is_running(other))
        self.assertEqual(cluster.status(other)["restarts"], 0)

    def test_a_job_that_takes_too_much_memory_is_told_so(self):
        # One of two slots.
        cluster = self.start(**{"taskmanager.memory.process.size": "600mb", "taskmanager.numberOfTaskSlots": 2})
        job = self.run_detached(cluster, self.job("cluster_jobs"))
        wait_until("the job runs", lambda: cluster.is_running(job))
        log = next((cluster.home / "log").glob("*taskmanager*.log")).read_text()
        cluster.weir("cancel", job)
        if "has no limit for its memory" in log:
            self.skipTest("this machine allows no control groups")
        hungry = cluster.weir("run", self.job("cluster_jobs"), "--which", "hungry")
        self.assertEqual(hungry.returncode, 1)
        self.assertIn("was killed by the kernel: it wanted more than the 300.0 MiB", hungry.stderr)

    def test_the_job_manager_keeps_within_its_memory(self):
        cluster = self.start(**{"jobmanager.heap.size": "500mb", "rest.address": "jobs.example"})
        log = next((cluster.home / "log").glob("*jobmanager*.log")).read_text()
        # The older name works as well as the key's own, and the reachable name of the web UI is in the log.
        self.assertIn("jobmanager.heap.size is the older name of jobmanager.memory.process.size", log)
        self.assertRegex(log, r"REST API at http://jobs\.example:\d+")
        self.assertNotIn("has no effect", log)
        if "runs without a limit" in log:
            self.skipTest("this machine allows no control groups")
        pid = cluster.pids("jobmanager")[0]
        # "4:memory:/a/b" of version 1, "0::/a/b" of version 2.
        _, controllers, group = next(line.split(":", 2) for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().split()
                                     if line.endswith(f"/weir-jobmanager-{pid}"))
        folder = pathlib.Path("/sys/fs/cgroup", controllers, group[1:])
        limit = folder / ("memory.limit_in_bytes" if controllers else "memory.max")
        self.assertEqual(limit.read_text().strip(), str(500 << 20))
        os.kill(pid, signal.SIGKILL)
        wait_until("its processes are gone", lambda: not (folder / "cgroup.procs").read_text())
        cluster.run("start-cluster.sh")
        wait_until("the next one has removed its group", lambda: not folder.exists())
        folder = folder.with_name(f"weir-jobmanager-{cluster.pids('jobmanager')[0]}")
        self.assertTrue(folder.exists())
        cluster.run("stop-cluster.sh")
        self.assertFalse(folder.exists())

    def test_what_a_worker_leaves_behind_ends_with_it(self):
        cluster = self.start()
        run = cluster.weir("run", self.job("cluster_jobs"), "--which", "forks")
        self.assertEqual(run.returncode, 0, run.stderr)
        left = int(cluster.weir("logs", "--stdout", self.submitted(run)[0]).stdout)
        wait_until("what it has started has ended", lambda: not is_alive(left))

    def test_a_crash_each_second_costs_the_neighbour_nothing(self):
        cluster = self.start()
        numbers, keys, out = 30_000, 50, self.scratch / "out"
        counting = self.run_detached(cluster, "-p", 2, "-Dexecution.checkpointing.interval=100ms",
                                     f"-Dexecution.checkpointing.dir={self.scratch / 'checkpoints'}", self.job("counting_job"),
                                     "--numbers", numbers, "--rate", 5_000, "--keys", keys, "--output", out)
        crashing = self.run_detached(cluster, "-Drestart-strategy.type=fixed-delay",
                                     "-Drestart-strategy.fixed-delay.attempts=1000",
                                     "-Drestart-strategy.fixed-delay.delay=1s", self.job("cluster_jobs"), "--which", "crash")
        wait_until("the job has counted", lambda: cluster.status(counting)["state"] == "FINISHED")
        self.assertEqual(cluster.status(counting)["restarts"], 0)
        self.assertGreater(cluster.status(crashing)["restarts"], 2)
        rows = sorted(row for file in out.glob("**/part-*.csv") for row in file.read_text().splitlines())
        self.assertTrue(rows == sorted(f"{n % keys},{n // keys + 1}" for n in range(numbers)), f"{len(rows)} rows")

    def test_a_job_is_restarted_when_its_worker_is_killed(self):
        cluster = self.start()
        job = self.run_detached(cluster, "-p", 2, "-Drestart-strategy.type=fixed-delay",
                                "-Drestart-strategy.fixed-delay.attempts=4",
                                "-Drestart-strategy.fixed-delay.delay=10ms", self.job("cluster_jobs"))
        wait_until("the job runs", lambda: cluster.is_running(job))
        os.kill(cluster.workers()[0], signal.SIGKILL)
        wait_until("the job runs again", lambda: cluster.is_running(job, attempt=1))

    def test_a_job_is_restarted_when_its_coordinator_is_killed(self):
        cluster = self.start()
        job = self.run_detached(cluster, "-Drestart-strategy.type=fixed-delay",
                                "-Drestart-strategy.fixed-delay.attempts=4",
                                "-Drestart-strategy.fixed-delay.delay=10ms", self.job("cluster_jobs"))
        wait_until("the job runs", lambda: cluster.is_running(job))
        os.kill(cluster.coordinators()[0], signal.SIGKILL)
        wait_until("the job runs again", lambda: cluster.is_running(job, attempt=1))
        self.assertIn("coordinator", cluster.weir("status", job).stdout)

    def test_a_coordinator_that_exits_while_it_is_asked_for_its_state_is_not_said_to_hang(self):
        cluster = self.start()
        run = cluster.weir("run", "-Dexecution.checkpointing.interval=100ms", "-Drestart-strategy.type=none", self.job("enumerator_job"))
        self.assertEqual(run.returncode, 1)
        self.assertRegex(run.stderr, r"the coordinator process of job \S+ \S+ \([^)]*pid \d+\) ended ")
        self.assertNotIn("hangs", run.stderr)

    def test_a_job_waits_for_another_task_manager_when_its_own_is_killed(self):
        cluster = self.start()
        job = self.run_detached(cluster, "-Drestart-strategy.type=fixed-delay",
                                "-Drestart-strategy.fixed-delay.delay=10ms", self.job("cluster_jobs"))
        wait_until("the job runs", lambda: cluster.is_running(job))
        workers = cluster.workers()
        os.kill(cluster.pids("taskmanager")[0], signal.SIGKILL)
        wait_until("the job waits", lambda: cluster.status(job)["waiting-for"] == "1 of 1 slots")
        wait_until("the workers died with their TaskManager", lambda: not any(map(is_alive, workers)))
        self.assertEqual(cluster.run("taskmanager.sh", "start").returncode, 0)
        wait_until("the job runs again", lambda: cluster.is_running(job, attempt=1))

    def test_a_task_manager_finds_the_next_job_manager(self):
        cluster = self.start()
        os.kill(cluster.pids("jobmanager")[0], signal.SIGKILL)
        self.assertEqual(cluster.run("jobmanager.sh", "start").returncode, 0)
        wait_until("the TaskManager is back", lambda: "1 TaskManagers, 6 slots" in cluster.weir("cluster").stdout)
        self.assertEqual(cluster.weir("run", self.job("word_count"), "--output", self.scratch / "out").returncode, 0)
        self.assert_rows(self.scratch / "out", "word_count.csv")


class BadInput(ClusterTestCase):
    def fails(self, cluster, code, *arguments, **more):
        """The one paragraph that a command says on its failure."""
        result = cluster.weir(*arguments, **more)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        self.assertNotIn("\n\n", result.stderr.strip())
        return result.stderr

    def test_without_a_cluster_it_says_so(self):
        cluster = Cluster()
        self.addCleanup(cluster.folder.cleanup)
        for arguments in (["list"], ["run", self.job("word_count")], ["cancel", "0" * 31 + "1"]):
            self.assertIn("no JobManager answers at localhost:", self.fails(cluster, 3, *arguments))

    def test_what_is_no_program_of_a_job_is_named(self):
        cluster = self.start()
        script = self.scratch_file("job.sh", "#!/bin/sh\nexit 0\n")
        script.chmod(0o755)
        self.assertIn("no executable that this machine runs", self.fails(cluster, 1, "run", script))
        self.assertIn("No such file", self.fails(cluster, 1, "run", self.scratch / "absent"))
        script.chmod(0o644)
        self.assertIn(f"chmod +x {script}", self.fails(cluster, 1, "run", script))
        self.assertIn('"word" is no option', cluster.run("taskmanager.sh", "start", "word").stderr)
        self.assertIn("came to no Execute()", self.fails(cluster, 1, "run", self.job("cluster_jobs"), "--which", "exit"))
        self.assertIn("names a Java class", self.fails(cluster, 2, "run", "-c", "Main", self.job("word_count")))
        self.assertIn("no job has the id", self.fails(cluster, 1, "status", "0" * 31 + "1"))
        self.assertIn("operator", self.fails(cluster, 1, "run", self.job("failing_jobs"), "--which", "throw"))

    def test_a_program_that_plans_something_else_in_its_worker_is_refused(self):
        cluster = self.start()
        message = self.fails(cluster, 1, "run", self.job("cluster_jobs"), "--which", "differs", WEIR_TEST_SUBMITTER="1")
        self.assertIn("of the submitter", message)
        self.assertIn("of the worker", message)

    def test_a_port_in_use_is_named_and_nothing_is_left(self):
        cluster = Cluster()
        self.addCleanup(cluster.stop)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", cluster.port))
            taken.listen()
            started = cluster.run("start-cluster.sh")
        self.assertEqual(started.returncode, 1)
        self.assertIn(f"cannot listen on 127.0.0.1:{cluster.port}", started.stderr)
        wait_until("nothing runs", lambda: not any(map(is_alive, cluster.pids("taskmanager"))))

    def test_an_open_port_wants_a_secret(self):
        cluster = Cluster(**{"jobmanager.bind-host": "0.0.0.0"})
        self.addCleanup(cluster.stop)
        # The scripts would make one.
        started = cluster.run("weir-jobmanager", "--config-dir", cluster.home / "conf")
        self.assertEqual(started.returncode, 1)
        self.assertIn("Set security.secret-file, or bind to localhost", started.stderr)

    def test_only_who_knows_the_secret_may_talk(self):
        secret = self.scratch_file("secret", "0123456789abcdef0123\n")
        secret.chmod(0o600)
        cluster = self.start(**{"security.secret-file": secret})
        self.assertEqual(cluster.weir("list").returncode, 0)
        wrong = self.scratch_file("wrong", "0123456789abcdef9999\n")
        wrong.chmod(0o600)
        self.assertIn("not this cluster's", self.fails(cluster, 1, "list", f"-Dsecurity.secret-file={wrong}"))
        wrong.chmod(0o644)
        self.assertIn("chmod 600", self.fails(cluster, 1, "list", f"-Dsecurity.secret-file={wrong}"))


if __name__ == "__main__":
    cluster_test_case.main()
