#!/usr/bin/env bash
# TaskManagers of this machine: taskmanager.sh start | start-foreground | stop | stop-all [-D<key>=<value>]...
# Each start adds one; stop ends the newest.
set -u
. "$(dirname "$(readlink -f "$0")")/daemon.sh"
daemon_command taskmanager yes "$@"
