#!/usr/bin/env python3
"""The REST API of a running job: the counts in its answers, errors, tokens, savepoints. All operations: rest_operations_test.py."""

import gzip
import json
import pathlib
import socket
import urllib.request

import job_test_case
from rest_test_case import TEXT, RestTestCase


class Rest(RestTestCase):
    def test_records_are_counted(self):
        with self.job("-p", "2"):
            job = f"/jobs/{self.ids['jobid']}"

            def written():
                return [vertex["metrics"]["write-records"] for vertex in self.get(job)["vertices"]][:2]

            self.until(lambda: written() == [len(TEXT.splitlines()), len(TEXT.split())])
            metrics = self.get(f"{job}/vertices/{self.ids['vertexid']}/metrics?get=0.numRecordsOut")
            self.assertEqual(metrics, [{"id": "0.numRecordsOut", "value": "2"}])
            sums = self.get(f"{job}/vertices/{self.ids['vertexid']}/subtasks/metrics?get=numRecordsOut&agg=sum,max")
            self.assertEqual(sums, [{"id": "numRecordsOut", "sum": 2.0, "max": 2.0}])

    def test_metrics_show_what_an_independent_count_of_the_data_gives(self):
        with self.job("-p", "2"):
            job = f"/jobs/{self.ids['jobid']}"
            vertices = self.get(job)["vertices"]
            words = len(TEXT.split())
            counter = f"{job}/vertices/{vertices[1]['id']}"

            def sum_of(path, name):
                found = self.get(f"{path}/subtasks/metrics?get={name}&agg=sum")
                return found[0]["sum"] if found else None

            self.until(lambda: sum_of(counter, "numRecordsOut") == words)
            self.assertEqual(sum_of(counter, "numRecordsIn"), len(TEXT.splitlines()))
            self.until(lambda: sum_of(f"{job}/vertices/{vertices[2]['id']}", "numRecordsIn") == words)
            # A source reads from no task, and so do its tasks say.
            self.assertEqual(vertices[0]["metrics"]["read-records"], 0)
            names = {metric["id"] for metric in self.get(f"{job}/vertices/{vertices[2]['id']}/metrics")}
            for name in ("0.busyTimeMsPerSecond", "0.idleTimeMsPerSecond", "0.backPressuredTimeMsPerSecond",
                         "1.numRecordsInPerSecond", "1.numBytesIn", "0.currentInputWatermark", "0.isBackPressured"):
                self.assertIn(name, names)
            # The same in Prometheus' format.
            text = self.text("/metrics")
            total = sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                        if line.startswith("flink_taskmanager_job_task_numRecordsOut{")
                        and f'task_id="{vertices[1]["id"]}"' in line)
            self.assertEqual(total, words)

    def text(self, path, headers=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers or {})
        with urllib.request.urlopen(request, timeout=job_test_case.TIMEOUT_S) as answer:
            return answer.read().decode()

    def test_a_process_shows_what_it_uses(self):
        with self.job():
            for path in ("/jobmanager/metrics", f"/taskmanagers/{self.ids['taskmanagerid']}/metrics"):
                wanted = "Status.Process.Memory.Resident,Status.JVM.Threads.Count,Status.Process.FileDescriptors.Open"
                self.until(lambda path=path: len(self.get(f"{path}?get={wanted}")) == 3)
                for metric in self.get(f"{path}?get={wanted}"):
                    self.assertGreater(int(metric["value"]), 0, metric)

    def test_checkpoints_are_counted_and_shown_by_subtask(self):
        with self.job("-p", "2", "-Dexecution.checkpointing.interval=100ms", f"-Dexecution.checkpointing.dir={self.scratch}"):
            job = f"/jobs/{self.ids['jobid']}"
            self.until(lambda: self.get(f"{job}/checkpoints")["counts"]["completed"] >= 2)
            statistics = self.get(f"{job}/checkpoints")
            latest = statistics["latest"]["completed"]
            self.assertEqual((latest["status"], latest["checkpoint_type"]), ("COMPLETED", "CHECKPOINT"))
            self.assertEqual(latest["num_acknowledged_subtasks"], latest["num_subtasks"])
            vertex = self.get(job)["vertices"][1]["id"]
            details = self.get(f"{job}/checkpoints/details/{latest['id']}/subtasks/{vertex}")
            self.assertEqual([subtask["status"] for subtask in details["subtasks"]], ["completed"] * 2)
            self.assertEqual(self.get(f"{job}/checkpoints/config")["interval"], 100)

    def test_a_checkpoint_is_taken_when_somebody_asks(self):
        with self.job("-p", "2", "-Dexecution.checkpointing.interval=1h", f"-Dexecution.checkpointing.dir={self.scratch}"):
            job = f"/jobs/{self.ids['jobid']}"
            for kind in ("FULL", "INCREMENTAL", "CONFIGURED"):
                status, answer = self.call("POST", f"{job}/checkpoints", {"checkpointType": kind})
                self.assertEqual(status, 202, answer)
                outcome = self.complete(f"{job}/checkpoints/{answer['request-id']}")
                self.assertIn("checkpointId", outcome)
                taken = outcome["checkpointId"]
                self.assertEqual(self.get(f"{job}/checkpoints")["latest"]["completed"]["id"], taken)
            self.assertEqual(self.get(f"{job}/checkpoints")["counts"]["completed"], 3)
            self.assertEqual(self.call("POST", f"{job}/checkpoints", {"checkpointType": "HALF"})[0], 400)

    def test_a_job_that_is_well_is_healthy(self):
        with self.job():
            verdicts = self.get(f"/jobs/{self.ids['jobid']}/diagnosis")["verdicts"]
            self.assertEqual([verdict["kind"] for verdict in verdicts], ["healthy"])

    def test_a_token_is_asked_for(self):
        token = "t" * 32
        file = self.scratch_file("token", token + "\n")
        file.chmod(0o600)
        self.headers = {"Authorization": f"Bearer {token}"}
        with self.job(f"-Drest.authentication.token-file={file}"):
            self.assertEqual(self.call("GET", "/overview")[0], 200)
            for wrong in ({}, {"Authorization": "Bearer " + "x" * 32}, {"Authorization": f"Basic {token}"}):
                self.headers = wrong
                status, body = self.call("GET", "/overview")
                self.assertEqual(status, 401, body)
                self.assertIn("token", body["errors"][0])

    def test_a_body_too_long_is_refused_and_the_server_goes_on(self):
        with self.job():
            path = f"/jobs/{self.ids['jobid']}/savepoints"
            self.assertEqual(self.call("POST", path, {"target-directory": "x" * (2 << 20)})[0], 413)
            self.assertEqual(self.call("GET", "/overview")[0], 200)

    def test_answers_are_compressed_for_those_who_take_it(self):
        with self.job():
            request = urllib.request.Request(f"http://127.0.0.1:{self.port}/jobs/{self.ids['jobid']}",
                                             headers={"Accept-Encoding": "gzip"})
            with urllib.request.urlopen(request, timeout=job_test_case.TIMEOUT_S) as answer:
                self.assertEqual(answer.headers["Content-Encoding"], "gzip")
                self.assertEqual(json.loads(gzip.decompress(answer.read()))["jid"], self.ids["jobid"])

    def test_bad_requests_get_an_error_that_says_why(self):
        with self.job():
            job = self.ids["jobid"]
            for method, path, status, part in (
                    ("GET", "/nowhere", 404, "/nowhere"), ("POST", "/overview", 405, "POST"),
                    ("GET", "/jobs/12", 400, "jobid"), ("GET", f"/jobs/{'0' * 32}", 404, "0" * 32),
                    ("GET", f"/jobs/{job}/vertices/{'1' * 32}", 404, "1" * 32),
                    ("GET", f"/jobs/{job}/vertices/{self.ids['vertexid']}/subtasks/9", 404, "9"),
                    ("GET", f"/jobs/{job}/vertices/{self.ids['vertexid']}/subtasks/x", 400, "subtaskindex"),
                    ("GET", "/taskmanagers/nobody", 404, "nobody"),
                    ("GET", "/taskmanagers/nobody/logs/..%2f..%2fetc%2fpasswd", 404, ""),
                    ("GET", "/jobmanager/logs/..%2f..%2fetc%2fpasswd", 404, ""),
                    ("GET", f"/jobs/{job}/checkpoints/details/x", 400, "checkpointid"),
                    ("GET", f"/jobs/{job}/checkpoints/details/999", 404, "999"),
                    ("GET", f"/jobs/{'0' * 32}/diagnosis", 404, "0" * 32),
                    ("PATCH", f"/jobs/{job}?mode=maybe", 400, "maybe")):
                with self.subTest(f"{method} {path}"):
                    answer, body = self.call(method, path)
                    self.assertEqual(answer, status, body)
                    self.assertIn(part, body["errors"][0])

    def test_a_job_is_cancelled(self):
        with self.job() as process:
            self.assertEqual(self.call("PATCH", f"/v1/jobs/{self.ids['jobid']}")[0], 202)
            _, errors = process.communicate(timeout=job_test_case.TIMEOUT_S)
            self.assertIn("cancelled", errors)

    def test_a_savepoint_is_taken_and_its_place_told(self):
        with self.job("-p", "2"):
            job = f"/jobs/{self.ids['jobid']}"
            body = {"target-directory": str(self.scratch), "triggerId": "a" * 32}
            self.assertEqual(self.call("POST", f"{job}/savepoints", body), (202, {"request-id": "a" * 32}))
            folder = pathlib.Path(self.complete(f"{job}/savepoints/{'a' * 32}")["location"])
            self.assertTrue((folder / "_metadata").is_file())
            self.assertEqual(self.call("POST", f"{job}/savepoints", body)[0], 409)
            status, answer = self.call("POST", "/savepoint-disposal", {"savepoint-path": str(folder)})
            self.assertEqual(status, 200, answer)
            self.assertEqual(self.complete(f"/savepoint-disposal/{answer['request-id']}"), {})
            self.assertFalse(folder.exists())
            status, answer = self.call("POST", "/savepoint-disposal", {"savepoint-path": str(folder)})
            self.assertIn(str(folder), self.complete(f"/savepoint-disposal/{answer['request-id']}")["failure-cause"]["stack-trace"])
            self.assertEqual(self.call("POST", "/savepoint-disposal", {})[0], 400)
            self.assertEqual(self.get(job)["state"], "RUNNING")

    def test_a_savepoint_that_cannot_be_written_says_why(self):
        with self.job():
            job = f"/jobs/{self.ids['jobid']}"
            status, answer = self.call("POST", f"{job}/savepoints", {"target-directory": "/proc/nowhere"})
            self.assertEqual(status, 202, answer)
            outcome = self.complete(f"{job}/savepoints/{answer['request-id']}")
            self.assertIn("/proc/nowhere", outcome["failure-cause"]["stack-trace"])

    def test_a_job_stops_with_a_savepoint(self):
        with self.job() as process:
            body = {"targetDirectory": str(self.scratch), "drain": True}
            self.assertEqual(self.call("POST", f"/jobs/{self.ids['jobid']}/stop", body)[0], 202)
            _, errors = process.communicate(timeout=job_test_case.TIMEOUT_S)
            self.assertEqual(process.returncode, 0, errors)
            self.assertEqual(len(list(self.scratch.glob("*/_metadata"))), 1)

    def test_a_body_that_is_no_json_is_refused(self):
        with self.job():
            for body in ([1], {"drain": "yes"}, {"formatType": "XML"}):
                self.assertEqual(self.call("POST", f"/jobs/{self.ids['jobid']}/stop", body)[0], 400)

    def test_cancelling_may_be_switched_off_and_secrets_are_masked(self):
        with self.job("-Dweb.cancel.enable=false", "-Dsome.password=hunter2"):
            self.assertEqual(self.call("PATCH", f"/jobs/{self.ids['jobid']}")[0], 403)
            configuration = {entry["key"]: entry["value"] for entry in self.get("/jobmanager/config")}
            self.assertEqual(configuration["some.password"], "******")

    def test_a_port_in_use_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            message = self.fail_with_one_paragraph("word_count", f"-Drest.port={port}", "-Drest.bind-address=127.0.0.1")
            self.assertIn(str(port), message)
            self.assertIn("rest.port", message)


if __name__ == "__main__":
    job_test_case.main()
