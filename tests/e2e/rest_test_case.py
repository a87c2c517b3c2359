"""What the tests of the REST API share: a job that serves it, and requests to it."""

import contextlib
import json
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request

import job_test_case
from job_test_case import ROOT, JobTestCase

TEXT = "to be or\nnot to be\n"


class RestTestCase(JobTestCase):
    headers = {}
    scheme = "http"
    tls = None  # the ssl.SSLContext of requests

    @contextlib.contextmanager
    def job(self, *arguments):
        """socket_word_count with REST, which has read TEXT and waits for more; `self.ids` has what paths name."""
        with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
            probe.close()
            address = f"127.0.0.1:{listener.getsockname()[1]}"
            command = self.command("socket_word_count", "--input", address, f"-Drest.port={self.port}", *arguments)
            process = subprocess.Popen(command, cwd=ROOT, env=self.environment(), stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            try:
                listener.settimeout(job_test_case.TIMEOUT_S)
                with listener.accept()[0] as client:
                    client.sendall(TEXT.encode())
                    self.find_ids()
                    yield process
            finally:
                process.kill()
                process.communicate()

    def call(self, method, path, body=None):
        """Status and decoded body."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.scheme}://127.0.0.1:{self.port}{path}", data, self.headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=job_test_case.TIMEOUT_S, context=self.tls) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def get(self, path):
        status, body = self.call("GET", path)
        self.assertEqual(status, 200, body)
        return body

    def find_ids(self):
        job = self.get("/jobs")["jobs"][0]["id"]
        self.ids = {"jobid": job, "vertexid": self.get(f"/jobs/{job}")["vertices"][0]["id"], "subtaskindex": "0",
                    "attempt": "0", "taskmanagerid": self.get("/taskmanagers")["taskmanagers"][0]["id"]}

    def path_of(self, pattern, **changed):
        ids = self.ids | changed
        return re.sub(r"\{(\w+)\}", lambda name: ids.get(name[1], "0" * 32), pattern)

    def until(self, condition):
        for _ in range(job_test_case.TIMEOUT_S * 20):
            if condition():
                return
            time.sleep(0.05)
        self.fail("timed out")

    def complete(self, path):
        """The outcome of an operation that was started."""
        self.until(lambda: self.get(path)["status"]["id"] == "COMPLETED")
        return self.get(path)["operation"]
