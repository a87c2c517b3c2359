#!/usr/bin/env bash
# Stops the TaskManagers and the JobManager of this machine, and the TaskManagers on the other hosts of conf/workers.
set -u
. "$(dirname "$(readlink -f "$0")")/daemon.sh"

if [ -f "$conf_dir/workers" ]; then
  while read -r host; do
    case "$host" in localhost | 127.0.0.1 | "$(hostname)") ;; *)
      ssh -n -o BatchMode=yes "$host" "$weir_home/bin/taskmanager.sh" stop-all || echo "cannot stop the taskmanagers on $host" >&2
      ;;
    esac
  done < <(sed 's/#.*//; s/[[:space:]]//g; /^$/d' "$conf_dir/workers")
fi

files=() pids=()
for file in "$pid_dir"/taskmanager-*.pid "$pid_dir"/jobmanager-*.pid; do
  [ -f "$file" ] || continue
  pid=$(pid_of "$file")
  if [ -z "$pid" ]; then
    rm -f "$file"
    continue
  fi
  files+=("$file") pids+=("$pid")
  # All at once; waited for one after the other.
  kill -TERM "$pid" 2>/dev/null
done
for i in "${!pids[@]}"; do
  name=$(basename "${files[$i]}" .pid)
  stop_process "${name%-*}" "${pids[$i]}" "${files[$i]}"
done
[ "${#pids[@]}" -gt 0 ] || echo "no jobmanager and no taskmanager is running"
