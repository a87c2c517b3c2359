#!/usr/bin/env python3
"""`weir run` at a terminal: its progress line, and what Ctrl-C asks and does. On a pseudo terminal, as a shell would start it.

terminal_test.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager>
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios


import cluster_test_case
from cluster_test_case import ClusterTestCase, wait_until

CTRL_C = "\x03"
CTRL_D = "\x04"
QUESTION = re.compile(r'^cancel job "[^"]+"\? \[y/N; N: it runs on without this command\]')
PROGRESS = re.compile(r": .*\d+(\.\d+)?( [kMG])? in, ")


class Terminal:
    """A command in a terminal of its own, which is 200 columns wide."""

    def __init__(self, cluster, *arguments):
        command = [str(cluster.home / "bin/weir"), *map(str, arguments)]
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execve(command[0], command, cluster.environment)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 200, 0, 0))
        self.modes = termios.tcgetattr(self.terminal)
        self.text = ""
        self.code = None

    def type(self, keys):
        os.write(self.terminal, keys.encode())

    def read(self):
        while select.select([self.terminal], [], [], 0.02)[0]:
            try:
                self.text += os.read(self.terminal, 65536).decode()
            except OSError:  # the other end is closed
                return

    def lines(self):
        """What a person sees: carriage returns and erased lines are carried out."""
        self.read()
        lines, column = [""], 0
        for part in re.findall(r"\x1b\[K|\r|\n|[^\x1b\r\n]+", self.text):
            if part == "\n":
                lines.append("")
            elif part == "\r":
                column = 0
            elif part == "\x1b[K":
                lines[-1] = lines[-1][:column]
            else:
                lines[-1] = lines[-1][:column] + part + lines[-1][column + len(part):]
                column += len(part)
        return lines

    def await_line(self, pattern):
        wait_until(f"a line like {pattern}", lambda: any(re.search(pattern, line) for line in self.lines()))

    def await_end(self):
        """The exit code."""
        def has_ended():
            self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid != 0:
                self.code = os.waitstatus_to_exitcode(status)
            return pid != 0
        wait_until("the command has ended", has_ended)
        return self.code

    def close(self):
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.terminal)


class AtATerminal(ClusterTestCase):
    def setUp(self):
        super().setUp()
        self.cluster = self.start()

    def run_at_terminal(self, *arguments):
        terminal = Terminal(self.cluster, "run", *arguments)
        self.addCleanup(terminal.close)
        terminal.await_line("^Job has been submitted with JobID")
        job = next(re.search("JobID ([0-9a-f]{32})", line) for line in terminal.lines() if "JobID" in line).group(1)
        self.addCleanup(self.cluster.weir, "cancel", job)
        return terminal, job

    def run_for_ever(self, *options):
        terminal, job = self.run_at_terminal(*options, self.job("cluster_jobs"))
        terminal.await_line(PROGRESS)
        wait_until("the job runs", lambda: self.cluster.is_running(job))
        return terminal, job

    def state(self, job):
        return self.cluster.status(job)["state"]

    def assert_tidy(self, terminal):
        """Each line is one thing's, the progress line is gone, and the terminal is as it was."""
        for line in terminal.lines():
            self.assertNotRegex(line, PROGRESS)
            self.assertTrue(line == "" or re.match(r"Job has been|cancel job |cancelling job |job |the job |\^C", line), line)
        self.assertEqual(termios.tcgetattr(terminal.terminal), terminal.modes)

    def test_yes_cancels_the_job(self):
        terminal, job = self.run_for_ever()
        terminal.type(CTRL_C)
        terminal.await_line(QUESTION)
        terminal.type("y\n")
        self.assertEqual(terminal.await_end(), 130)
        self.assertEqual(self.state(job), "CANCELED")
        self.assertIn(f"cancelling job {job}", terminal.lines())
        self.assert_tidy(terminal)

    def test_no_leaves_the_job_running(self):
        for answer in ("n\n", "\n", CTRL_D, CTRL_C):
            with self.subTest(answer=answer):
                terminal, job = self.run_for_ever()
                terminal.type(CTRL_C)
                terminal.await_line(QUESTION)
                terminal.type(answer)
                self.assertEqual(terminal.await_end(), 130)
                self.assertIn(f"job {job} runs on; `weir cancel {job}` ends it", terminal.lines())
                self.assertEqual(self.state(job), "RUNNING")
                self.assert_tidy(terminal)
                self.cluster.weir("cancel", job)

    def test_the_job_goes_on_while_it_asks_and_its_end_answers(self):
        out = self.scratch / "out"
        terminal, job = self.run_at_terminal(self.job("counting_job"), "--numbers", 6000, "--rate", 1000, "--keys", 5,
                                             "--output", out)
        terminal.await_line(PROGRESS)
        terminal.type(CTRL_C)
        terminal.await_line(QUESTION)
        self.assertEqual(terminal.await_end(), 0)
        self.assertEqual(self.state(job), "FINISHED")
        self.assertEqual(termios.tcgetattr(terminal.terminal), terminal.modes)

    def test_nothing_is_asked_where_the_job_is_to_end_with_the_command(self):
        terminal, job = self.run_for_ever("-sae")
        terminal.type(CTRL_C)
        self.assertEqual(terminal.await_end(), 130)
        self.assertFalse(any(QUESTION.match(line) for line in terminal.lines()))
        self.assertEqual(self.state(job), "CANCELED")
        self.assert_tidy(terminal)

    def test_what_is_said_about_a_failure_has_lines_of_its_own(self):
        terminal, _ = self.run_for_ever()
        os.kill(self.cluster.workers()[0], signal.SIGKILL)
        self.assertEqual(terminal.await_end(), 1)
        self.assertIn("was killed by signal 9", "".join(terminal.lines()))
        for line in terminal.lines():
            self.assertNotRegex(line, PROGRESS)

    def test_a_signal_that_no_person_sent_is_no_question(self):
        terminal, job = self.run_for_ever()
        os.kill(terminal.pid, signal.SIGTERM)
        self.assertEqual(terminal.await_end(), 130)
        self.assertIn(f"job {job} runs on; `weir cancel {job}` ends it", terminal.lines())
        self.assert_tidy(terminal)
        self.assertEqual(self.state(job), "RUNNING")


if __name__ == "__main__":
    cluster_test_case.main()
