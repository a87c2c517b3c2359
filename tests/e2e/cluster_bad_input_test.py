#!/usr/bin/env python3
"""What a person or a network does wrong is said in one paragraph, with what to do and an exit code by its class; nothing is half-started.

usage: cluster_bad_input_test.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager> [<TestCase>...]
"""

import json
import os
import re
import socket
import struct
import sys

sys.dont_write_bytecode = True
import cluster_test_case  # noqa: E402
from cluster_test_case import Cluster, ClusterTestCase, is_alive, wait_until  # noqa: E402
from tcp_proxy import TcpProxy  # noqa: E402

FAILED, BAD_USAGE, NO_CLUSTER = 1, 2, 3
UNKNOWN_JOB = "0" * 31 + "1"
E_MACHINE = 18  # offset in an ELF header
AARCH64, X86_64 = 183, 62


class BadInputTestCase(ClusterTestCase):
    def fails(self, cluster, code, *arguments, **more):
        """The one paragraph that a command says on its failure."""
        result = cluster.weir(*arguments, **more)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        self.assert_one_paragraph(result.stderr)
        return result.stderr

    def assert_one_paragraph(self, text):
        self.assertNotEqual(text.strip(), "")
        self.assertNotIn("\n\n", text.strip())

    def assert_nothing_runs(self, cluster):
        self.assertIn("No running jobs.", cluster.weir("list").stdout)
        self.assertIn("No scheduled jobs.", cluster.weir("list").stdout)
        wait_until("no program is left", lambda: not cluster.workers() + cluster.coordinators())


