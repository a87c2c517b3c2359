#!/usr/bin/env python3
"""The command `weir` against a real cluster: snapshots, verdicts, files that travel, waiting, application mode.

Run as command_line_test.py <folder of jobs> <folder of weir, weir-jobmanager, weir-taskmanager> [<TestCase>...]
"""

import json
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import time

import cluster_test_case
from cluster_test_case import Cluster, ClusterTestCase, free_port, is_alive, wait_until
from job_test_case import ROOT


class Snapshots(ClusterTestCase):
    def running(self, cluster):
        job = self.run_detached(cluster, self.job("counting_job"), "--numbers", 1_000_000, "--rate", 2_000, "--keys", 5,
                                "--output", self.scratch / "out")
        wait_until("the job runs", lambda: cluster.is_running(job))
        wait_until("it has counted", lambda: json.loads(cluster.weir("status", "--json", job).stdout)["vertices"][-1]
                   ["subtasks"][0]["read-records"] > 100)
        return job

    def savepoint(self, cluster, job, *more):
        taken = cluster.weir("savepoint", "--json", *more, job, self.scratch / "savepoints")
        self.assertEqual(taken.returncode, 0, taken.stderr)
        return json.loads(taken.stdout)["savepoint"]

    def test_a_savepoint_is_checked_looked_into_and_disposed(self):
        cluster = self.start()
        path = self.savepoint(cluster, self.running(cluster))
        fits = cluster.weir("check", "-s", path, self.job("counting_job"))
        self.assertEqual(fits.returncode, 0, fits.stderr)
        self.assertIn("same", fits.stdout)
        self.assertEqual(cluster.weir("check", self.job("counting_job"), "-s", path).stdout, fits.stdout)
        # State without a home.
        other = cluster.weir("check", "--json", "-s", path, self.job("cluster_jobs"))
        self.assertEqual(other.returncode, 3, other.stderr)
        self.assertFalse(json.loads(other.stdout)["compatible"])
        self.assertEqual(cluster.weir("check", "-n", "-s", path, self.job("cluster_jobs")).returncode, 0)
        self.assertEqual(cluster.weir("check", self.job("cluster_jobs")).returncode, 2)
        self.assertIn("count", cluster.weir("state", "ls", path).stdout)
        keys = cluster.weir("state", "dump", "--operator", "count", path).stdout.splitlines()
        self.assertEqual(sorted(json.loads(line)["key"] for line in keys), [0, 1, 2, 3, 4])
        self.assertEqual(cluster.weir("state", "diff", path, path).returncode, 0)
        disposed = cluster.weir("savepoint", "-d", path)
        self.assertEqual(disposed.returncode, 0, disposed.stderr)
        self.assertIn(f"Savepoint '{path}' disposed.", disposed.stdout)
        self.assertFalse(pathlib.Path(path).exists())
        self.assertEqual(cluster.weir("savepoint", "-d", path).returncode, 1)

    def test_a_job_is_cancelled_with_a_savepoint(self):
        cluster = self.start()
        job = self.running(cluster)
        cancelled = cluster.weir("cancel", "-s", self.scratch / "savepoints", job)
        self.assertEqual(cancelled.returncode, 0, cancelled.stderr)
        self.assertIn("DEPRECATION WARNING", cancelled.stderr)
        path = re.search(rf"Cancelled job {job}. Savepoint stored in (.*)\.", cancelled.stdout).group(1)
        self.assertTrue((pathlib.Path(path) / "_metadata").exists())
        self.assertEqual(cluster.status(job)["state"], "CANCELED")

    def test_a_detached_stop_returns_at_once_and_the_job_ends_with_it(self):
        cluster = self.start()
        job = self.running(cluster)
        stopped = cluster.weir("stop", "--detached", "-p", self.scratch / "savepoints", job)
        self.assertEqual(stopped.returncode, 0, stopped.stderr)
        path = re.search(r"Savepoint triggered. Path: (.*)", stopped.stdout).group(1)
        wait_until("the job has ended", lambda: cluster.status(job)["state"] == "FINISHED")
        self.assertTrue((pathlib.Path(path) / "_metadata").exists())

    def test_the_last_checkpoint_is_shown(self):
        cluster = self.start()
        job = self.run_detached(cluster, "-Dexecution.checkpointing.interval=50ms",
                                f"-Dexecution.checkpointing.dir={self.scratch / 'checkpoints'}", self.job("cluster_jobs"))
        wait_until("a checkpoint is complete", lambda: cluster.status(job)["checkpoints"]["completed"] > 0)
        self.assertRegex(cluster.weir("status", job).stdout, r"checkpoints: \d+ completed, 0 failed")


