#!/usr/bin/env bash
# Stops the JobManager and the TaskManagers of this machine, and those on the other hosts of conf/masters and conf/workers.
set -u
. "$(dirname "$(readlink -f "$0")")/daemon.sh"

# stop_all <name>: all daemons of this name on this machine, at once; waited for one after the other.
stopped=0
stop_all() {
  local file pid i files=() pids=()
  for file in "$pid_dir/$1"-*.pid; do
    [ -f "$file" ] || continue
    pid=$(pid_of "$file")
    if [ -z "$pid" ]; then
      rm -f "$file"
      continue
    fi
    files+=("$file") pids+=("$pid")
    kill -TERM "$pid" 2>/dev/null
  done
  for i in "${!pids[@]}"; do
    stop_process "$1" "${pids[$i]}" "${files[$i]}"
    stopped=$((stopped + 1))
  done
}

# First, so that jobs do not count the end of their TaskManagers as a failure.
stop_all jobmanager
read_master
if ! is_here "$master_host"; then
  on_host "$master_host" jobmanager.sh stop || echo "cannot stop the jobmanager on $master_host" >&2
fi
while read -r host; do
  is_here "$host" && continue
  on_host "$host" taskmanager.sh stop-all || echo "cannot stop the taskmanagers on $host" >&2
done < <(hosts_of "$conf_dir/workers")
stop_all taskmanager
[ "$stopped" -gt 0 ] || echo "no jobmanager and no taskmanager is running"