class Programs(BadInputTestCase):
    def test_a_program_for_another_processor_is_named(self):
        cluster = self.start()
        program = bytearray(self.job("cluster_jobs").read_bytes())
        own = struct.unpack_from("<H", program, E_MACHINE)[0]
        struct.pack_into("<H", program, E_MACHINE, AARCH64 if own == X86_64 else X86_64)
        foreign = self.scratch / "foreign"
        foreign.write_bytes(program)
        foreign.chmod(0o755)
        for command in (["run"], ["run", "-t", "local"], ["info"], ["check", "-s", self.scratch]):
            said = self.fails(cluster, FAILED, *command, foreign)
            self.assertIn("was built for another processor", said)
            self.assertIn("Build it on a machine like those of the cluster", said)
        self.assert_nothing_runs(cluster)

    def test_what_is_no_program_is_named(self):
        cluster = self.start()
        text = self.scratch_file("notes.txt", "not a program\n" * 10)
        self.assertIn("cannot run", self.fails(cluster, FAILED, "run", text))  # not executable
        text.chmod(0o755)
        self.assertIn("no executable that this machine runs", self.fails(cluster, FAILED, "run", text))
        empty = self.scratch_file("empty", "")
        empty.chmod(0o755)
        self.assertIn("no executable that this machine runs", self.fails(cluster, FAILED, "run", empty))
        self.assertIn("it is no file", self.fails(cluster, FAILED, "run", self.scratch))
        self.assertIn("which program?", self.fails(cluster, BAD_USAGE, "run"))
        self.assert_nothing_runs(cluster)

    def test_a_program_that_is_cut_short_is_named(self):
        cluster = self.start()
        program = self.job("cluster_jobs").read_bytes()
        for length in (100, 3_000, len(program) // 2, len(program) - 1):
            cut = self.scratch / f"cut{length}"
            cut.write_bytes(program[:length])
            cut.chmod(0o755)
            for command in (["run"], ["info"], ["run", "-t", "local"]):
                said = self.fails(cluster, FAILED, *command, cut)
                self.assertIn("is cut short: its headers promise", said)
                self.assertIn(f"it has {length}. Build or copy it again", said)
        self.assert_nothing_runs(cluster)

    def test_a_program_that_says_garbage_in_place_of_its_plan_is_ended(self):
        cluster = self.start()
        for kind in ("garbage", "endless-frame"):
            said = self.fails(cluster, FAILED, "run", self.job("cluster_jobs"), "--which", kind)
            self.assertIn("cannot be run", said)
            self.assertIn("use the `weir` of the release that the job was built with", said)
            self.assertIn("what is no plan", self.fails(cluster, FAILED, "info", self.job("cluster_jobs"), "--which", kind))
        self.assert_nothing_runs(cluster)

    def test_a_program_that_prints_much_is_none_the_worse(self):
        cluster = self.start()
        result = cluster.weir("run", self.job("cluster_jobs"), "--which", "prints")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(len(self.submitted(result)), 1)
        shown = cluster.weir("info", "--json", self.job("cluster_jobs"), "--which", "prints")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertTrue(shown.stdout.startswith("{"), shown.stdout[:100])  # what it prints goes elsewhere

    def test_a_program_that_was_asked_for_its_options_has_not_failed(self):
        cluster = self.start()
        result = cluster.weir("run", self.job("cluster_jobs"), "--help")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("Options of this program:", result.stdout)
        self.assertEqual(result.stderr, "")

    def test_a_plan_that_takes_too_long_is_given_up(self):
        cluster = self.start()
        waiting = (self.job("cluster_jobs"), "--which", "waits")
        self.assertIn("has come to no Execute() in 1 s", self.fails(cluster, FAILED, "run", "-Dclient.timeout=1s", *waiting))
        for command in (["info"], ["check", "-s", self.scratch]):
            said = self.fails(cluster, FAILED, *command, "-Dclient.timeout=1s", *waiting)
            self.assertIn("did not come to its Execute() within 1 s", said)
            self.assertIn("-Dclient.timeout", said)
        self.assert_nothing_runs(cluster)

    def test_an_upload_that_is_cut_in_the_middle_leaves_nothing(self):
        cluster = self.start()
        proxy = TcpProxy(cluster.port)
        self.addCleanup(proxy.close)
        proxy.cut_after(200_000)
        said = self.fails(cluster, NO_CLUSTER, "run", "-m", f"localhost:{proxy.port}", self.job("cluster_jobs"))
        self.assertIn("cannot upload", said)
        self.assertIn("no JobManager answers at", said)
        artifacts = next(cluster.home.glob("tmp/*/*/jobmanager/artifacts"))
        wait_until("what has come is gone", lambda: not [file for file in artifacts.iterdir() if ".part-" in file.name])
        self.assert_nothing_runs(cluster)
        result = cluster.weir("run", "-d", self.job("cluster_jobs"))
        self.assertEqual(result.returncode, 0, result.stderr)


class Jobs(BadInputTestCase):
    def test_an_unknown_job_is_said_to_be_unknown(self):
        cluster = self.start()
        for command in (["status"], ["cancel"], ["cancel", "-s", self.scratch], ["stop", "-p", self.scratch], ["savepoint"],
                        ["checkpoint"]):
            self.assertIn(UNKNOWN_JOB, self.fails(cluster, FAILED, *command, UNKNOWN_JOB), command)
            self.assertIn("hexadecimal", self.fails(cluster, BAD_USAGE, *command, "no-id"), command)
        self.assertIn(UNKNOWN_JOB, self.fails(cluster, FAILED, "logs", UNKNOWN_JOB))

    def test_a_savepoint_that_does_not_fit_starts_nothing(self):
        cluster = self.start()
        job = self.run_detached(cluster, self.job("counting_job"), "--numbers", 1 << 40, "--rate", 1000, "--output", self.scratch / "out")
        wait_until("it runs", lambda: cluster.is_running(job))
        stopped = cluster.weir("stop", "-p", self.scratch / "savepoints", job)
        self.assertEqual(stopped.returncode, 0, stopped.stderr)
        path = re.search(r"Savepoint completed. Path: (.*)", stopped.stdout).group(1)
        said = self.fails(cluster, FAILED, "run", "-s", path, self.job("cluster_jobs"))
        self.assertIn("allowNonRestoredState", said)
        self.assertIn("/nowhere", self.fails(cluster, FAILED, "run", "-s", "/nowhere", self.job("cluster_jobs")))
        checked = cluster.weir("check", "-s", path, self.job("cluster_jobs"))
        self.assertEqual(checked.returncode, 3, checked.stdout + checked.stderr)
        self.assert_nothing_runs(cluster)


    def test_what_is_wrong_with_a_command_line_is_said_before_anything_is_asked(self):
        cluster = Cluster()
        self.addCleanup(cluster.folder.cleanup)
        self.assertIn('"extra" is too much', self.fails(cluster, BAD_USAGE, "list", "extra"))
        for address in ("nonsense", "host:", ":1", "host:port", "host:1234567", "host:65536", "host:0"):
            said = self.fails(cluster, BAD_USAGE, "list", "-m", address)
            self.assertIn(f'-m wants <host:port>, a port from 1 to 65535; got "{address}"', said)
        self.assertRegex(cluster.weir("--version").stdout, r"^Weir \d+\.\d+\.\d+, protocol \d+\n$")
        self.assertRegex(json.loads(cluster.weir("--version", "--json").stdout)["version"], r"^\d+\.\d+\.\d+$")


class Starting(BadInputTestCase):
    def refuses_to_start(self, cluster, **more):
        """What start-cluster.sh says; no process is left."""
        started = cluster.run("start-cluster.sh", **more)
        self.assertEqual(started.returncode, FAILED, started.stdout + started.stderr)
        wait_until("nothing runs", lambda: not any(map(is_alive, cluster.pids("jobmanager") + cluster.pids("taskmanager"))))
        return started.stderr

    def unstarted(self, **configuration):
        cluster = Cluster(**configuration)
        self.addCleanup(cluster.stop)
        return cluster

    def test_no_cluster_at_the_address(self):
        cluster = self.unstarted()
        for command in (["list"], ["cluster"], ["status", UNKNOWN_JOB], ["cancel", UNKNOWN_JOB], ["stop", UNKNOWN_JOB],
                        ["savepoint", UNKNOWN_JOB], ["checkpoint", UNKNOWN_JOB], ["run", self.job("word_count")]):
            said = self.fails(cluster, NO_CLUSTER, *command)
            self.assertIn(f"no JobManager answers at localhost:{cluster.port}", said)
            self.assertIn("start-cluster.sh", said)
        with socket.socket() as other:  # somebody who is no JobManager, and says nothing
            other.bind(("127.0.0.1", cluster.port))
            other.listen()
            self.fails(cluster, NO_CLUSTER, "list", "-Dclient.timeout=1s")

    def test_a_log_folder_that_cannot_be_written(self):
        cluster = self.unstarted()
        file = self.scratch_file("file", "")
        said = self.refuses_to_start(cluster, WEIR_LOG_DIR=str(file / "log"))
        self.assertIn("WEIR_LOG_DIR", said)
        self.assertIn(str(file / "log"), said)
        for script in ("jobmanager.sh", "taskmanager.sh"):
            alone = cluster.run(script, "start", WEIR_LOG_DIR=str(file / "log"))
            self.assertEqual(alone.returncode, FAILED)
            self.assertIn("WEIR_LOG_DIR", alone.stderr)

    def test_ports_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            for key in ("jobmanager.rpc.port", "rest.port", "taskmanager.data.bind-port"):
                cluster = self.unstarted(**{key: port})
                said = self.refuses_to_start(cluster)
                self.assertIn(str(port), said, key)
                self.assertIn("in use", said, key)
                cluster.run("stop-cluster.sh")

    def test_errors_of_the_configuration(self):
        for line, expected in (("parallelism.default: four", 'parallelism.default is "four"; expected a whole number'),
                               ("heartbeat.timeout: soon", 'heartbeat.timeout is "soon"; expected a duration'),
                               ("jobmanager: [", "config.yaml")):
            cluster = self.unstarted()
            with open(cluster.home / "conf/config.yaml", "a", encoding="utf-8") as config:
                config.write(line + "\n")
            said = self.refuses_to_start(cluster)
            self.assertIn(expected, said)
            self.assertRegex(said, r"config\.yaml:\d+")
            self.assertIn(expected, self.fails(cluster, FAILED, "list"))

    def test_a_job_user_whom_the_machine_does_not_know(self):
        cluster = self.unstarted(**{"security.job-user": "nobody-knows-me"})
        said = self.refuses_to_start(cluster)
        self.assertIn('no user "nobody-knows-me"', said)
        self.assertIn("useradd", said)


if __name__ == "__main__":
    cluster_test_case.main()
