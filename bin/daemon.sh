# What the scripts of bin/ share. Sourced, not run.
#
# Environment: WEIR_CONF_DIR (default: conf/ beside bin/), WEIR_LOG_DIR (log/), WEIR_PID_DIR (log/pids).

# The folder above bin/, wherever the scripts are called from, and through links too.
weir_home=$(cd -P "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
conf_dir=${WEIR_CONF_DIR:-$weir_home/conf}
log_dir=${WEIR_LOG_DIR:-$weir_home/log}
pid_dir=${WEIR_PID_DIR:-$log_dir/pids}
export WEIR_HOME=$weir_home WEIR_CONF_DIR=$conf_dir

fail() {
  echo "$1" >&2
  exit 1
}

# pid_of <pid file>: the process in it, if that lives and is the daemon that wrote it; else nothing. Numbers are used again, also by daemons of other clusters.
pid_of() {
  local pid='' name=${1##*/} given
  [ -f "$1" ] && read -r pid _ <"$1"
  [[ $pid =~ ^[0-9]+$ ]] || return 0
  [[ $(readlink "/proc/$pid/exe" 2>/dev/null) =~ /weir-"${name%-*}"( \(deleted\))?$ ]] || return 0
  given=$(pid_file_given_to "$pid")
  # A tree that was moved while it runs is still its own.
  if [ ! -e "$given" ] || [ "$given" -ef "$1" ]; then echo "$pid"; fi
}

# pid_file_given_to <pid>: the --pid-file on its command line.
pid_file_given_to() {
  local word before=
  while IFS= read -r -d '' word; do
    if [ "$before" = --pid-file ]; then
      case "$word" in /*) echo "$word" ;; *) echo "/proc/$1/cwd/$word" ;; esac
      return
    fi
    before=$word
  done 2>/dev/null <"/proc/$1/cmdline"
}

# start_alone: whoever else starts daemons with these pid files waits until this script has ended, or has called let_others_start.
start_alone() {
  command -v flock >/dev/null || return 0
  exec 9>"$pid_dir/lock"
  flock -n 9 && return
  echo "another script is starting daemons here; waiting for it" >&2
  flock 9
}
let_others_start() { exec 9>&-; }

make_folders() {
  (umask 077 && mkdir -p "$log_dir" "$pid_dir") || fail "cannot write to the log folder $log_dir. Set WEIR_LOG_DIR to one that you may write to."
  [ -w "$log_dir" ] || fail "the log folder $log_dir is not writable. Set WEIR_LOG_DIR to one that is."
}

# What the processes of the cluster know each other by, unless security.secret-file names another file. Made once.
make_secret() {
  [ -e "$conf_dir/secret" ] && return
  if ! (umask 077 && set -C && head -c 32 /dev/urandom | base64 >"$conf_dir/secret") 2>/dev/null; then
    [ -e "$conf_dir/secret" ] || echo "cannot make $conf_dir/secret; the cluster goes without a secret" >&2
  fi
}

# await <test command>...: until it succeeds or 20 s have passed; looks every 5 ms, then every 50.
await() {
  local tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -gt 600 ] && return 1
    if [ "$tries" -lt 200 ]; then sleep 0.005; else sleep 0.05; fi
  done
}

# A process that nobody has waited for yet (a zombie) has no executable any more.
has_ended() { ! readlink "/proc/$1/exe" >/dev/null 2>&1; }
has_started_or_died() { [ -s "$1" ] || has_ended "$2"; }

# log_of <name> <index>: its log; what it prints is beside it, in .out.
log_of() { echo "$log_dir/weir-$(id -un)-$1-$2-$(hostname).log"; }

# launch_daemon <name> <index> [option]...: in the background; returns at once. Sets started_pid and started_log.
launch_daemon() {
  local name=$1 index=$2
  shift 2
  local pid_file=$pid_dir/$name-$index.pid
  started_log=$(log_of "$name" "$index")
  rm -f "$pid_file"
  # A session of its own: what ends the terminal does not end the daemon.
  setsid "$weir_home/bin/weir-$name" --config-dir "$conf_dir" --log-dir "$log_dir" \
    --log-file "$started_log" --pid-file "$pid_file" --index "$index" "$@" >>"${started_log%.log}.out" 2>&1 </dev/null 9>&- &
  started_pid=$!
}

# await_daemon <name> <index> <pid> <log>: until it is ready. Else prints what it said; 1: it has ended, 2: it is not ready yet.
await_daemon() {
  local pid_file=$pid_dir/$1-$2.pid
  await has_started_or_died "$pid_file" "$3"
  if [ -s "$pid_file" ]; then
    echo "$1 $2 is running as process $3; log: $4"
    return 0
  fi
  if has_ended "$3"; then
    tail -n 1 "${4%.log}.out" >&2
    return 1
  fi
  echo "$1 $2 (process $3) is not ready after 20 s; it goes on trying. Its last words:" >&2
  tail -n 3 "$4" >&2
  return 2
}

# stop_process <what> <pid> <pid file>: asks it to end, waits, kills what does not end within 20 s.
stop_process() {
  kill -TERM "$2" 2>/dev/null
  if ! await has_ended "$2"; then
    kill -KILL "$2" 2>/dev/null
    echo "$1 (process $2) did not stop within 20 s and was killed" >&2
  fi
  rm -f "$3"
  echo "$1 (process $2) has stopped"
}

# The first number for which no daemon of this name runs.
free_index() {
  local index=0
  while [ -n "$(pid_of "$pid_dir/$1-$index.pid")" ]; do index=$((index + 1)); done
  echo "$index"
}

# daemon_command <name> <several: yes or no> <action> [option]...
daemon_command() {
  local name=$1 several=$2 action=${3:-} index=0 pid pid_file
  shift $(($# < 3 ? $# : 3))
  case "$action" in
    start)
      make_folders
      start_alone
      make_secret
      [ "$several" = yes ] && index=$(free_index "$name")
      pid=$(pid_of "$pid_dir/$name-$index.pid")
      if [ -n "$pid" ]; then
        echo "$name is already running as process $pid; \`$name.sh stop\` stops it"
        return 0
      fi
      launch_daemon "$name" "$index" "$@"
      await_daemon "$name" "$index" "$started_pid" "$started_log" || return 1
      ;;
    start-foreground)
      make_folders
      make_secret
      [ "$several" = yes ] && index=$(free_index "$name")
      exec "$weir_home/bin/weir-$name" --config-dir "$conf_dir" --log-dir "$log_dir" \
        --log-file "$(log_of "$name" "$index")" --log-console true --pid-file "$pid_dir/$name-$index.pid" --index "$index" "$@"
      ;;
    stop | stop-all)
      local stopped=no files=()
      # The newest first, as Flink does.
      mapfile -t files < <(ls -1 "$pid_dir/$name"-*.pid 2>/dev/null | sort -rV)
      for pid_file in "${files[@]}"; do
        pid=$(pid_of "$pid_file")
        if [ -z "$pid" ]; then
          rm -f "$pid_file"
          continue
        fi
        stop_process "$name" "$pid" "$pid_file"
        stopped=yes
        [ "$action" = stop ] && break
      done
      [ "$stopped" = yes ] || echo "no $name is running"
      ;;
    *)
      echo "usage: $name.sh start | start-foreground | stop | stop-all  [-D<key>=<value>]..." >&2
      return 2
      ;;
  esac
}

# on_host <host> <script> [argument]...: runs a script of bin/ on another machine, from the same path.
on_host() {
  local host=$1 script=$2
  shift 2
  # The words go through a shell there.
  ssh -n -o BatchMode=yes "$host" "$(printf '%q' "$weir_home/bin/$script")" "$@" 9>&-
}

# hosts_of <file>: its lines without comments and blanks.
hosts_of() {
  [ -f "$1" ] && sed 's/#.*//; s/[[:space:]]//g; /^$/d' "$1"
}

# is_here <host>: whether it is this machine.
is_here() {
  [ "$1" = localhost ] || [ "$1" = 127.0.0.1 ] || [ "$1" = "$(hostname)" ]
}

# read_master: sets master_host and master_port (of the web UI; empty: rest.port) from conf/masters.
read_master() {
  local lines
  mapfile -t lines < <(hosts_of "$conf_dir/masters")
  if [ "${#lines[@]}" -gt 1 ]; then
    echo "error: $conf_dir/masters names ${#lines[@]} hosts; a cluster has one JobManager. Leave one line in it. With" >&2
    echo "high-availability.type: filesystem another can be started by hand when that one is lost: jobmanager.sh start" >&2
    exit 1
  fi
  local line=${lines[0]:-localhost}
  master_host=${line%%:*} master_port=
  [ "$line" = "$master_host" ] || master_port=${line#*:}
}
