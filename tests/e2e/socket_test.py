#!/usr/bin/env python3
"""A job that has no end of its own: it reads from a socket until the server hangs up or somebody presses Ctrl-C."""

import contextlib
import signal
import socket
import subprocess
import threading
import time

import job_test_case
from job_test_case import ROOT, JobTestCase


class SocketWordCount(JobTestCase):
    @contextlib.contextmanager
    def server(self, text):
        """Listens on a free port and sends `text` to the first client."""
        listener = socket.create_server(("127.0.0.1", 0))

        def serve():
            with listener.accept()[0] as client:
                client.sendall(text.encode())

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        thread.join()
        listener.close()

    def test_words_are_counted_until_the_server_hangs_up(self):
        with self.server("to be or\nnot to be\n") as address:
            lines = self.succeed("socket_word_count", "--input", address).stdout.splitlines()
        self.assertEqual(sorted(lines), [f"{{word: {word}, count: {count}}}" for word, count in
                                         (("be", 1), ("be", 2), ("not", 1), ("or", 1), ("to", 1), ("to", 2))])

    def test_a_server_that_is_not_there_is_named(self):
        message = self.fail_with_one_paragraph("socket_word_count", "--input", "127.0.0.1:1")
        self.assertIn("127.0.0.1:1", message)


class Interrupt(JobTestCase):
    @contextlib.contextmanager
    def job_on_an_open_socket(self, *arguments):
        """socket_word_count with a server that has sent one line and stays; gives the process and the connection."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = f"127.0.0.1:{listener.getsockname()[1]}"
            process = subprocess.Popen(self.command("socket_word_count", "--input", address, *arguments), cwd=ROOT,
                                       env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
            try:
                listener.settimeout(job_test_case.TIMEOUT_S)
                with listener.accept()[0] as client:
                    client.sendall(b"to be or\n")
                    yield process, client
            finally:
                process.kill()
                process.communicate()

    def interrupt(self, process):
        process.send_signal(signal.SIGINT)
        return process.communicate(timeout=job_test_case.TIMEOUT_S)

    def test_rows_so_far_are_shown_and_the_job_ends(self):
        with self.job_on_an_open_socket() as (process, _):
            first = process.stdout.readline()
            rest, errors = self.interrupt(process)
            self.assertIn("to", first + rest)
            self.assertEqual(process.returncode, 130, errors)
            self.assertIn("cancel", errors.lower())

    def wait_for_rows(self, out):
        """Until some bytes are in a file of the output folder, finished or not."""
        for _ in range(job_test_case.TIMEOUT_S * 100):
            if any(path.is_file() and path.stat().st_size > 0 for path in out.rglob("*")):
                return
            time.sleep(0.01)
        self.fail(f"no rows in {out}")

    def test_files_are_finished(self):
        out = self.scratch / "out"
        with self.job_on_an_open_socket("--output", out) as (process, client):
            # More than one buffer of the file's writer.
            client.sendall(b"to be or\n" * 100_000)
            self.wait_for_rows(out)
            _, errors = self.interrupt(process)
            self.assertEqual(process.returncode, 130, errors)
        rows, problems = job_test_case.compare_rows.rows_of(out)
        self.assertEqual(problems, [])
        counts = sorted(int(count) for word, count in rows if word == "to")
        self.assertEqual(counts, list(range(1, len(counts) + 1)))


if __name__ == "__main__":
    job_test_case.main()
