#!/usr/bin/env python3
"""What the REST API of a cluster of daemons has more than that of an embedded job: uploads, files and processes of others.

Run as cluster_rest_test.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager> [<TestCase>...]
"""

import json
import pathlib
import re
import socket
import urllib.error
import urllib.request
import uuid

import cluster_test_case
from job_test_case import DATA
from cluster_test_case import Cluster, ClusterTestCase, free_port, wait_until


class ClusterRest(ClusterTestCase):
    def start(self, **configuration):
        self.rest = free_port()
        return super().start(**{"rest.port": self.rest} | configuration)

    def call(self, method, path, body=None, headers=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.rest}{path}", body, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(), error.headers

    def get(self, path):
        status, body, _ = self.call("GET", path)
        self.assertEqual(status, 200, body)
        return json.loads(body)

    def post(self, path, body=None):
        status, answer, _ = self.call("POST", path, json.dumps(body or {}).encode(), {"Content-Type": "application/json"})
        return status, json.loads(answer)

    def upload(self, name, content):
        boundary = uuid.uuid4().hex
        head = (f"--{boundary}\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"{name}\"\r\n"
                "Content-Type: application/x-java-archive\r\n\r\n").encode()
        body = head + content + f"\r\n--{boundary}--\r\n".encode()
        status, answer, _ = self.call("POST", "/jars/upload", body,
                                      {"Content-Type": f"multipart/form-data; boundary={boundary}"})
        return status, json.loads(answer)

    def test_a_program_is_uploaded_planned_run_and_deleted(self):
        cluster = self.start()
        self.assertTrue(self.get("/config")["features"]["web-submit"])
        status, answer = self.upload("word_count.jar", self.job("word_count").read_bytes())
        self.assertEqual((status, answer["status"]), (200, "success"), answer)
        jar = answer["filename"].rsplit("/", 1)[1]
        self.assertEqual([file["id"] for file in self.get("/jars")["files"]], [jar])
        status, plan = self.post(f"/jars/{jar}/plan", {"parallelism": 2})
        self.assertEqual(status, 200, plan)
        self.assertEqual(plan["plan"]["nodes"][-1]["parallelism"], 2)
        out = self.scratch / "out"
        status, run = self.post(f"/jars/{jar}/run", {"programArgsList": ["--input", str(DATA / "moby_dick.txt"), "--output", str(out)],
                                                         "parallelism": 2})
        self.assertEqual(status, 200, run)
        wait_until("the job ends", lambda: self.get(f"/jobs/{run['jobid']}/status")["status"] == "FINISHED")
        self.assert_rows(out, "word_count.csv")
        self.assertEqual(self.call("DELETE", f"/jars/{jar}")[0], 200)
        self.assertEqual(self.call("DELETE", f"/jars/{jar}")[0], 404)
        self.assertEqual(self.get("/jars")["files"], [])

    def test_an_uploaded_program_is_configured_as_one_that_weir_runs(self):
        self.start(**{"parallelism.default": 3, "execution.checkpointing.interval": "100ms", "pipeline.operator-chaining.enabled": "false"})
        _, answer = self.upload("cluster_jobs", self.job("cluster_jobs").read_bytes())
        jar = answer["filename"].rsplit("/", 1)[1]
        status, run = self.post(f"/jars/{jar}/run", {"flinkConfiguration": {"execution.checkpointing.interval": "150ms"}})
        self.assertEqual(status, 200, run)
        job = self.get(f"/jobs/{run['jobid']}")
        self.assertEqual(job["vertices"][0]["parallelism"], 3)
        self.assertGreater(len(job["vertices"]), 2)
        self.assertEqual(self.get(f"/jobs/{run['jobid']}/checkpoints/config")["interval"], 150)

    def test_a_program_of_an_installation_is_uploaded_without_its_library(self):
        self.start()
        content = self.job("word_count").read_bytes()
        library = str(self.job("word_count").resolve().parents[1] / "lib").encode()
        self.assertIn(library, content)
        # As in an installation, where it is beside the program.
        _, answer = self.upload("word_count", content.replace(library, b"$ORIGIN/../lib".ljust(len(library), b"/")))
        jar = answer["filename"].rsplit("/", 1)[1]
        status, run = self.post(f"/jars/{jar}/run", {"programArgsList": ["--input", str(DATA / "moby_dick.txt"), "--output", str(self.scratch / "out")]})
        self.assertEqual(status, 200, run)
        wait_until("the job ends", lambda: self.get(f"/jobs/{run['jobid']}/status")["status"] == "FINISHED")
        self.assert_rows(self.scratch / "out", "word_count.csv")

    def test_what_is_no_program_is_refused_whatever_its_name(self):
        self.start()
        for content in (b"#!/bin/sh\necho hello\n", b"PK\x03\x04" + bytes(5000), b""):
            status, answer = self.upload("job", content)
            self.assertEqual(status, 400, answer)
            self.assertIn("ELF", answer["errors"][0])
        self.assertEqual(self.get("/jars")["files"], [])
        self.assertEqual(self.post(f"/jars/{'0' * 32}_none/plan")[0], 404)
        self.assertEqual(self.post("/jars/..%2f..%2fbin%2fsh/run")[0], 404)

    def test_a_program_that_fails_to_plan_says_why(self):
        self.start()
        _, answer = self.upload("word_count", self.job("word_count").read_bytes())
        jar = answer["filename"].rsplit("/", 1)[1]
        status, answer = self.post(f"/jars/{jar}/run", {"programArgsList": ["--no-such-option"]})
        self.assertEqual(status, 400, answer)
        self.assertIn("no-such-option", answer["errors"][0])

    def test_a_program_that_takes_too_much_while_it_plans_is_stopped(self):
        self.start()
        _, answer = self.upload("failing_jobs", self.job("failing_jobs").read_bytes())
        jar = answer["filename"].rsplit("/", 1)[1]
        for which, words in (("greedy", "SIGABRT"), ("filling", "SIGXFSZ")):
            with self.subTest(which):
                output = self.scratch / "filled"
                status, answer = self.post(f"/jars/{jar}/plan", {"programArgsList": ["--which", which, "--output", str(output)]})
                self.assertEqual(status, 400, answer)
                self.assertIn(words, answer["errors"][0])
                self.assertLessEqual(output.stat().st_size if output.exists() else 0, 16 << 20)
        self.assertEqual(self.get("/overview")["jobs-running"], 0)

    def test_an_upload_may_be_too_large_or_switched_off(self):
        self.start(**{"rest.server.max-content-length": "100kb"})
        self.assertEqual(self.upload("job", self.job("word_count").read_bytes())[0], 413)
        self.start(**{"web.submit.enable": "false"})
        self.assertEqual(self.upload("job", self.job("word_count").read_bytes())[0], 404)
        self.assertFalse(self.get("/config")["features"]["web-submit"])

    def test_a_cluster_is_shut_down(self):
        cluster = self.start()
        [jobmanager] = cluster.pids("jobmanager")
        self.assertEqual(self.call("DELETE", "/cluster")[0], 200)
        wait_until("the JobManager has ended", lambda: not cluster_test_case.is_alive(jobmanager))

    def test_a_large_upload_takes_little_memory(self):
        cluster = self.start()
        [jobmanager] = cluster.pids("jobmanager")

        def peak():
            status = pathlib.Path(f"/proc/{jobmanager}/status").read_text()
            return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])

        before = peak()
        program = self.job("word_count").read_bytes()
        status, answer = self.upload("big", program + bytes(100 * 1024 * 1024 - len(program)))
        self.assertEqual(status, 200, answer)
        self.assertLess(peak() - before, 20 * 1024)

    def test_two_jobmanagers_share_no_port_and_a_range_has_room_for_both(self):
        self.start()
        second = Cluster(**{"rest.port": self.rest})
        self.addCleanup(second.stop)
        refused = second.run("jobmanager.sh", "start")
        self.assertEqual(refused.returncode, 1, refused.stdout)
        self.assertIn(f"the REST server cannot listen on localhost, port {self.rest}: it is in use", refused.stderr)
        second.run("jobmanager.sh", "start", f"-Drest.port={self.rest}-{self.rest + 20}")
        [log] = (second.home / "log").glob("*jobmanager*.log")
        port = wait_until("the second one listens", lambda: re.search(r"REST API at http://localhost:(\d+)", log.read_text()))[1]
        self.assertNotEqual(int(port), self.rest)

    def wait_for_stack(self, path, name, program, frame):
        """A thread that gets no CPU for too long is listed without its stack."""
        pattern = re.compile(rf'"{name}" Id=\d+ \w+ \({program}, process \d+\)\n(\tat [^\n]*\n)*?[^\n]*{frame}')
        wait_until(f"the stack of {name} of {program}", lambda: any(
            pattern.match(one["stringifiedThreadInfo"]) for one in self.get(f"{path}/thread-dump")["threadInfos"]))

    def test_logs_and_threads_of_all_processes_are_there(self):
        cluster = self.start()
        job = self.run_detached(cluster, self.job("cluster_jobs"))
        wait_until("the job runs", lambda: cluster.is_running(job))
        [manager] = [manager["id"] for manager in self.get("/taskmanagers")["taskmanagers"]]
        for path in ("/jobmanager", f"/taskmanagers/{manager}"):
            logs = {log["name"]: log["size"] for log in self.get(f"{path}/logs")["logs"]}
            own = next(name for name in logs if name.endswith(".log"))
            _, text, _ = self.call("GET", f"{path}/log")
            self.assertIn(b"listens on port" if path == "/jobmanager" else b"is registered", text)
            status, rest, headers = self.call("GET", f"{path}/logs/{own}", headers={"Range": "bytes=10-"})
            self.assertEqual((status, rest[:20]), (206, text[10:30]), headers)
            self.assertEqual(self.call("GET", f"{path}/logs/{own}", headers={"Range": "bytes=99999999-"})[0], 416)
            self.assertEqual(self.call("GET", f"{path}/logs/passwd")[0], 404)
            self.wait_for_stack(path, "weir-control", r"(?:Job|Task)Manager", r"\tat weir::ThreadExecutor::")
        # Of the job's process: the engine's code and the job's own.
        self.wait_for_stack(f"/taskmanagers/{manager}", "slot-0", 'worker 1 of job "endless"', r"\tat weir::StepExecutor::")
        self.wait_for_stack(f"/taskmanagers/{manager}", r"[^\n]*", 'worker 1 of job "endless"', r"\(cluster_jobs\.cc:\d+\)")
        names = [log["name"] for log in self.get(f"/taskmanagers/{manager}/logs")["logs"]]
        self.assertTrue(any(name.startswith(f"{job}_{manager}-") for name in names), names)

    def test_metrics_of_workers_come_to_the_jobmanager(self):
        cluster = self.start()
        job = self.run_detached(cluster, self.job("cluster_jobs"))
        wait_until("the job runs", lambda: cluster.is_running(job))
        vertex = self.get(f"/jobs/{job}")["vertices"][0]["id"]
        path = f"/jobs/{job}/vertices/{vertex}/subtasks/metrics?get=busyTimeMsPerSecond&agg=max"
        wait_until("the source is busy", lambda: self.get(path) and self.get(path)[0]["max"] > 0)
        text = self.call("GET", "/metrics")[1].decode()
        for name in ("flink_jobmanager_taskSlotsTotal", "flink_jobmanager_numRunningJobs", "flink_jobmanager_job_numRestarts",
                     "flink_taskmanager_Status_JVM_CPU_Load", "flink_taskmanager_job_task_operator_numRecordsOutPerSecond"):
            self.assertRegex(text, rf"(?m)^{name}\{{")

    def test_receivers_get_what_rest_shows(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as statsd, socket.create_server(("127.0.0.1", 0)) as graphite:
            statsd.bind(("127.0.0.1", 0))
            statsd.settimeout(60)
            graphite.settimeout(60)
            self.start(**{"metrics.reporters": "statsd,graphite", "metrics.reporter.interval": "200ms",
                          "metrics.reporter.statsd.address": f"127.0.0.1:{statsd.getsockname()[1]}",
                          "metrics.reporter.graphite.address": f"127.0.0.1:{graphite.getsockname()[1]}"})
            slots = self.get("/overview")["slots-total"]

            def of_statsd():
                lines = statsd.recv(65536).decode().split("\n")
                return [line for line in lines if line.endswith(f".jobmanager.taskSlotsTotal:{slots}|g")]

            def of_graphite():
                with graphite.accept()[0] as sender, sender.makefile() as lines:
                    return [line for line in lines
                            if re.search(rf"\.jobmanager\.taskSlotsTotal {slots} \d{{10}}$", line.strip())]

            wait_until("StatsD gets the slots", of_statsd)
            wait_until("Graphite gets the slots", of_graphite)


if __name__ == "__main__":
    cluster_test_case.main()
