#!/bin/sh
# Entry point of Weir's image: what runs is the first argument.
#
#   jobmanager [option]...             a JobManager, in the foreground
#   taskmanager [option]...            a TaskManager
#   history-server [option]...         a history server
#   standalone-job <job> [argument]... a JobManager for one job, which ends with it
#   weir <command>..., run, list, ...  the command line
#   help                               this
#   anything else                      is run as it stands
#
# Environment, read before anything starts:
#   WEIR_PROPERTIES                lines `key: value` for config.yaml, in place of those with the same key
#   WEIR_SECRET                    written to conf/secret, mode 0600: what clients and TaskManagers show to the JobManager
#   JOB_MANAGER_RPC_ADDRESS        jobmanager.rpc.address and rest.address
#   TASK_MANAGER_NUMBER_OF_TASK_SLOTS
# Options are -D<key>=<value>.
set -eu

home=${WEIR_HOME:-/opt/weir}
conf=${WEIR_CONF_DIR:-$home/conf}
export WEIR_CONF_DIR="$conf"

fail() {
  echo "docker-entrypoint: $1" >&2
  exit 2
}

# set_property <key> <value>: the only line of that key in config.yaml.
set_property() {
  [ -w "$conf" ] || fail "$conf cannot be written to, so WEIR_PROPERTIES and the like have no effect: put \"$1: $2\" into its config.yaml"
  new=$(mktemp "$conf/.config.XXXXXX")
  if [ -f "$conf/config.yaml" ]; then
    awk -v key="$1" 'index($0, key ":") != 1' "$conf/config.yaml" >"$new"
  fi
  printf '%s: %s\n' "$1" "$2" >>"$new"
  chmod 644 "$new"
  mv "$new" "$conf/config.yaml"
}

# Lines that are no `key: value` are named instead of being left out.
set_properties() {
  printf '%s\n' "$1" | while IFS= read -r line; do
    line=$(printf '%s' "$line" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//')
    case "$line" in
      '' | '#'*) ;;
      *:*) set_property "$(printf '%s' "${line%%:*}" | sed 's/[[:space:]]*$//')" "$(printf '%s' "${line#*:}" | sed 's/^[[:space:]]*//')" ;;
      *) fail "WEIR_PROPERTIES: \"$line\" is no line of the form key: value" ;;
    esac
  done
}

if [ -n "${JOB_MANAGER_RPC_ADDRESS:-}" ]; then
  set_property jobmanager.rpc.address "$JOB_MANAGER_RPC_ADDRESS"
  set_property rest.address "$JOB_MANAGER_RPC_ADDRESS"
fi
if [ -n "${TASK_MANAGER_NUMBER_OF_TASK_SLOTS:-}" ]; then
  set_property taskmanager.numberOfTaskSlots "$TASK_MANAGER_NUMBER_OF_TASK_SLOTS"
fi
[ -z "${WEIR_PROPERTIES:-}" ] || set_properties "$WEIR_PROPERTIES"
if [ -n "${WEIR_SECRET:-}" ]; then
  (umask 077 && printf '%s\n' "$WEIR_SECRET" >"$conf/secret") || fail "cannot write the secret to $conf/secret"
  unset WEIR_SECRET  # jobs must not see it
fi

what=${1:-help}
[ $# -eq 0 ] || shift
case "$what" in
  jobmanager | taskmanager) exec "$home/bin/$what.sh" start-foreground "$@" ;;
  history-server | historyserver) exec "$home/bin/historyserver.sh" start-foreground "$@" ;;
  standalone-job) exec "$home/bin/standalone-job.sh" start-foreground "$@" ;;
  weir) exec "$home/bin/weir" "$@" ;;
  run | info | list | status | cancel | stop | savepoint | checkpoint | check | state | logs)
    exec "$home/bin/weir" "$what" "$@"
    ;;
  help | --help | -h) sed -n '2,18s/^# \{0,1\}//p' "$0" ;;
  *) exec "$what" "$@" ;;
esac