class Files(ClusterTestCase):
    def test_files_travel_with_the_job(self):
        cluster = self.start()
        given = self.scratch_file("rules.txt", "no smoking\n")
        run = cluster.weir("run", self.job("cluster_jobs"), "--which", "ships", "--file", given)
        self.assertEqual(run.returncode, 0, run.stderr)
        shown = cluster.weir("logs", "--stdout", self.submitted(run)[0]).stdout
        self.assertRegex(shown, r"no smoking from .*/shipped/0/rules.txt")
        self.assertNotIn(str(given), shown)

    def test_shipped_files_are_found_by_their_names(self):
        cluster = self.start()
        given = self.scratch_file("rules.txt", "no running\n")
        run = cluster.weir("run", "--ship", given, self.job("cluster_jobs"), "--which", "reads-shipped")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("no running", cluster.weir("logs", "--stdout", self.submitted(run)[0]).stdout)

    def test_the_library_that_a_job_was_built_with_travels_with_it(self):
        cluster = self.start()
        job = self.run_detached(cluster, self.job("cluster_jobs"))
        wait_until("the job runs", lambda: cluster.is_running(job))
        maps = pathlib.Path(f"/proc/{cluster.workers()[0]}/maps").read_text()
        libraries = {line.split()[-1] for line in maps.splitlines() if str(cluster.home / "tmp") in line and "r-xp" in line}
        self.assertEqual(len(libraries), 2, libraries)  # the executable and libweir.so, both by their hashes

    def test_a_missing_library_is_named_before_anything_is_started(self):
        cluster = self.start()
        broken = self.scratch / "broken"
        content = self.job("cluster_jobs").read_bytes().replace(b"libweir.so.0\0", b"libwexr.so.0\0")
        broken.write_bytes(content)
        broken.chmod(0o755)
        run = cluster.weir("run", broken)
        self.assertEqual(run.returncode, 1)
        self.assertIn("needs shared libraries that are not here: libwexr.so.0", run.stderr)
        self.assertIn("No running jobs.", cluster.weir("list").stdout)
        for command in (["info"], ["check", "-s", "/nowhere"], ["run", "-t", "local"]):
            refused = cluster.weir(*command, broken)
            self.assertEqual(refused.returncode, 1, command)
            self.assertIn("needs shared libraries that are not here: libwexr.so.0", refused.stderr)

    def test_two_files_of_one_name_are_not_shipped(self):
        cluster = Cluster()
        self.addCleanup(cluster.folder.cleanup)
        for folder in ("one", "two"):
            (self.scratch / folder).mkdir()
            (self.scratch / folder / "rules.txt").write_text(folder, encoding="utf-8")
        run = cluster.weir("run", "--ship", self.scratch / "one", "--ship", self.scratch / "two/rules.txt", self.job("cluster_jobs"))
        self.assertEqual(run.returncode, 1)
        self.assertIn("--ship names two files that are called rules.txt", run.stderr)


