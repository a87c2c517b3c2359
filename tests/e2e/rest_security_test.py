#!/usr/bin/env python3
"""Who may call the REST API and what nobody gets from it: TLS, tokens, headers, paths that lead out, secrets."""

import http.client
import shutil
import ssl
import subprocess
import unittest
import urllib.error

import job_test_case
from rest_test_case import RestTestCase

TOKEN = "t" * 32


class Security(RestTestCase):
    def certificate(self, name):
        """A certificate for this machine that its own key has signed, and the key."""
        paths = self.scratch / f"{name}.pem", self.scratch / f"{name}.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=weir-test",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-out", str(paths[0]), "-keyout", str(paths[1])],
                       check=True, capture_output=True)
        return paths

    def tls_options(self, certificate, key):
        return ["-Dsecurity.ssl.rest.enabled=true", f"-Dsecurity.ssl.rest.certificate={certificate}",
                f"-Dsecurity.ssl.rest.private-key={key}"]

    def token_option(self):
        file = self.scratch_file("token", TOKEN + "\n")
        file.chmod(0o600)
        return f"-Drest.authentication.token-file={file}"

    @unittest.skipIf(shutil.which("openssl") is None, "openssl is not installed")
    def test_over_tls_a_client_that_trusts_the_certificate_is_answered_if_it_has_the_token(self):
        certificate, key = self.certificate("server")
        self.scheme, self.tls = "https", ssl.create_default_context(cafile=str(certificate))
        self.headers = {"Authorization": f"Bearer {TOKEN}"}
        with self.job(*self.tls_options(certificate, key), self.token_option()):
            self.assertEqual(self.call("GET", "/overview")[0], 200)
            self.headers = {}
            self.assertEqual(self.call("GET", "/overview")[0], 401)
            self.tls = ssl.create_default_context()  # does not know it
            with self.assertRaises(urllib.error.URLError):
                self.call("GET", "/overview")
            self.scheme, self.tls = "http", None
            with self.assertRaises((urllib.error.URLError, http.client.HTTPException, ConnectionError)):
                self.call("GET", "/overview")

    @unittest.skipIf(shutil.which("openssl") is None, "openssl is not installed")
    def test_a_key_that_does_not_belong_to_the_certificate_is_said_at_the_start(self):
        message = self.fail_with_one_paragraph("word_count", "-Drest.port=0",
                                               *self.tls_options(self.certificate("one")[0], self.certificate("other")[1]))
        self.assertIn("security.ssl.rest.certificate", message)

    def test_a_token_that_others_may_read_or_that_is_short_stops_the_start(self):
        file = self.scratch_file("token", TOKEN)
        file.chmod(0o644)
        self.assertIn("chmod 600", self.fail_with_one_paragraph("word_count", "-Drest.port=0", f"-Drest.authentication.token-file={file}"))
        short = self.scratch_file("short", "abc")
        short.chmod(0o600)
        self.assertIn("at least 16", self.fail_with_one_paragraph("word_count", "-Drest.port=0", f"-Drest.authentication.token-file={short}"))

    def raw(self, path, method="GET", headers=None):
        """Status, headers and body of a path that no library has tidied."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=job_test_case.TIMEOUT_S)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in ({"Host": "localhost"} | (headers or {})).items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def test_no_path_leads_to_another_file(self):
        with self.job():
            for path in ("/../../../etc/passwd", "/assets/../../../../etc/passwd", "/assets/..%2f..%2f..%2fetc%2fpasswd",
                         "/ui/../../../etc/passwd", "/jobmanager/logs/../../../../etc/passwd", "/jobmanager/logs/%2fetc%2fpasswd",
                         "/jobmanager/logs/..%5c..%5cetc", f"/taskmanagers/{self.ids['taskmanagerid']}/logs/..%2f..%2f..%2fetc%2fpasswd",
                         "/jars/..%2f..%2fetc%2fpasswd/plan", "/jobs/..%2f..%2fetc%2fpasswd", "/%00/etc/passwd", "//etc/passwd"):
                with self.subTest(path):
                    status, _, body = self.raw(path)
                    self.assertNotIn(b"root:", body)
                    self.assertTrue(status in (400, 404) or b"<html" in body, (status, body[:200]))

    def test_answers_and_pages_carry_the_headers_that_protect_a_browser(self):
        with self.job():
            for path in ("/overview", "/", "/nowhere"):
                _, headers, _ = self.raw(path)
                self.assertEqual(headers["X-Content-Type-Options"], "nosniff", path)
                self.assertEqual(headers["X-Frame-Options"], "DENY", path)
                self.assertEqual(headers["Referrer-Policy"], "no-referrer", path)
                self.assertIsNone(headers["Access-Control-Allow-Origin"], path)
            self.assertIn("default-src 'none'", self.raw("/")[1]["Content-Security-Policy"])

    def test_other_origins_may_read_only_what_was_allowed(self):
        with self.job("-Dweb.access-control-allow-origin=https://example.org"):
            status, headers, _ = self.raw("/overview", "OPTIONS", {"Origin": "https://example.org"})
            self.assertEqual((status, headers["Access-Control-Allow-Origin"]), (204, "https://example.org"))

    def test_pages_of_other_origins_may_not_act(self):
        foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://example.com", "Content-Length": "0"}
        with self.job():
            job = f"/jobs/{self.ids['jobid']}"
            for path, method in ((job, "PATCH"), (f"{job}/yarn-cancel", "GET")):
                status, _, body = self.raw(path, method, foreign)
                self.assertEqual(status, 403, body)
            self.assertEqual(self.raw("/overview", "GET", foreign)[0], 200)
            self.assertEqual(self.get(job)["state"], "RUNNING")
            self.assertEqual(self.raw(job, "PATCH", {"Sec-Fetch-Site": "same-origin", "Content-Length": "0"})[0], 202)

    def test_no_secret_is_shown(self):
        keys = ("some.password", "a.secret.thing", "my.token", "x.apikey", "s3.access-key", "db.credential", "fs.account.key")
        with self.job(*(f"-D{key}=hunter2" for key in keys), "-Dplain.key=hunter3"):
            for path in ("/jobmanager/config", f"/jobs/{self.ids['jobid']}/jobmanager/config"):
                shown = {entry["key"]: entry["value"] for entry in self.get(path)}
                for key in keys:
                    self.assertEqual(shown[key], "******", key)
                self.assertEqual(shown["plain.key"], "hunter3")
            for path in ("/jobmanager/environment", f"/jobs/{self.ids['jobid']}/config"):
                self.assertNotIn("hunter2", str(self.get(path)))


if __name__ == "__main__":
    job_test_case.main()
