#!/usr/bin/env bash
# Shows jobs that have ended, also when no JobManager runs: historyserver.sh start | start-foreground | stop | stop-all [-D<key>=<value>]...
set -u
. "$(dirname "$(readlink -f "$0")")/daemon.sh"
daemon_command historyserver no "$@"
