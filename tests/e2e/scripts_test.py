#!/usr/bin/env python3
"""What the scripts start and stop where: conf/masters and conf/workers, with an ssh that only writes down what it is told, and pid files.

usage: scripts_test.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager> [<TestCase>...]
"""

import os
import pathlib
import subprocess
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
        self.assertEqual(self.told(), [f"-n -o BatchMode=yes far {bin_folder}/jobmanager.sh start -Drest.port=8099",
                                       f"-n -o BatchMode=yes farther {bin_folder}/taskmanager.sh start"])
        cluster.run("stop-cluster.sh")
        self.assertEqual(self.told()[2:], [f"-n -o BatchMode=yes far {bin_folder}/jobmanager.sh stop",
                                           f"-n -o BatchMode=yes farther {bin_folder}/taskmanager.sh stop-all"])

    def test_two_masters_are_refused_with_what_to_do(self):
        cluster = self.cluster("one\ntwo\n")
        started = cluster.run("start-cluster.sh")
        self.assertEqual(started.returncode, 1)
        self.assertIn("names 2 hosts; a cluster has one JobManager", started.stderr)
        self.assertEqual(self.told(), [])


class PidFiles(ClusterTestCase):
    def test_clusters_that_are_started_twice_at_once_are_started_once(self):
        cluster = Cluster()
        self.addCleanup(cluster.stop)
        starts = [subprocess.Popen([cluster.home / "bin/start-cluster.sh"], env=cluster.environment, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(3)]
        said = [start.communicate(timeout=cluster_test_case.DEADLINE_S)[0] for start in starts]
        self.assertEqual([start.returncode for start in starts], [0, 0, 0], said)
        self.assertEqual(sum("jobmanager is already running as process" in each for each in said), 2, said)
        self.assertEqual(sum("taskmanager 0 is already running as process" in each for each in said), 2, said)
        pids = cluster.pids("jobmanager") + cluster.pids("taskmanager")
        self.assertEqual(self.daemons_of(cluster), sorted(pids))

    def test_a_pid_file_that_names_a_daemon_of_another_cluster_is_not_believed(self):
        other = self.start()
        pid = other.pids("taskmanager")[0]
        cluster = self.start()
        for name in ("jobmanager-3", "taskmanager-3"):
            (cluster.home / f"log/pids/{name}.pid").write_text(f"{pid} 0\n", encoding="utf-8")
        for nonsense in ("", "nonsense\n", "-1\n"):
            (cluster.home / "log/pids/taskmanager-4.pid").write_text(nonsense, encoding="utf-8")
            self.assertIn("taskmanager 1 is running", cluster.run("taskmanager.sh", "start").stdout)
            self.assertEqual(cluster.run("taskmanager.sh", "stop").returncode, 0)
        self.assertEqual(cluster.run("stop-cluster.sh").stdout.count("has stopped"), 2)
        self.assertTrue(cluster_test_case.is_alive(pid))
        self.assertEqual(list((cluster.home / "log/pids").glob("*.pid")), [])

    def test_a_tree_that_is_moved_while_it_runs_is_stopped_from_where_it_is(self):
        cluster = self.start()
        pids = cluster.pids("jobmanager") + cluster.pids("taskmanager")
        moved = cluster.home / "elsewhere"
        moved.mkdir()
        for folder in ("bin", "conf", "log"):
            (cluster.home / folder).rename(moved / folder)
        environment = {key: value for key, value in cluster.environment.items() if not key.startswith("WEIR_")}
        stopped = subprocess.run([moved / "bin/stop-cluster.sh"], env=environment, capture_output=True, text=True,
                                 timeout=cluster_test_case.DEADLINE_S)
        (moved / "bin").rename(cluster.home / "bin")
        self.assertEqual(stopped.stdout.count("has stopped"), 2, stopped.stdout + stopped.stderr)
        self.assertFalse(any(cluster_test_case.is_alive(pid) for pid in pids))

    def daemons_of(self, cluster):
        """Pids of all daemons that were started with a pid file of this cluster."""
        marker = f"{cluster.home}/log/pids/".encode()
        lines = {int(line.parent.name): line for line in pathlib.Path("/proc").glob("[0-9]*/cmdline")}
        return sorted(pid for pid, line in lines.items() if marker in read_or_nothing(line))


def read_or_nothing(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


if __name__ == "__main__":
    cluster_test_case.main()
