"""Metrics in the hands of those who collect them: a real Prometheus, Graphite and StatsD get what was counted.

A receiver that is not installed (tools/install_packages.sh does it) has its test skipped.
Run as `receivers_test.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager>`.
"""

import json
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import unittest
import urllib.parse
import urllib.request

import cluster_test_case
from cluster_test_case import ROOT, Cluster, ClusterTestCase, free_port, wait_until

STATSD = ROOT / "build/servers/statsd/node_modules/statsd/stats.js"
DASHBOARD = ROOT / "docs/user/monitoring/grafana-dashboard.json"
RECORDS = 20_000


def fetch(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read().decode()


def metrics_of(text):
    """{name: [(labels, value)]} of Prometheus' text."""
    found = {}
    for line in text.splitlines():
        match = re.match(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$", line)
        if match:
            labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or ""))
            found.setdefault(match[1], []).append((labels, float(match[3])))
    return found


class ReceiversTest(ClusterTestCase):
    def scratch_folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return pathlib.Path(folder.name)

    def spawn(self, command, **more):
        process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, **more)

        def stop():
            process.send_signal(signal.SIGKILL)
            process.wait()

        self.addCleanup(stop)
        return process

    def log_text(self, cluster, kind):
        return "".join(file.read_text() for file in (cluster.home / "log").glob(f"*-{kind}-*.log"))

    def endpoints(self, cluster):
        """Where the JobManager and the TaskManager show their metrics."""
        return [re.search(r"shows metrics at http://\S+?:(\d+)/metrics", self.log_text(cluster, kind))[1]
                for kind in ("jobmanager", "taskmanager")]

    def counting_cluster(self, **configuration):
        """A cluster with a job that has counted RECORDS records and waits."""
        cluster = self.start(**{"metrics.reporter.interval": "500ms"} | configuration)
        self.rest = re.search(r"REST API at (\S+)", self.log_text(cluster, "jobmanager"))[1].rstrip("/")
        self.job_id = self.run_detached(cluster, self.job("watched_jobs"), "--which", "counted", "--records", RECORDS)
        wait_until("all is counted", lambda: self.counted(cluster) == RECORDS)
        return cluster

    def counted(self, cluster):
        vertices = cluster.status(self.job_id)["vertices"]
        return sum(subtask["read-records"] for vertex in vertices if vertex["name"].startswith("counter") for subtask in vertex["subtasks"])

    def counts_in(self, metrics):
        """What REST shows that the counter has got, with its labels."""
        return [(labels, value) for labels, value in metrics.get("flink_taskmanager_job_task_numRecordsIn", [])
                if labels["task_name"].startswith("counter")]

    def wait_for_the_count(self):
        wait_until("the count has come to the JobManager",
                   lambda: sum(value for _, value in self.counts_in(metrics_of(fetch(f"{self.rest}/metrics")))) == RECORDS)

    @unittest.skipUnless(shutil.which("prometheus"), "prometheus is not installed")
    def test_a_real_prometheus_scrapes_every_process(self):
        first = free_port()
        cluster = self.counting_cluster(**{"metrics.reporters": "prom", "metrics.reporter.prom.port": f"{first}-{first + 20}"})
        ports = self.endpoints(cluster)
        folder = self.scratch_folder()
        targets = ", ".join(f"'127.0.0.1:{port}'" for port in ports)
        (folder / "prometheus.yml").write_text(
            "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n  - job_name: weir\n"
            f"    static_configs: [{{targets: [{targets}]}}]\n"
            f"  - job_name: all\n    static_configs: [{{targets: ['{urllib.parse.urlsplit(self.rest).netloc}']}}]\n")
        port = free_port()
        with open(folder / "log", "w") as log:
            self.spawn(["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                        f"--web.listen-address=127.0.0.1:{port}"], stdout=log)

        def query(expression):
            try:
                answer = json.loads(fetch(f"http://127.0.0.1:{port}/api/v1/query?query={urllib.parse.quote(expression)}"))
            except OSError:
                return None
            return [float(sample["value"][1]) for sample in answer["data"]["result"]]

        records = 'sum(flink_taskmanager_job_task_numRecordsIn{job="%s",task_name=~"counter.*"})'
        for job in ("weir", "all"):
            wait_until(f"Prometheus knows the count ({job})", lambda: query(records % job) == [float(RECORDS)])
        wait_until("both processes are scraped", lambda: query('sum(up{job="weir"})') == [2.0])
        wait_until("Prometheus knows the slots", lambda: query('flink_jobmanager_taskSlotsTotal{job="weir"}') == [6.0])

    def test_what_processes_show_is_what_prometheus_takes(self):
        first = free_port()
        cluster = self.counting_cluster(**{"metrics.reporters": "prom", "metrics.reporter.prom.port": f"{first}-{first + 20}"})
        self.wait_for_the_count()
        job_manager, task_manager = (fetch(f"http://127.0.0.1:{port}/metrics") for port in self.endpoints(cluster))
        if shutil.which("promtool"):
            # Flink's names break conventions (upper case); what is wrong is told from that by the exit code.
            for text in (job_manager, task_manager, fetch(f"{self.rest}/metrics")):
                check = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=60)
                self.assertNotIn(check.returncode, (1, 2), check.stderr[:2000])
        self.assertIn("flink_jobmanager_taskSlotsTotal", job_manager)
        self.assertNotIn("flink_taskmanager_", job_manager)
        self.assertIn("flink_taskmanager_Status_JVM_CPU_Load", task_manager)
        everything = metrics_of(fetch(f"{self.rest}/metrics"))
        for name in list(metrics_of(job_manager)) + list(metrics_of(task_manager)):
            self.assertIn(name, everything)
        counted = self.counts_in(everything)
        for label in ("host", "tm_id", "job_id", "job_name", "task_id", "task_name", "task_attempt_id", "task_attempt_num", "subtask_index"):
            self.assertIn(label, counted[0][0])

    def test_what_goes_between_taskmanagers_is_counted(self):
        cluster = Cluster(**{"taskmanager.numberOfTaskSlots": 1})
        self.addCleanup(cluster.stop)
        (cluster.home / "conf/workers").write_text("localhost\nlocalhost\n")
        self.assertEqual(cluster.run("start-cluster.sh").returncode, 0)
        rest = re.search(r"REST API at (\S+)", self.log_text(cluster, "jobmanager"))[1].rstrip("/")
        self.run_detached(cluster, "-p", 2, self.job("watched_jobs"), "--which", "counted", "--records", RECORDS)
        shuffle = "flink_taskmanager_job_task_Shuffle_Netty_"
        found = {}

        def total(name):
            return sum(value for _, value in found.get(shuffle + name, []))

        def all_has_come():
            found.clear()
            found.update(metrics_of(fetch(f"{rest}/metrics")))
            return sum(value for _, value in self.counts_in(found)) == RECORDS and total("Input_numBytesInRemote") > 0

        wait_until("all has come", all_has_come)
        # Half of the rows, of 24 bytes each at least, came from the other TaskManager.
        self.assertGreater(total("Input_numBytesInRemote"), RECORDS / 4 * 24)
        self.assertGreater(total("Input_numBuffersInRemote"), 0)
        # All of the bytes are those of rows here, and those that were sent: no more than twice the latter, since each half has as many rows.
        task = "flink_taskmanager_job_task_"
        for direction in ("In", "Out"):
            remote = sum(value for _, value in found[f"{shuffle}{'Input' if direction == 'In' else 'Output'}_numBytes{direction}Remote"])
            whole = sum(value for labels, value in found[f"{task}numBytes{direction}"])
            self.assertGreater(whole, remote)
        for name in ("Output_creditWaits", "Output_creditWaitTimeMsPerSecond", "Output_channel_creditWaits", "Input_Buffers_inPoolUsage", "Output_Buffers_outPoolUsage"):
            self.assertIn(shuffle + name, found)
        for name in ("watermarkLag", "sourceIdleTime", "currentEmitEventTimeLag", "numRecordsInErrors"):
            self.assertIn("flink_taskmanager_job_task_operator_" + name, found)

    def test_every_metric_of_the_dashboard_exists(self):
        self.counting_cluster(**{"execution.checkpointing.interval": "500ms", "execution.checkpointing.dir": self.scratch_folder()})
        named = set(re.findall(r"flink_\w+", DASHBOARD.read_text()))
        self.assertGreater(len(named), 10)
        wait_until(f"all of {sorted(named)}", lambda: named <= set(metrics_of(fetch(f"{self.rest}/metrics"))))

    @unittest.skipUnless(shutil.which("carbon-cache") and shutil.which("whisper-fetch"), "graphite-carbon is not installed")
    def test_a_real_graphite_gets_what_was_counted(self):
        folder = self.scratch_folder()
        for name in ("conf", "storage", "log"):
            (folder / name).mkdir()
        line, pickle, query = free_port(), free_port(), free_port()
        (folder / "conf/carbon.conf").write_text(
            f"[cache]\nSTORAGE_DIR = {folder}/storage\nLOCAL_DATA_DIR = {folder}/storage/whisper\nCONF_DIR = {folder}/conf\n"
            f"LOG_DIR = {folder}/log\nPID_DIR = {folder}\nUSER =\nMAX_CREATES_PER_MINUTE = inf\nMAX_UPDATES_PER_SECOND = 5000\n"
            "ENABLE_TAGS = False\nLINE_RECEIVER_INTERFACE = 127.0.0.1\nPICKLE_RECEIVER_INTERFACE = 127.0.0.1\n"
            f"CACHE_QUERY_INTERFACE = 127.0.0.1\nLINE_RECEIVER_PORT = {line}\nPICKLE_RECEIVER_PORT = {pickle}\nCACHE_QUERY_PORT = {query}\n")
        (folder / "conf/storage-schemas.conf").write_text("[all]\npattern = .*\nretentions = 1s:10m\n")
        with open(folder / "stdout", "w") as log:
            self.spawn(["carbon-cache", "--nodaemon", "--config", folder / "conf/carbon.conf", "start"], stdout=log)
        self.counting_cluster(**{"metrics.reporters": "graphite", "metrics.reporter.graphite.host": "127.0.0.1",
                                 "metrics.reporter.graphite.port": line})

        def stored():
            files = [file for file in (folder / "storage/whisper").rglob("numRecordsIn.wsp") if "counter" in str(file)]
            values = set()
            for file in files:
                lines = subprocess.run(["whisper-fetch", "--drop=nulls", str(file)], capture_output=True, text=True, timeout=30).stdout.split("\n")
                values |= {float(each.split()[1]) for each in lines[-2:] if each}
            return values

        wait_until("Graphite has stored the count", lambda: stored() == {RECORDS})

    @unittest.skipUnless(STATSD.exists() and shutil.which("node"), "statsd is not installed")
    def test_a_real_statsd_gets_what_was_counted(self):
        folder = self.scratch_folder()
        port, management = free_port(), free_port()
        (folder / "config.js").write_text(
            f'{{port: {port}, address: "127.0.0.1", mgmt_port: {management}, mgmt_address: "127.0.0.1", flushInterval: 500, '
            'backends: ["./backends/console"]}')
        with open(folder / "stdout", "w") as log:
            self.spawn(["node", STATSD, folder / "config.js"], stdout=log, cwd=STATSD.parent)
        wait_until("StatsD is up", lambda: "server is up" in (folder / "stdout").read_text())
        self.counting_cluster(**{"metrics.reporters": "statsd", "metrics.reporter.statsd.address": f"127.0.0.1:{port}"})

        def told():
            # Of the task and of its operator; what was told last counts.
            values = dict(re.findall(r"'([^']*counter[^']*\.numRecordsIn)': (\d+)", (folder / "stdout").read_text()))
            return set(map(int, values.values()))

        wait_until("StatsD tells the count", lambda: told() == {RECORDS})


if __name__ == "__main__":
    cluster_test_case.main()
