"""Logs of a real cluster: their files, what a line says, the logging configuration, rotation while somebody follows, and the report of a crash.

Run as `logs_test.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager>`.
"""

import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request

import cluster_test_case
from cluster_test_case import Cluster, ClusterTestCase, wait_until

LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO|WARN|ERROR) +\S+:\d+ \[\S+\] (\[job ([0-9a-f]{32})\] )?- ")


class LogsTest(ClusterTestCase):
    def configured(self, text, **configuration):
        """A cluster that is not started yet, with a logging configuration."""
        cluster = Cluster(**configuration)
        self.addCleanup(cluster.stop)
        (cluster.home / "conf/logging.properties").write_text(text, encoding="utf-8")
        return cluster

    def begin(self, cluster):
        started = cluster.run("start-cluster.sh")
        self.assertEqual(started.returncode, 0, started.stdout + started.stderr)

    def log_of(self, cluster, kind):
        [path] = [path for path in (cluster.home / "log").glob(f"*-{kind}-0-*.log") if not re.search(r"\.\d+\.log$", path.name)]
        return path

    def test_each_process_has_its_file_and_each_line_about_a_job_its_id(self):
        cluster = self.start()
        job = self.run_detached(cluster, self.job("cluster_jobs"))
        wait_until("the job runs", lambda: cluster.is_running(job))
        [worker] = (cluster.home / "log/jobs" / job).glob("*-1.log")
        wait_until("the worker's log speaks of its task", lambda: " is RUNNING (attempt " in worker.read_text())
        for line in worker.read_text().splitlines():
            self.assertEqual(LINE.match(line)[3], job, line)
        for kind in ("jobmanager", "taskmanager"):
            lines = self.log_of(cluster, kind).read_text().splitlines()
            self.assertTrue(all(LINE.match(line) for line in lines), lines)
            about = [line for line in lines if job in line.partition(" - ")[2]]
            self.assertTrue(about, lines)
            for line in about:
                self.assertEqual(LINE.match(line)[3], job, line)

    def test_level_and_pattern_are_what_the_file_says(self):
        cluster = self.configured("pattern = %p|%c|%X{job}|%m\nlevel = warn\nlevel.jobmanager.scheduler = info\n")
        self.begin(cluster)
        job = self.run_detached(cluster, self.job("cluster_jobs"))
        wait_until("the job runs", lambda: cluster.is_running(job))
        lines = self.log_of(cluster, "jobmanager").read_text().splitlines()
        self.assertTrue(any(line.startswith(f"INFO|jobmanager.scheduler.job_master|{job}|job ") for line in lines), lines)
        self.assertFalse([line for line in lines if "listens on port" in line])
        self.assertNotIn("INFO", self.log_of(cluster, "taskmanager").read_text())

    def test_a_mistake_in_the_file_names_its_line_and_starts_nothing(self):
        cluster = self.configured("level = info\n\nlevel.rpc = loud\n")
        started = cluster.run("start-cluster.sh")
        self.assertEqual(started.returncode, 1)
        self.assertRegex(started.stderr, r"weir-jobmanager did not start: \S+/conf/logging.properties:3: level.rpc is \"loud\"; expected")
        self.assertEqual(cluster.pids("jobmanager"), [])
        result = cluster.weir("list")
        self.assertRegex(result.stderr, r"logging.properties:3: level.rpc is")

    def test_a_program_that_a_person_starts_logs_as_configured(self):
        cluster = self.configured("client.level = info\nclient.pattern = MINE %m\n")
        result = subprocess.run([self.job("cluster_jobs"), "--which", "several"], env=cluster.environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stderr, r"(?m)^MINE job .job 1.")

    def test_who_follows_misses_nothing_when_files_are_rotated(self):
        cluster = self.configured("level = debug\npattern = %m\njobmanager.file.max-size = 2 kb\njobmanager.file.max-files = 500\n",
                                  **{"metrics.reporters": "log", "metrics.reporter.interval": "50ms"})
        self.begin(cluster)
        self.url = re.search(r"REST API at (\S+)", self.log_text(cluster))[1].rstrip("/")
        position, followed = "", b""
        path = self.log_of(cluster, "jobmanager")
        while len(list(path.parent.glob("*jobmanager*.log"))) < 8:
            body, position, gap = self.follow(position)
            followed += body
            self.assertIsNone(gap)
        cluster.run("jobmanager.sh", "stop")
        files = list(path.parent.glob("*jobmanager*.log"))
        files.sort(key=lambda file: -int((re.search(r"\.(\d+)\.log$", file.name) or [0, 0])[1]))
        whole = b"".join(file.read_bytes() for file in files)
        self.assertGreater(len(followed), 8000)
        self.assertEqual(whole[:len(followed)], followed)

    def log_text(self, cluster):
        wait_until("REST", lambda: any("REST API at" in file.read_text() for file in (cluster.home / "log").glob("*jobmanager*.log")))
        return "".join(file.read_text() for file in (cluster.home / "log").glob("*jobmanager*.log"))

    def follow(self, position):
        with urllib.request.urlopen(f"{self.url}/jobmanager/log?follow={position}", timeout=30) as answer:
            return answer.read(), answer.headers["X-Log-Position"], answer.headers["X-Log-Gap"]

    def test_rest_follows_the_log_of_a_worker(self):
        cluster = self.start()
        self.url = re.search(r"REST API at (\S+)", self.log_text(cluster))[1].rstrip("/")
        job = self.run_detached(cluster, self.job("cluster_jobs"))
        wait_until("the job runs", lambda: cluster.is_running(job))
        managers = json.load(urllib.request.urlopen(f"{self.url}/taskmanagers", timeout=30))["taskmanagers"]
        base = f"{self.url}/taskmanagers/{managers[0]['id']}/logs"
        logs = [log["name"] for log in json.load(urllib.request.urlopen(base, timeout=30))["logs"]]
        [name] = [name for name in logs if name.startswith(job) and name.endswith(".log")]
        with urllib.request.urlopen(f"{base}/{name}?follow=", timeout=30) as answer:
            first, position = answer.read(), answer.headers["X-Log-Position"]
        self.assertIn(b"is RUNNING", first)
        cluster.weir("cancel", job)

        def new():
            with urllib.request.urlopen(f"{base}/{name}?follow={position}", timeout=30) as answer:
                return answer.read()

        wait_until("the end of the task", lambda: b"is CANCELED" in new())
        self.assertNotIn(b"is RUNNING", new())
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{base}/{name}?follow=nonsense", timeout=30)
        self.assertEqual(refused.exception.code, 400)

    def test_a_crash_leaves_a_report_with_the_last_lines_of_the_log(self):
        cluster = self.start()
        result = cluster.weir("run", self.job("cluster_jobs"), "--which", "crash")
        [job] = self.submitted(result)
        self.assertIn("The last lines of its log:", result.stderr)
        [report] = (cluster.home / "log/jobs" / job).glob("*.crash")
        text = report.read_text()
        for part in ("signal 11 (SIGSEGV", "CrashAt3000", "about to crash", "The last lines of its log:", " is RUNNING (attempt ", "working on task \""):
            self.assertIn(part, text)
        # `weir logs` shows all of a job's files, or those that are asked for.
        logs = cluster.weir("logs", job)
        self.assertIn(f"==> {report.name} <==", logs.stdout)
        self.assertNotIn("about to crash", cluster.weir("logs", "--stdout", job).stdout)
        self.assertIn("is RUNNING (attempt", cluster.weir("logs", "--log", job).stdout)

    def test_weir_logs_fetches_and_follows_what_is_on_another_machine(self):
        cluster = self.start()
        job = self.run_detached(cluster, self.job("cluster_jobs"))
        wait_until("the job runs", lambda: cluster.is_running(job))
        # As seen from a machine that has none of the files.
        elsewhere = {"WEIR_LOG_DIR": str(cluster.home / "nothing")}
        logs = cluster.weir("logs", job, **elsewhere)
        self.assertEqual(logs.returncode, 0, logs.stderr)
        self.assertRegex(logs.stdout, r"(?m)^==> \S+-1\.log <==$")
        self.assertEqual(logs.stdout.count(" is RUNNING (attempt "), cluster.weir("logs", job).stdout.count(" is RUNNING (attempt "))
        with subprocess.Popen([cluster.home / "bin/weir", "logs", "-f", job], env=cluster.environment | elsewhere, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True) as following:
            cluster.weir("cancel", job)
            followed, _ = following.communicate(timeout=60)
        self.assertEqual(following.returncode, 0)
        self.assertIn(" is CANCELED", followed)
        unknown = cluster.weir("logs", "0" * 32, **elsewhere)
        self.assertEqual(unknown.returncode, 1)
        self.assertIn("no TaskManager that is connected has files of it", unknown.stderr)
        cluster.run("stop-cluster.sh")
        alone = cluster.weir("logs", job)
        self.assertEqual(alone.returncode, 0)
        self.assertIn("these are the files of this machine alone: ", alone.stderr)
        self.assertNotEqual(cluster.weir("logs", job, **elsewhere).returncode, 0)

    def test_who_follows_ends_when_nobody_reads_any_more(self):
        cluster = self.start()
        job = self.run_detached(cluster, self.job("cluster_jobs"))
        wait_until("the job runs", lambda: cluster.is_running(job))
        with subprocess.Popen([cluster.home / "bin/weir", "logs", "-f", job], env=cluster.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True) as following:
            self.assertIn("==>", following.stdout.readline())
            following.stdout.close()
            self.assertEqual(following.wait(timeout=60), 0)
        self.assertTrue(cluster.is_running(job))

    def test_a_crash_of_a_daemon_leaves_a_report_beside_its_log(self):
        cluster = self.start()
        for kind, said in (("taskmanager", "is registered with the JobManager"), ("jobmanager", "listens on port")):
            [pid] = cluster.pids(kind)
            os.kill(pid, signal.SIGSEGV)
            wait_until(f"the {kind} is gone", lambda: not cluster_test_case.is_alive(pid))
            report = self.log_of(cluster, kind).with_suffix(".crash")
            text = report.read_text()
            self.assertRegex(text, rf"^weir-{kind} was killed by signal 11 \(SIGSEGV.* in thread \d+\n#0 ")
            self.assertIn(f"src/{kind}/daemon/main.cc:", text)
            self.assertRegex(text, rf"(?s)The last lines of its log:\n.*{said}")
        started = cluster.run("jobmanager.sh", "start")
        self.assertEqual(started.returncode, 0, started.stdout + started.stderr)
        kept = self.log_of(cluster, "jobmanager").with_suffix(".1.crash")
        self.assertIn("The last lines", kept.read_text())
        self.assertIn(f"weir-jobmanager has crashed before: {kept}", self.log_of(cluster, "jobmanager").read_text())


if __name__ == "__main__":
    cluster_test_case.main()
