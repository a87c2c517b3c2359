"""The entry point of the container image, run on an installation in a temporary folder: what a container would do, without one.

docker_entrypoint_test.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager>
"""

import re
import signal
import stat
import subprocess

import cluster_test_case
from cluster_test_case import Cluster, ClusterTestCase, wait_until
from job_test_case import ROOT

ENTRY_POINT = ROOT / "docker/docker-entrypoint.sh"


class DockerEntryPoint(ClusterTestCase):
    def setUp(self):
        super().setUp()
        self.cluster = Cluster()
        self.addCleanup(self.cluster.folder.cleanup)
        self.conf = self.cluster.home / "conf"
        self.containers = []
        self.addCleanup(self.stop_containers)

    def environment(self, **more):
        return self.cluster.environment | {"WEIR_HOME": str(self.cluster.home)} | more

    def enter(self, *arguments, **more):
        return subprocess.run([ENTRY_POINT, *map(str, arguments)], cwd=ROOT, env=self.environment(**more),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    def start_container(self, what, **more):
        log = open(self.cluster.home / f"{what}.out", "w", encoding="utf-8")
        self.addCleanup(log.close)
        process = subprocess.Popen([ENTRY_POINT, what], cwd="/", env=self.environment(**more), stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=subprocess.STDOUT)
        self.containers.append(process)
        return process

    def stop_containers(self):
        """As a container is stopped: the TaskManager first."""
        for process in reversed(self.containers):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def test_a_history_server_wants_to_know_where_archives_are(self):
        result = self.enter("history-server")
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn("historyserver.archive.fs.dir", result.stderr)

    def test_a_jobmanager_and_a_taskmanager_run_a_job(self):
        secret = {"WEIR_SECRET": "known to this test alone", "WEIR_PROPERTIES": f"security.secret-file: {self.conf / 'secret'}"}
        slots = {"TASK_MANAGER_NUMBER_OF_TASK_SLOTS": "3"}
        self.start_container("jobmanager", **secret)
        wait_until("a JobManager", lambda: self.enter("list", **secret).returncode == 0)
        self.start_container("taskmanager", **secret, **slots)
        out = self.scratch / "out"
        result = self.enter("run", "-p", 3, self.job("flights_hourly"), "--input", ROOT / "examples/data/flights_20k.csv",
                            "--output", out, **secret)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assert_rows(out, "flights_hourly.csv")
        for process in reversed(self.containers):
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(20), 0)

    def test_properties_take_the_place_of_lines_with_the_same_key(self):
        (self.conf / "config.yaml").write_text("# mine\nparallelism.default: 1\nrest.port: 0\n", encoding="utf-8")
        result = self.enter("true", WEIR_PROPERTIES="\n  parallelism.default:   4 \n# a comment\n\nio.tmp.dirs: /a:/b\n",
                            JOB_MANAGER_RPC_ADDRESS="manager")
        self.assertEqual(result.returncode, 0, result.stderr)
        lines = (self.conf / "config.yaml").read_text(encoding="utf-8").splitlines()
        self.assertEqual(lines, ["# mine", "rest.port: 0", "jobmanager.rpc.address: manager", "rest.address: manager",
                                 "parallelism.default: 4", "io.tmp.dirs: /a:/b"])

    def test_the_secret_is_for_its_owner_alone_and_not_for_what_runs(self):
        result = self.enter("sh", "-c", "echo [$WEIR_SECRET]", WEIR_SECRET="a secret")
        self.assertEqual(result.stdout, "[]\n")
        self.assertEqual((self.conf / "secret").read_text(encoding="utf-8"), "a secret\n")
        self.assertEqual(stat.S_IMODE((self.conf / "secret").stat().st_mode), 0o600)

    def test_a_line_that_is_no_property_is_named_and_nothing_starts(self):
        result = self.enter("echo", "started", WEIR_PROPERTIES="parallelism.default 4")
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertIn('"parallelism.default 4" is no line of the form key: value', result.stderr)

    def test_others_reach_the_daemons_of_the_image(self):
        lines = (ROOT / "docker/config.yaml").read_text().splitlines()
        for key in ("jobmanager.bind-host", "taskmanager.bind-host", "rest.bind-address"):
            self.assertIn(f"{key}: 0.0.0.0", lines)

    def test_no_plain_value_of_the_compose_file_has_a_colon(self):
        """Which would be no YAML; no reader of it is among what tests may use."""
        for line in (ROOT / "docker/compose.yaml").read_text().splitlines():
            plain = re.match(r"""\s*[\w<-]+: (?!["'|>&*\[{])(.*)""", line)
            if plain and not line.lstrip().startswith("#"):
                self.assertNotIn(": ", plain.group(1), line)

    def test_help_says_what_there_is(self):
        for arguments in ((), ("help",)):
            result = self.enter(*arguments)
            self.assertEqual(result.returncode, 0)
            self.assertIn("taskmanager [option]...", result.stdout)

    def test_the_image_holds_what_the_entry_point_starts(self):
        """Every file that the Dockerfile copies is there."""
        for line in (ROOT / "docker/Dockerfile").read_text(encoding="utf-8").splitlines():
            if line.startswith("COPY ") and "--from" not in line:
                sources = [word for word in line.split()[1:-1] if not word.startswith("--")]
                for source in sources:
                    self.assertTrue((ROOT / source).exists(), source)


if __name__ == "__main__":
    cluster_test_case.main()
