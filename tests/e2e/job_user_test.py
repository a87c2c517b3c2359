#!/usr/bin/env python3
"""Daemons that run as root start the programs of jobs as the user of security.job-user, and as nobody else.

usage: job_user_test.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager> [<TestCase>...]
"""

import os
import pathlib
import pwd
import re
import signal
import stat
import sys
import unittest

sys.dont_write_bytecode = True
import cluster_test_case  # noqa: E402
from cluster_test_case import Cluster, wait_until  # noqa: E402
from exchange_test import ExchangeTestCase  # noqa: E402

USER = "nobody"  # on every Debian


def users_of(pid):
    """Real, effective, saved and file system uid of a process, and its groups."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    uids = set(map(int, re.search(r"^Uid:\s+(.*)$", text, re.MULTILINE).group(1).split()))
    groups = set(map(int, re.search(r"^Groups:[ \t]*(.*)$", text, re.MULTILINE).group(1).split()))
    return uids, groups


@unittest.skipUnless(os.geteuid() == 0, "only root may start programs as another user")
class JobUser(ExchangeTestCase):
    def setUp(self):
        super().setUp()
        self.entry = pwd.getpwnam(USER)
        self.scratch.chmod(0o777)

    def start_as_root(self):
        cluster = Cluster(**{"security.job-user": USER, "taskmanager.numberOfTaskSlots": 2})
        # Temporary folders are for their owner alone: the job's user must come through to the cluster's.
        cluster.home.chmod(0o711)
        self.addCleanup(cluster.stop)
        started = cluster.run("start-cluster.sh")
        self.assertEqual(started.returncode, 0, started.stdout + started.stderr)
        return cluster

    def test_workers_and_coordinators_are_the_users_and_daemons_are_not(self):
        cluster = self.start_as_root()
        job = self.run_counting(cluster, parallelism=2)
        wait_until("it runs", lambda: cluster.is_running(job))
        programs = cluster.workers() + cluster.coordinators()
        self.assertEqual(len(programs), 2)
        groups = set(os.getgrouplist(USER, self.entry.pw_gid))
        for pid in programs:
            self.assertEqual(users_of(pid), ({self.entry.pw_uid}, groups))
            environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            self.assertIn(f"USER={USER}".encode(), environment)
        for pid in cluster.pids("jobmanager") + cluster.pids("taskmanager"):
            self.assertEqual(users_of(pid)[0], {0})
        for folder in cluster.home.glob("tmp/*/*/taskmanager-*/jobs/*"):
            status = folder.stat()
            self.assertEqual((status.st_uid, stat.S_IMODE(status.st_mode)), (self.entry.pw_uid, 0o700), folder)
        # What the user may read of the cluster is what it needs: not its secret.
        self.assertEqual(stat.S_IMODE((cluster.home / "conf/secret").stat().st_mode), 0o600)
        self.await_checkpoint_after(self.checkpoints())
        os.kill(cluster.workers()[0], signal.SIGKILL)
        wait_until("it runs again", lambda: cluster.is_running(job, attempt=1))
        self.assert_counted_once(cluster, job)
        for file in (self.scratch / "out").glob("part-*"):
            self.assertEqual(file.stat().st_uid, self.entry.pw_uid)

    def test_a_crash_is_reported_as_ever(self):
        cluster = self.start_as_root()
        run = cluster.weir("run", self.job("cluster_jobs"), "--which", "crash")
        self.assertEqual(run.returncode, 1)
        self.assertIn("was killed by signal 11", run.stderr)
        self.assertIn("CrashAt3000", run.stderr)
        self.assertIn("about to crash", run.stderr)

    def test_a_temporary_folder_that_keeps_the_user_out_is_named(self):
        cluster = Cluster(**{"security.job-user": USER})
        self.addCleanup(cluster.stop)
        cluster.home.chmod(0o700)
        started = cluster.run("start-cluster.sh")
        self.assertEqual(started.returncode, 1)
        self.assertIn("cannot enter", started.stderr)
        self.assertIn("io.tmp.dirs", started.stderr)


if __name__ == "__main__":
    cluster_test_case.main()
