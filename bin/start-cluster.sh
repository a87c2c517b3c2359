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

# Both kinds at once: a TaskManager waits for its JobManager.
names=() indexes=() pids=() logs=()
begin() {
  launch_daemon "$@"
  names+=("$1") indexes+=("$2") pids+=("$started_pid") logs+=("$started_log")
}

web=()
[ -n "$master_port" ] && web=("-Drest.port=$master_port")
pid=$(pid_of "$pid_dir/jobmanager-0.pid")
if ! is_here "$master_host"; then
  ssh -o BatchMode=yes "$master_host" "$weir_home/bin/jobmanager.sh" start ${web[@]+"${web[@]}"} || echo "cannot start the jobmanager on $master_host" >&2
elif [ -n "$pid" ]; then
  echo "jobmanager is already running as process $pid"
else
  begin jobmanager 0 ${web[@]+"${web[@]}"} "$@"
fi
index=0
for host in "${hosts[@]}"; do
  if is_here "$host"; then
    pid=$(pid_of "$pid_dir/taskmanager-$index.pid")
    if [ -n "$pid" ]; then
      echo "taskmanager $index is already running as process $pid"
    else
      begin taskmanager "$index" "$@"
    fi
    index=$((index + 1))
  else
    ssh -o BatchMode=yes "$host" "$weir_home/bin/taskmanager.sh" start || echo "cannot start a taskmanager on $host" >&2
  fi
done

result=0
for i in "${!pids[@]}"; do
  if ! await_daemon "${names[$i]}" "${indexes[$i]}" "${pids[$i]}" "${logs[$i]}"; then
    result=1
    # Without a JobManager the others would wait for ever.
    if [ "${names[$i]}" = jobmanager ]; then
      for other in "${pids[@]}"; do kill -TERM "$other" 2>/dev/null; done
      break
    fi
  fi
done
exit "$result"
