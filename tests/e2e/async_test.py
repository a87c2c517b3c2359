#!/usr/bin/env python3
"""async_enrichment against a real HTTP server on this machine."""

import contextlib
import subprocess
import sys
import urllib.request

import job_test_case
from job_test_case import ROOT, JobTestCase


@contextlib.contextmanager
def airport_server(*options):
    """The server on a free port; gives "host:port"."""
    server = subprocess.Popen([sys.executable, "-B", str(ROOT / "examples/airport_server.py"), "--port", "0", *options],
                              stdout=subprocess.PIPE, text=True)
    try:
        yield server.stdout.readline().split()[-1]
    finally:
        server.terminate()
        server.communicate()


class AsyncEnrichment(JobTestCase):
    def enrich(self, server, name, *arguments):
        out = self.scratch / name
        self.succeed("async_enrichment", "--server", server, "--output", out, *arguments)
        return out

    def test_every_flight_gets_the_name_of_its_airport(self):
        with airport_server() as server:
            for parallelism in (1, 3):
                for ordered in ("true", "false"):
                    out = self.enrich(server, f"{parallelism}{ordered}", "-p", parallelism, "--ordered", ordered)
                    self.assert_rows(out, "async_enrichment.csv")

    def test_many_requests_are_under_way_at_once(self):
        with airport_server("--delay-ms", "5") as server:
            self.assert_rows(self.enrich(server, "out", "-p", 1), "async_enrichment.csv")
            with urllib.request.urlopen(f"http://{server}/busiest") as reply:
                self.assertGreater(int(reply.read()), 4)

    def test_results_stay_in_order_at_one_subtask(self):
        with airport_server("--delay-ms", "1") as server:
            rows, _ = job_test_case.compare_rows.rows_of(self.enrich(server, "out", "-p", 1))
        self.assertEqual(rows, sorted(rows, key=lambda row: int(row[0])))

    def test_requests_that_fail_for_now_are_made_again(self):
        with airport_server("--fail-every", "3") as server:
            self.assert_rows(self.enrich(server, "out", "-p", 2, "--retries", 50), "async_enrichment.csv")

    def test_what_no_retry_helps_fails_the_job_and_is_named(self):
        flights = self.scratch_file("flights.csv", "id,departure,delay,distance,origin,destination\n"
                                    "1,2001-02-16 00:08:00,200,100,XYZ,ORD\n")
        with airport_server() as server:
            message = self.fail_with_one_paragraph("async_enrichment", "--server", server, "--input", flights)
        self.assertIn("/airports/XYZ: HTTP status 404", message)

    def test_a_server_that_is_not_there_is_named(self):
        message = self.fail_with_one_paragraph("async_enrichment", "--server", "127.0.0.1:1")
        self.assertIn("no connection to 127.0.0.1:1", message)


if __name__ == "__main__":
    job_test_case.main()
