#!/usr/bin/env bash
# Stops the TaskManagers and the JobManager of this machine, and the TaskManagers on the other hosts of conf/workers.
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
if [ -f "$conf_dir/workers" ]; then
  while read -r host; do
    case "$host" in localhost | 127.0.0.1 | "$(hostname)") ;; *)
      ssh -n -o BatchMode=yes "$host" "$weir_home/bin/taskmanager.sh" stop-all || echo "cannot stop the taskmanagers on $host" >&2
      ;;
    esac
  done < <(sed 's/#.*//; s/[[:space:]]//g; /^$/d' "$conf_dir/workers")
fi
stop_all taskmanager
[ "$stopped" -gt 0 ] || echo "no jobmanager and no taskmanager is running"
