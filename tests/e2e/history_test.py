#!/usr/bin/env python3
"""Jobs that have ended: readable under the next JobManager, and through a history server when there is none.

Run as history_test.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager> [<TestCase>...]
"""

import json
import os
import signal
import urllib.error
import urllib.request

import cluster_test_case
from cluster_test_case import ClusterTestCase, free_port, is_alive, wait_until
from job_test_case import DATA


class History(ClusterTestCase):
    def setUp(self):
        super().setUp()
        self.archive = self.scratch / "archive"
        self.rest = free_port()
        self.history = free_port()

    def start(self, **configuration):
        return super().start(**{"rest.port": self.rest, "jobmanager.archive.fs.dir": self.archive,
                                "historyserver.web.port": self.history, "historyserver.archive.fs.refresh-interval": "50ms"}
                             | configuration)

    def start_history_server(self, cluster):
        started = cluster.run("historyserver.sh", "start")
        self.assertEqual(started.returncode, 0, started.stdout + started.stderr)
        self.addCleanup(cluster.run, "historyserver.sh", "stop")

    def call(self, path, port=None, method="GET"):
        request = urllib.request.Request(f"http://127.0.0.1:{port or self.rest}{path}", method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def get(self, path, port=None):
        status, body = self.call(path, port)
        self.assertEqual(status, 200, body)
        return body

    def run_job(self, cluster, *arguments):
        """A job that has ended, and its archive."""
        job = self.run_detached(cluster, *arguments)
        wait_until("the job has ended", lambda: cluster.status(job)["state"] in ("FINISHED", "FAILED"))
        wait_until("it is archived", lambda: (self.archive / job).exists())
        return job

    def word_count(self, cluster):
        checkpoints = ["-Dexecution.checkpointing.interval=20ms", f"-Dexecution.checkpointing.dir={self.scratch / 'checkpoints'}"]
        return self.run_job(cluster, "-p", 2, *checkpoints, self.job("word_count"), "--input", DATA / "moby_dick.txt",
                            "--output", self.scratch / "out")

    def pages(self, job, port=None):
        """Everything that a person may read about a job."""
        base = f"/jobs/{job}"
        paths = [base] + [f"{base}/{part}" for part in ("plan", "config", "exceptions", "accumulators", "checkpoints",
                                                         "checkpoints/config", "jobmanager/config", "execution-result")]
        vertices = self.get(base, port)["vertices"]
        for vertex in vertices:
            of = f"{base}/vertices/{vertex['id']}"
            paths += [of] + [f"{of}/{part}" for part in ("taskmanagers", "subtasktimes", "accumulators", "watermarks",
                                                         "backpressure", "subtasks/accumulators", "subtasks/0")]
        for checkpoint in self.get(f"{base}/checkpoints", port)["history"]:
            details = f"{base}/checkpoints/details/{checkpoint['id']}"
            paths += [details] + [f"{details}/subtasks/{vertex['id']}" for vertex in vertices]
        return {path: without_now(self.get(path, port)) for path in paths}

    def assert_same_pages(self, pages, before):
        self.assertEqual(list(pages), list(before))
        for path, shown in pages.items():
            self.assertEqual(shown, before[path], path)

    def restart_job_manager(self, cluster):
        pid = cluster.pids("jobmanager")[0]
        os.kill(pid, signal.SIGKILL)
        wait_until("the JobManager is dead", lambda: not is_alive(pid))
        started = cluster.run("jobmanager.sh", "start")
        self.assertEqual(started.returncode, 0, started.stdout + started.stderr)

    def test_the_next_jobmanager_shows_all_that_the_one_before_has_shown(self):
        cluster = self.start()
        job = self.word_count(cluster)
        failed = self.run_job(cluster, self.job("watched_jobs"), "--which", "failing")
        before = {each: self.pages(each) for each in (job, failed)}
        listed = {each["jid"]: each for each in self.get("/jobs/overview")["jobs"]}
        self.restart_job_manager(cluster)
        wait_until("archives are read", lambda: self.get(f"/jobs/{job}")["vertices"])
        for each in (job, failed):
            self.assert_same_pages(self.pages(each), before[each])
        self.assertEqual({each["jid"]: each for each in self.get("/jobs/overview")["jobs"]}, listed)
        self.assertEqual(self.get("/overview")["jobs-finished"], 1)
        self.assertEqual(self.call(f"/jobs/{job}", method="PATCH")[0], 409)

    def test_no_more_jobs_are_remembered_than_were_asked_for(self):
        cluster = self.start(**{"web.history": 2})
        jobs = [self.run_job(cluster, self.job("word_count"), "--output", self.scratch / f"out{i}") for i in range(3)]
        self.assertEqual([job["id"] for job in self.get("/jobs")["jobs"]], jobs[1:])
        self.restart_job_manager(cluster)
        self.assertEqual([job["id"] for job in self.get("/jobs")["jobs"]], jobs[1:])
        self.assertEqual(self.call(f"/jobs/{jobs[0]}")[0], 404)
        # What a history server may want stays.
        self.assertEqual(len(list(self.archive.iterdir())), 3)

    def test_a_job_is_forgotten_when_it_has_expired_and_its_pages_with_it(self):
        cluster = self.start(**{"jobstore.expiration-time": 1})
        job = self.run_detached(cluster, self.job("word_count"), "--output", self.scratch / "out")
        wait_until("it is archived", lambda: (self.archive / job).exists())
        wait_until("the job is forgotten", lambda: self.get("/jobs")["jobs"] == [])
        self.assertEqual(self.call(f"/jobs/{job}")[0], 404)
        self.assertEqual(self.get("/overview")["jobs-finished"], 0)

        def kept():
            return [path for path in (cluster.home / "tmp").rglob(job) if path.parent.name == "archive"]

        self.restart_job_manager(cluster)
        wait_until("its pages are deleted", lambda: kept() == [])
        self.assertEqual(self.get("/jobs")["jobs"], [])
        self.assertEqual(self.call(f"/jobs/{job}")[0], 404)
        # What a history server may want stays.
        self.assertTrue((self.archive / job).exists())

    def test_a_history_server_shows_the_jobs_of_a_cluster_that_is_gone(self):
        cluster = self.start()
        job = self.word_count(cluster)
        before = self.pages(job)
        self.start_history_server(cluster)
        self.assertEqual(cluster.run("stop-cluster.sh").returncode, 0)
        self.assert_same_pages(self.pages(job, self.history), before)
        self.assertEqual([each["jid"] for each in self.get("/jobs/overview", self.history)["jobs"]], [job])
        features = self.get("/config", self.history)["features"]
        self.assertEqual(features, {"web-submit": False, "web-cancel": False, "web-rescale": False, "web-history": True})
        self.assertEqual(self.get("/overview", self.history)["jobs-finished"], 1)
        for method, path, status in (("PATCH", f"/jobs/{job}", 405), ("GET", f"/jobs/{job}/yarn-cancel", 404),
                                     ("GET", f"/jobs/{'0' * 32}", 404), ("GET", "/jobs/12", 400), ("GET", "/taskmanagers", 404),
                                     ("POST", "/jars/upload", 404), ("GET", "/jobs/..%2f..%2fetc%2fpasswd", 404)):
            with self.subTest(f"{method} {path}"):
                self.assertEqual(self.call(path, self.history, method)[0], status)

    def test_archives_come_and_go_while_it_runs_and_damaged_ones_do_no_harm(self):
        cluster = self.start(**{"historyserver.archive.retained-jobs": 2})
        self.archive.mkdir(exist_ok=True)
        damaged = self.archive / ("d" * 32)
        damaged.write_text('{"archive": [')
        self.start_history_server(cluster)

        def listed():
            return [job["jid"] for job in self.get("/jobs/overview", self.history)["jobs"]]

        first = self.run_job(cluster, self.job("word_count"), "--output", self.scratch / "first")
        wait_until("the first job is shown", lambda: listed() == [first])
        log = next((cluster.home / "log").glob("*historyserver*.log")).read_text()
        self.assertEqual(log.count(f"{damaged} is not shown: it is no JSON"), 1, log)
        second = self.run_job(cluster, self.job("word_count"), "--output", self.scratch / "second")
        third = self.run_job(cluster, self.job("word_count"), "--output", self.scratch / "third")
        wait_until("the last two are shown, the latest first", lambda: listed() == [third, second])
        self.assertEqual({file.name for file in self.archive.iterdir()}, {second, third}, "what is beyond them is deleted")
        (self.archive / third).unlink()
        wait_until("one that is deleted goes", lambda: listed() == [second])

    def test_without_a_folder_it_says_what_to_set(self):
        cluster = ClusterTestCase.start(self)
        started = cluster.run("historyserver.sh", "start")
        self.assertEqual(started.returncode, 1)
        self.assertIn("historyserver.archive.fs.dir", started.stderr)


def without_now(value):
    """The answer without the time at which it was given."""
    if isinstance(value, dict):
        return {key: without_now(each) for key, each in value.items() if key not in ("now", "end-timestamp", "timestamp")}
    return [without_now(each) for each in value] if isinstance(value, list) else value


if __name__ == "__main__":
    cluster_test_case.main()
