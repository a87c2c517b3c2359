#!/usr/bin/env python3
"""Processes of different releases: whoever speaks another version of the protocol is told so, in one paragraph with both versions, and nothing is half-started.

usage: protocol_test.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager> [<TestCase>...]

A proxy changes the version in the hellos that pass it: to the receiver, the sender is of another release.
"""

import re
import sys

sys.dont_write_bytecode = True
import cluster_test_case  # noqa: E402
from cluster_bad_input_test import BadInputTestCase  # noqa: E402
from cluster_test_case import ROOT, Cluster, wait_until  # noqa: E402
from tcp_proxy import TcpProxy  # noqa: E402

FAILED = 1
OWN = int(re.search(r"kProtocolVersion = (\d+)", (ROOT / "src/rpc/wire/hello.h").read_text()).group(1))
# Field 1 (the version) and the beginning of field 2 (text "<release>") of a Hello: proto/weir/v1/common.proto.
HELLO = re.compile(rb"\x08" + bytes([OWN]) + rb"(?=\x12[\x05-\x20][0-9]+\.[0-9]+\.)")


class Protocol(BadInputTestCase):
    def cluster_behind(self, version, of_client):
        """A JobManager alone, and a proxy to it: hellos of those who connect, or those that they get, are of `version`."""
        cluster = Cluster()
        self.addCleanup(cluster.stop)
        self.assertEqual(cluster.run("jobmanager.sh", "start").returncode, 0)
        proxy = TcpProxy(cluster.port)
        self.addCleanup(proxy.close)
        self.changed = 0

        def change(data, from_client):
            if from_client != of_client:
                return data
            data, count = HELLO.subn(bytes([0x08, version]), data)
            self.changed += count
            return data

        proxy.change_with(change)
        return cluster, proxy

    def assert_names(self, said, theirs, own=OWN):
        self.assert_one_paragraph(said)
        self.assertGreater(self.changed, 0, "no hello was found")
        self.assertRegex(said, rf"speaks version {theirs} of the protocol, this process \(Weir [^)]*\) version {own}")
        self.assertIn("Use programs of one release of Weir", said)

    def test_a_command_of_another_release_is_refused(self):
        for version in (OWN - 1, OWN + 1):
            cluster, proxy = self.cluster_behind(version, of_client=True)
            for command in (["list"], ["cluster"], ["status", "1" * 32], ["cancel", "1" * 32], ["run", self.job("word_count")]):
                said = self.fails(cluster, FAILED, command[0], "-m", f"localhost:{proxy.port}", *command[1:])
                self.assert_names(said, version)
                self.assertIn("the client (", said)
            self.assertIn("No running jobs.", cluster.weir("list").stdout)

    def start_task_manager_in_vain(self, version, of_client, named):
        """A TaskManager between which and its JobManager one says `version`; the cluster."""
        cluster, proxy = self.cluster_behind(version, of_client=of_client)
        started = cluster.run("taskmanager.sh", "start", f"-Djobmanager.rpc.port={proxy.port}")
        self.assertEqual(started.returncode, FAILED, started.stdout + started.stderr)
        self.assert_names(started.stderr, version)
        self.assertIn(named, started.stderr)
        return cluster

    def test_a_task_manager_of_another_release_does_not_start(self):
        for version in (OWN - 1, OWN + 1):
            cluster = self.start_task_manager_in_vain(version, of_client=True, named="the TaskManager (")
            self.assertEqual(cluster.pids("taskmanager"), [])
            self.assertIn("0 TaskManagers", cluster.weir("cluster").stdout)
            log = next((cluster.home / "log").glob("*jobmanager*.log")).read_text()
            self.assertIn("a TaskManager is not taken", log)

    def test_a_task_manager_takes_no_job_manager_of_another_release(self):
        for version in (OWN - 1, OWN + 1):
            cluster = self.start_task_manager_in_vain(version, of_client=False, named="the JobManager (")
            wait_until("its slots are gone", lambda: "0 TaskManagers" in cluster.weir("cluster").stdout)

    def test_a_program_built_with_an_older_release_is_refused_by_the_command_line(self):
        self.changed = 1
        cluster = self.start()
        said = self.fails(cluster, FAILED, "run", self.job("cluster_jobs"), "--which", "old-client")
        self.assert_names(said, 1)
        self.assertIn("the job program (elsewhere:1, Weir 0.0.9)", said)
        self.assert_nothing_runs(cluster)

    def test_a_program_built_with_an_older_release_is_refused_as_a_worker(self):
        self.changed = 1
        cluster = self.start()
        said = self.fails(cluster, FAILED, "run", self.job("cluster_jobs"), "--which", "old-worker", WEIR_TEST_SUBMITTER="1")
        self.assert_names(said, 1)
        self.assertIn("the job program (elsewhere:1, Weir 0.0.9)", said)
        self.assert_nothing_runs(cluster)

    def test_a_task_manager_with_another_secret_does_not_start(self):
        cluster = self.start()
        cluster.run("taskmanager.sh", "stop")
        other = self.scratch_file("secret", "0123456789" * 4)
        other.chmod(0o600)
        started = cluster.run("taskmanager.sh", "start", f"-Dsecurity.secret-file={other}")
        self.assertEqual(started.returncode, FAILED, started.stdout + started.stderr)
        self.assert_one_paragraph(started.stderr)
        self.assertIn("the secret is not this cluster's", started.stderr)


if __name__ == "__main__":
    cluster_test_case.main()
