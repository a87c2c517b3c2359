#!/usr/bin/env bash
# The JobManager of this machine: jobmanager.sh start | start-foreground | stop | stop-all [-D<key>=<value>]...
set -u
. "$(dirname "$(readlink -f "$0")")/daemon.sh"
daemon_command jobmanager no "$@"
