#!/usr/bin/env python3
"""conf/masters and conf/workers: where start-cluster.sh and stop-cluster.sh start and stop what, with an ssh that only writes down what it is told.

usage: scripts_test.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager> [<TestCase>...]
"""

import os
import sys

sys.dont_write_bytecode = True
import cluster_test_case  # noqa: E402
from cluster_test_case import Cluster, ClusterTestCase, free_port  # noqa: E402


class Hosts(ClusterTestCase):
    def cluster(self, masters, workers="localhost\n", **configuration):
        cluster = Cluster(**configuration)
        self.addCleanup(cluster.stop)
        (cluster.home / "conf/masters").write_text(masters, encoding="utf-8")
        (cluster.home / "conf/workers").write_text(workers, encoding="utf-8")
        self.said = cluster.home / "ssh.log"
        fake = cluster.home / "fake"
        fake.mkdir()
        (fake / "ssh").write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >>{self.said}\n', encoding="utf-8")
        (fake / "ssh").chmod(0o755)
        cluster.environment["PATH"] = f"{fake}:{os.environ['PATH']}"
        return cluster

    def told(self):
        return self.said.read_text().splitlines() if self.said.exists() else []

    def test_the_web_ui_of_a_master_has_the_port_of_its_line(self):
        port = free_port()
        cluster = self.cluster(f"# the master\nlocalhost:{port}\n")
        started = cluster.run("start-cluster.sh")
        self.assertEqual(started.returncode, 0, started.stderr)
        self.assertIn(port, cluster_test_case.listening_ports(cluster.pids("jobmanager")))
        self.assertEqual(self.told(), [])

    def test_a_master_and_workers_elsewhere_are_reached_by_ssh(self):
        cluster = self.cluster("far:8099\n", "farther\n")
        self.assertEqual(cluster.run("start-cluster.sh").returncode, 0)
        self.assertEqual(cluster.pids("jobmanager") + cluster.pids("taskmanager"), [])
        bin_folder = cluster.home.resolve() / "bin"
        self.assertEqual(self.told(), [f"-o BatchMode=yes far {bin_folder}/jobmanager.sh start -Drest.port=8099",
                                       f"-o BatchMode=yes farther {bin_folder}/taskmanager.sh start"])
        cluster.run("stop-cluster.sh")
        self.assertEqual(self.told()[2:], [f"-n -o BatchMode=yes far {bin_folder}/jobmanager.sh stop",
                                           f"-n -o BatchMode=yes farther {bin_folder}/taskmanager.sh stop-all"])

    def test_two_masters_are_refused_with_what_to_do(self):
        cluster = self.cluster("one\ntwo\n")
        started = cluster.run("start-cluster.sh")
        self.assertEqual(started.returncode, 1)
        self.assertIn("names 2 hosts; a cluster has one JobManager", started.stderr)
        self.assertEqual(self.told(), [])


if __name__ == "__main__":
    cluster_test_case.main()