class Waiting(ClusterTestCase):
    def test_a_job_that_lacks_slots_says_so_and_fails_in_the_end(self):
        cluster = self.start(**{"taskmanager.numberOfTaskSlots": 1})
        run = cluster.weir("run", "-p", 2, "-Dslot.request.timeout=3s", self.job("cluster_jobs"))
        self.assertEqual(run.returncode, 1)
        self.assertRegex(run.stderr, r"is waiting for \d of 2 slots")
        self.assertIn("slot.request.timeout", run.stderr)

    def test_a_program_that_leaves_a_process_behind_has_ended_all_the_same(self):
        cluster = self.start()
        with subprocess.Popen([cluster.home / "bin/weir", "run", self.job("cluster_jobs"), "--which", "stays"], env=cluster.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True) as run:
            try:
                self.assertEqual(run.wait(timeout=30), 0)
            finally:
                os.killpg(run.pid, signal.SIGKILL)

    def test_a_savepoint_of_a_job_that_lacks_slots_says_what_it_waits_for(self):
        cluster = self.start(**{"taskmanager.numberOfTaskSlots": 1})
        job = self.run_detached(cluster, "-p", 2, self.job("cluster_jobs"))
        with subprocess.Popen([cluster.home / "bin/weir", "stop", "-p", self.scratch, job], env=cluster.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as stop:
            self.assertRegex(stop.stderr.readline(), r"is waiting for \d of 2 slots; its snapshot begins when it has them")
            cluster.run("taskmanager.sh", "start")
            said, errors = stop.communicate(timeout=60)
        self.assertEqual(stop.returncode, 0, errors)
        self.assertIn("Savepoint completed. Path: ", said)


class Shell(ClusterTestCase):
    def test_completion_is_what_shells_take(self):
        cluster = Cluster()
        self.addCleanup(cluster.folder.cleanup)
        for shell in ("bash", "zsh"):
            script = cluster.weir("completion", shell).stdout
            self.assertIn("--allowNonRestoredState", script)
            subprocess.run(["bash", "-n"], input=script.removeprefix("autoload"), text=True, check=True)
        for words, expected in (("weir ca", "cancel"), ("weir run -t l", "local"), ("weir run -d -cm C", "CLAIM")):
            complete = f'COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _weir; echo "${{COMPREPLY[*]}}"'
            script = cluster.weir("completion", "bash").stdout + complete
            shown = subprocess.run(["bash"], input=script, capture_output=True, text=True, check=True)
            self.assertEqual(shown.stdout.strip(), expected)
        self.assertEqual(cluster.weir("completion", "tcsh").returncode, 2)

    def test_errors_are_json_too_where_that_was_asked_for(self):
        cluster = Cluster()
        self.addCleanup(cluster.folder.cleanup)
        for arguments, code in ((["list"], 3), (["status", "1" * 32], 3), (["status", "1"], 2), (["cancel", "--nonsense"], 2),
                                (["run", "/nowhere"], 1), (["info"], 2), (["state", "ls", "/nowhere"], 1), (["state"], 2)):
            failed = cluster.weir(arguments[0], "--json", *arguments[1:])
            self.assertEqual(failed.returncode, code, arguments)
            said = json.loads(failed.stdout)
            self.assertEqual(said["exit-code"], code, arguments)
            self.assertIn(said["error"], failed.stderr)

    def test_a_program_that_fails_is_an_error_in_json(self):
        cluster = self.start()
        for code, words, arguments in ((1, "cannot be restored from /nowhere", ("-s", "/nowhere", self.job("cluster_jobs"))),
                                       (1, "cluster_jobs ended with exit code 1", (self.job("cluster_jobs"), "--no-such-option")),
                                       (1, "about to crash", ("-Drestart-strategy.type=none", self.job("cluster_jobs"), "--which", "crash"))):
            with self.subTest(words):
                failed = cluster.weir("run", "--json", *arguments)
                self.assertEqual(failed.returncode, code, failed.stderr)
                said = json.loads(failed.stdout.splitlines()[-1])
                self.assertEqual(said["exit-code"], code)
                self.assertIn(words, said["error"])

    def test_the_configuration_of_the_installation_counts_for_its_jobs(self):
        cluster = self.start(**{"parallelism.default": 3, "execution.checkpointing.interval": "100ms", "rest.port": free_port()})
        # As a person calls it: by its path, with nothing set.
        bare = {key: value for key, value in cluster.environment.items() if not key.startswith("WEIR_")}
        program = cluster.home / "bin/weir"
        real = program.resolve()
        program.unlink()
        shutil.copy(real, program)

        def weir(*arguments):
            return subprocess.run([program, *map(str, arguments)], env=bare, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

        planned = weir("info", "--json", self.job("cluster_jobs"))
        self.assertIn('"parallelism":3', planned.stdout, planned.stderr)
        job = self.submitted(weir("run", "-d", self.job("cluster_jobs")))[0]
        wait_until("the job runs", lambda: cluster.is_running(job))
        self.assertEqual(len(cluster.status(job)["vertices"][0]["subtasks"]), 3)
        self.assertEqual(weir("checkpoint", job).returncode, 0)
        # Its web UI has the port that is configured; a job beside it needs another.
        local = weir("run", "-t", "local", self.job("cluster_jobs"), "--which", "several")
        self.assertEqual(local.returncode, 0, local.stderr)

    def test_output_that_cannot_be_written_is_an_error(self):
        cluster = Cluster()
        self.addCleanup(cluster.folder.cleanup)
        weir = cluster.home / "bin/weir"
        with open("/dev/full", "w", encoding="utf-8") as full:
            failed = subprocess.run([weir, "completion", "bash"], env=cluster.environment, stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(failed.returncode, 1)
        self.assertEqual(failed.stderr, "error: cannot write the output: No space left on device\n")
        # Who has stopped reading has what he wants.
        piped = subprocess.run(["bash", "-c", f"{weir} completion fish | true; echo ${{PIPESTATUS[0]}}"], env=cluster.environment,
                               capture_output=True, text=True)
        self.assertEqual((piped.stdout, piped.stderr), ("0\n", ""))

    def test_a_slip_in_a_commands_name_is_pointed_out_and_help_helps(self):
        cluster = Cluster()
        self.addCleanup(cluster.folder.cleanup)
        slip = cluster.weir("lst")
        self.assertEqual(slip.returncode, 2)
        self.assertIn('weir has no command "lst". Did you mean "list"?', slip.stderr)
        self.assertEqual(cluster.weir("help", "run").stdout, cluster.weir("run", "--help").stdout)

    def test_what_only_flink_knows_explains_itself(self):
        cluster = Cluster()
        self.addCleanup(cluster.folder.cleanup)
        for option, why in (("-c", "Java class"), ("-py", "Python jobs"), ("-yid", "YARN"), ("-z", "ZooKeeper")):
            shown = cluster.weir("run", option, "x", self.job("cluster_jobs"))
            self.assertEqual(shown.returncode, 2)
            self.assertIn(why, shown.stderr)


class Application(ClusterTestCase):
    def test_a_job_manager_for_one_job_ends_with_it(self):
        cluster = Cluster()
        self.addCleanup(cluster.stop)
        out = self.scratch / "out"
        command = [str(cluster.home / "bin/weir"), "run", "-t", "application", str(self.job("word_count")), "--output", str(out)]
        run = subprocess.Popen(command, cwd=ROOT, env=cluster.environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(run.kill)
        wait_until("its JobManager is there", lambda: cluster.pids("jobmanager"))
        self.assertEqual(cluster.run("taskmanager.sh", "start").returncode, 0)
        said, _ = run.communicate(timeout=cluster_test_case.DEADLINE_S)
        self.assertEqual(run.returncode, 0, said)
        self.assert_rows(out, "word_count.csv")
        self.assertEqual([pid for pid in cluster.pids("jobmanager") if is_alive(pid)], [])

    def test_detached_it_ends_with_its_job_all_the_same(self):
        cluster = Cluster()
        self.addCleanup(cluster.stop)
        out = self.scratch / "out"
        started = cluster.weir("run", "-t", "application", "-d", "-p", 2, f"-Dio.tmp.dirs={self.scratch / 'tmp'}",
                               self.job("word_count"), "--output", out)
        self.assertEqual(started.returncode, 0, started.stderr)
        self.assertIn("the job is running as process", started.stdout)
        # The JobManager has the keys too, behind an option with a value or not.
        self.assertTrue((self.scratch / "tmp").exists())
        self.assertEqual(cluster.run("taskmanager.sh", "start").returncode, 0)
        wait_until("its JobManager has ended", lambda: not any(map(is_alive, cluster.pids("jobmanager"))))
        self.assert_rows(out, "word_count.csv")

    def test_what_is_no_program_starts_nothing(self):
        cluster = Cluster()
        self.addCleanup(cluster.stop)
        for action in ("start", "start-foreground"):
            for program in (self.scratch / "absent", self.scratch, "/etc/passwd"):
                started = cluster.run("standalone-job.sh", action, "-p", 2, program)
                self.assertEqual(started.returncode, 1, started.stdout)
                self.assertIn(f"cannot run {program}", started.stderr)
            self.assertIn("which job?", cluster.run("standalone-job.sh", action, "-p", 2).stderr)
        self.assertEqual(cluster.pids("jobmanager"), [])

    def standalone(self, cluster, *options):
        """Starts a job by the script; returns its process and the job's id."""
        log = self.scratch / "standalone.out"
        log.unlink(missing_ok=True)
        with open(log, "w", encoding="utf-8") as output:
            run = subprocess.Popen([str(cluster.home / "bin/standalone-job.sh"), "start-foreground", *options,
                                    str(self.job("cluster_jobs"))], cwd=ROOT, env=cluster.environment,
                                   stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        self.addCleanup(run.kill)
        said = r"Job has been submitted with JobID ([0-9a-f]{32})|Job ([0-9a-f]{32}) is known here"
        job = wait_until("the job is there", lambda: re.search(said, log.read_text()))
        return run, job.group(1) or job.group(2), bool(job.group(2))

    def interrupted(self, *options):
        """The ids of a job that was started, killed with its JobManager, and started again; and whether the second found the first."""
        cluster = Cluster()
        self.addCleanup(cluster.stop)
        run, first, _ = self.standalone(cluster, *options)
        for pid in (*cluster.pids("jobmanager"), *cluster_test_case.children(run.pid), run.pid):
            os.kill(pid, signal.SIGKILL)
        run.wait()
        again, second, is_known = self.standalone(cluster, *options)
        again.send_signal(signal.SIGTERM)
        self.assertEqual(again.wait(cluster_test_case.DEADLINE_S), 143)
        return first, second, is_known

    def test_a_start_after_a_crash_goes_on_with_the_job(self):
        first, second, is_known = self.interrupted()
        self.assertEqual((first, is_known), (second, True))

    def test_where_no_jobs_are_kept_a_start_after_a_crash_begins_afresh(self):
        first, second, is_known = self.interrupted("-Dhigh-availability.type=NONE")
        self.assertNotEqual(first, second)
        self.assertFalse(is_known)

    def test_signals_leave_no_job_manager_behind_and_a_second_start_is_refused(self):
        cluster = Cluster()
        self.addCleanup(cluster.stop)
        command = [str(cluster.home / "bin/standalone-job.sh"), "start-foreground", str(self.job("cluster_jobs"))]
        run = subprocess.Popen(command, cwd=ROOT, env=cluster.environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(run.kill)
        manager = wait_until("its JobManager is there", lambda: cluster.pids("jobmanager"))[0]
        again = cluster.run("standalone-job.sh", "start", self.job("word_count"))
        self.assertEqual(again.returncode, 1, again.stdout)
        self.assertIn("a job is already running here", again.stderr)
        wait_until("the job is there", lambda: "endless" in cluster.weir("list").stdout)
        # As `timeout` does, or somebody who is impatient.
        run.send_signal(signal.SIGTERM)
        time.sleep(0.02)
        run.send_signal(signal.SIGTERM)
        said, _ = run.communicate(timeout=cluster_test_case.DEADLINE_S)
        self.assertEqual(run.returncode, 143, said)
        wait_until("its JobManager has ended", lambda: not is_alive(manager))


class Secret(ClusterTestCase):
    def test_the_scripts_make_it_for_the_owner_alone(self):
        cluster = self.start()
        secret = cluster.home / "conf/secret"
        self.assertEqual(stat.S_IMODE(secret.stat().st_mode), 0o600)
        self.assertEqual(cluster.weir("list").returncode, 0)
        content = secret.read_text()
        cluster.run("start-cluster.sh")
        self.assertEqual(secret.read_text(), content)
        elsewhere = self.scratch / "conf"
        shutil.copytree(cluster.home / "conf", elsewhere)
        (elsewhere / "secret").unlink()
        refused = cluster.weir("list", WEIR_CONF_DIR=str(elsewhere))
        self.assertEqual(refused.returncode, 1)
        self.assertIn("wants its secret", refused.stderr)


if __name__ == "__main__":
    cluster_test_case.main()
