#!/usr/bin/env bash
# A JobManager for one job, which ends with it: standalone-job.sh start | start-foreground | stop [options of `weir run`] <executable> [arguments]
#
# TaskManagers come by taskmanager.sh. A start after a crash goes on with the job, from its last checkpoint, unless high-availability.type is NONE: its id is
# kept until it has ended.
set -u
. "$(dirname "$(readlink -f "$0")")/daemon.sh"

pid_file=$pid_dir/standalone-job.pid
id_file=$pid_dir/standalone-job.id

# The process in the pid file, if it is this script.
running_pid() {
  local pid=
  [ -f "$pid_file" ] && read -r pid <"$pid_file"
  [ -n "$pid" ] && grep -qs standalone-job "/proc/$pid/cmdline" && echo "$pid"
}

# What stands before the executable, in `options`; of that what sets keys, which the JobManager gets too, in `keys`; the rest in `program`.
read_arguments() {
  options=() keys=()
  while [ $# -gt 0 ]; do
    case "$1" in
      -D) keys+=("-D${2:-}") && options+=("-D${2:-}") && shift ;;
      -D*) keys+=("$1") && options+=("$1") ;;
      # The JobManager would end with the command, and the job with that.
      -d | -detached | --detached) ;;
      -p | -s | -cm | -t | -m | -parallelism | -fromSavepoint | -claimMode | -name | -ship | -target | -job-id | -jobmanager | \
        --parallelism | --fromSavepoint | --claimMode | --name | --ship | --target | --job-id | --jobmanager)
        options+=("$1" "${2:-}") && shift
        ;;
      -*) options+=("$1") ;;
      *) break ;;
    esac
    [ $# -gt 0 ] && shift
  done
  program=("$@")
}

refuse_if_running() {
  local pid
  pid=$(running_pid)
  [ -n "$pid" ] && fail "a job is already running here as process $pid; \`standalone-job.sh stop\` stops it"
  pid=$(pid_of "$pid_dir/jobmanager-0.pid")
  [ -n "$pid" ] && fail "a jobmanager is already running as process $pid; \`jobmanager.sh stop\` stops it"
}

has_job_manager_or_died() { [ -n "$(pid_of "$pid_dir/jobmanager-0.pid")" ] || has_ended "$1"; }

run_job() {
  start_alone
  refuse_if_running
  echo $$ >"$pid_file"
  let_others_start
  # Stopped from outside, the job is suspended: its JobManager ends first.
  trap 'kill -TERM "$job" 2>/dev/null; finish 143' TERM INT
  "$weir_home/bin/jobmanager.sh" start "${keys[@]}" || { rm -f "$pid_file"; exit 1; }
  [ -s "$id_file" ] || head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$id_file"
  "$weir_home/bin/weir" run --resume-id "$(cat "$id_file")" "${options[@]}" "${program[@]}" &
  job=$!
  wait "$job"
  finish $?
}

finish() {
  # A second signal must not leave the JobManager behind.
  trap '' TERM INT
  # No cluster, stopped, terminated: the job has not ended.
  case "$1" in 3 | 130 | 143) ;; *) rm -f "$id_file" ;; esac
  "$weir_home/bin/jobmanager.sh" stop >/dev/null
  rm -f "$pid_file"
  exit "$1"
}

action=${1:-}
shift
case "$action" in
  start | start-foreground)
    make_folders
    read_arguments "$@"
    [ ${#program[@]} -gt 0 ] || fail "which job? usage: standalone-job.sh $action [options of weir run] <executable> [arguments]"
    [ -f "${program[0]}" ] && [ -x "${program[0]}" ] || fail "cannot run ${program[0]}: there is no executable file of that name. Nothing was started."
    [ "$action" = start-foreground ] && run_job
    log=$log_dir/weir-$(id -un)-standalone-job-$(hostname).log
    refuse_if_running
    setsid "$0" start-foreground "$@" >>"$log" 2>&1 </dev/null &
    pid=$!
    await has_job_manager_or_died "$pid"
    if has_ended "$pid"; then
      wait "$pid"
      code=$?
      tail -n 3 "$log" >&2
      exit "$code"
    fi
    echo "the job is running as process $pid; log: $log"
    ;;
  stop)
    pid=$(running_pid)
    [ -n "$pid" ] || { echo "no job is running"; exit 0; }
    kill -TERM "$pid"
    await has_ended "$pid"
    echo "the job (process $pid) has stopped"
    ;;
  *)
    echo "usage: standalone-job.sh start | start-foreground | stop  [options of weir run] <executable> [arguments]" >&2
    exit 2
    ;;
esac
