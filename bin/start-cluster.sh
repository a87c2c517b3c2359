#!/usr/bin/env bash
# Starts the JobManager on the host of conf/masters, and a TaskManager for every line of conf/workers (on other hosts by ssh, from the same path).
# What runs already is left alone. Options (-D<key>=<value>) go to every daemon of this machine.
set -u
. "$(dirname "$(readlink -f "$0")")/daemon.sh"
make_folders
make_secret

read_master
mapfile -t hosts < <(hosts_of "$conf_dir/workers")
[ "${#hosts[@]}" -gt 0 ] || hosts=(localhost)
result=0

# Other hosts without the lock: one of them may be this machine by another name, and runs the same scripts.
web=()
[ -n "$master_port" ] && web=("-Drest.port=$master_port")
if ! is_here "$master_host"; then
  on_host "$master_host" jobmanager.sh start ${web[@]+"${web[@]}"} || { echo "cannot start the jobmanager on $master_host" >&2; result=1; }
fi

start_alone
# All at once: a TaskManager waits for its JobManager.
names=() indexes=() pids=() logs=()
begin() {
  local pid what=$1
  [ "$1" = taskmanager ] && what="$1 $2"
  pid=$(pid_of "$pid_dir/$1-$2.pid")
  if [ -n "$pid" ]; then
    echo "$what is already running as process $pid"
    return
  fi
  launch_daemon "$@"
  names+=("$1") indexes+=("$2") pids+=("$started_pid") logs+=("$started_log")
}
if is_here "$master_host"; then begin jobmanager 0 ${web[@]+"${web[@]}"} "$@"; fi
index=0
for host in "${hosts[@]}"; do
  is_here "$host" || continue
  begin taskmanager "$index" "$@"
  index=$((index + 1))
done

for i in "${!pids[@]}"; do
  await_daemon "${names[$i]}" "${indexes[$i]}" "${pids[$i]}" "${logs[$i]}" && continue
  result=$?
  # Nothing half-started; and without a JobManager the others would wait for ever.
  [ "$result" = 2 ] && [ "${names[$i]}" != jobmanager ] && continue
  for other in "${!pids[@]}"; do
    has_ended "${pids[$other]}" || stop_process "${names[$other]}" "${pids[$other]}" "$pid_dir/${names[$other]}-${indexes[$other]}.pid" >&2
  done
  exit 1
done
let_others_start

for host in "${hosts[@]}"; do
  is_here "$host" && continue
  on_host "$host" taskmanager.sh start || { echo "cannot start a taskmanager on $host" >&2; result=1; }
done
[ "$result" = 0 ]
