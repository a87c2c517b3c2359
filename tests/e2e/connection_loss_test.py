#!/usr/bin/env python3
"""Connections between any two processes are cut, or go silent, while a job runs: it ends with the rows that it must have.

usage: connection_loss_test.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager> [<TestCase>...]
"""

import os
import signal
import subprocess
import sys
import threading

sys.dont_write_bytecode = True
import cluster_test_case  # noqa: E402
from cluster_test_case import QUICK_HEARTBEATS, ROOT, Cluster, free_port, wait_until  # noqa: E402
from exchange_test import KEYS, NUMBERS, ExchangeTestCase  # noqa: E402
from tcp_proxy import TcpProxy  # noqa: E402


class ConnectionLoss(ExchangeTestCase):
    def job_manager(self, **configuration):
        cluster = Cluster(**({"taskmanager.numberOfTaskSlots": 2} | QUICK_HEARTBEATS | configuration))
        self.addCleanup(cluster.stop)
        self.started(cluster.run("jobmanager.sh", "start"))
        return cluster

    def started(self, result):
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def proxy_to(self, target):
        proxy = TcpProxy(target)
        self.addCleanup(proxy.close)
        return proxy

    def a_task_manager_loses_its_job_manager(self, break_it):
        cluster = self.job_manager()
        proxy = self.proxy_to(cluster.port)
        self.started(cluster.run("taskmanager.sh", "start", f"-Djobmanager.rpc.port={proxy.port}"))
        job = self.run_counting(cluster, parallelism=2, rate=8_000)
        wait_until("it runs", lambda: cluster.is_running(job))
        self.await_checkpoint_after(self.checkpoints())
        break_it(proxy)
        wait_until("the TaskManager is missed", lambda: "0 TaskManagers" in cluster.weir("cluster").stdout)
        proxy.mend()
        wait_until("it runs again", lambda: cluster.is_running(job, attempt=1))
        self.assert_counted_once(cluster, job)

    def test_a_task_manager_whose_connection_is_cut_comes_back(self):
        self.a_task_manager_loses_its_job_manager(TcpProxy.cut)

    def test_a_task_manager_whose_connection_is_silent_comes_back(self):
        self.a_task_manager_loses_its_job_manager(TcpProxy.stall)

    def test_a_name_that_is_taken_is_not_given_to_another_task_manager(self):
        cluster = self.job_manager()
        self.started(cluster.run("taskmanager.sh", "start", "-Dtaskmanager.resource-id=a"))
        second = cluster.run("taskmanager.sh", "start", "-Dtaskmanager.resource-id=a")
        self.assertEqual(second.returncode, 1, second.stdout)
        self.assertIn("Each TaskManager needs a name of its own (taskmanager.resource-id)", second.stderr)
        self.assertEqual(self.log_of(cluster, "jobmanager").count("TaskManager a has joined"), 1)
        # One that has died has none.
        os.kill(cluster.pids("taskmanager")[0], signal.SIGKILL)
        self.started(cluster.run("taskmanager.sh", "start", "-Dtaskmanager.resource-id=a"))
        self.assertEqual(self.log_of(cluster, "jobmanager").count("TaskManager a has joined"), 2)

    def two_task_managers(self):
        """(cluster, the proxy that their workers' connection goes through): of two, the one with the lesser name connects."""
        cluster = self.job_manager()
        bind_port = free_port()
        proxy = self.proxy_to(bind_port)
        self.started(cluster.run("taskmanager.sh", "start", "-Dtaskmanager.resource-id=a"))
        self.started(cluster.run("taskmanager.sh", "start", "-Dtaskmanager.resource-id=b",
                                 f"-Dtaskmanager.data.port={proxy.port}", f"-Dtaskmanager.data.bind-port={bind_port}"))
        return cluster, proxy

    def log_of(self, cluster, kind):
        return "".join(file.read_text() for file in (cluster.home / "log").glob(f"*{kind}*.log"))

    def test_workers_that_lose_each_other_begin_again_from_the_last_checkpoint(self):
        cluster, proxy = self.two_task_managers()
        job = self.run_counting(cluster, rate=8_000)
        wait_until("it runs", lambda: cluster.is_running(job))
        self.assertEqual(self.task_managers_of(cluster, job), {"a", "b"})
        self.await_checkpoint_after(self.checkpoints())
        self.assertGreater(proxy.connections(), 0)
        proxy.cut()
        wait_until("the loss is told", lambda: cluster.status(job)["restarts"] > 0)
        proxy.mend()
        self.assert_counted_once(cluster, job)
        self.assertRegex(self.log_of(cluster, "jobmanager"), r'the connection to TaskManager "[ab]" \(.*\) is lost')

    def test_workers_whose_connection_is_silent_for_a_while_lose_nothing(self):
        cluster, proxy = self.two_task_managers()
        job = self.run_counting(cluster, rate=8_000)
        wait_until("it runs", lambda: cluster.is_running(job))
        self.await_checkpoint_after(self.checkpoints())
        proxy.stall()
        before = self.checkpoints()
        # One that has been acknowledged may still come; then none does, since no barrier comes through.
        wait_until("it stands still", lambda: cluster.status(job)["state"] == "RUNNING" and self.checkpoints() <= before + 1)
        proxy.mend()
        self.await_checkpoint_after(before + 1)
        self.assert_counted_once(cluster, job)

    def test_a_job_manager_may_be_slow_to_greet(self):
        cluster = self.job_manager()
        proxy = self.proxy_to(cluster.port)
        proxy.stall()
        # As long as a message to a far machine and back, or the turn of a process on a busy one.
        mending = threading.Timer(0.5, proxy.mend)
        mending.start()
        self.addCleanup(mending.join)
        said = cluster.weir("cluster", "-m", f"localhost:{proxy.port}")
        self.assertEqual(said.returncode, 0, said.stderr)

    def a_command_loses_its_job_manager(self, break_it):
        cluster = self.job_manager()
        self.started(cluster.run("taskmanager.sh", "start"))
        proxy = self.proxy_to(cluster.port)
        command = [str(cluster.home / "bin/weir"), "run", "-m", f"localhost:{proxy.port}", "-p", "2", str(self.job("counting_job")),
                   "--numbers", str(NUMBERS), "--keys", str(KEYS), "--rate", "4000", "--output", str(self.scratch / "out")]
        run = subprocess.Popen(command, cwd=ROOT, env=cluster.environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(run.kill)
        wait_until("the job runs", lambda: "RUNNING" in cluster.weir("list", "-r").stdout)
        break_it(proxy)
        # While it waits for its connection the job goes on.
        self.assertIn("the JobManager is gone; waiting", run.stderr.readline())
        proxy.mend()
        _, said = run.communicate(timeout=cluster_test_case.DEADLINE_S)
        self.assertEqual(run.returncode, 0, said)
        self.assertEqual(sorted(self.committed()), sorted(self.expected()))

    def test_whoever_waits_for_a_job_finds_its_job_manager_again(self):
        self.a_command_loses_its_job_manager(TcpProxy.cut)

    def test_whoever_waits_for_a_job_notices_that_its_job_manager_is_silent(self):
        self.a_command_loses_its_job_manager(TcpProxy.stall)


if __name__ == "__main__":
    cluster_test_case.main()
