#!/usr/bin/env bash
# Ends what up.sh started, by the process ids it kept. usage: down.sh DIRECTORY
cd "$1" || exit
# The OSD before the monitor: it would wait for a dead one.
for daemon in rgw osd mon; do
  [ -f $daemon.pid ] || continue
  pid=$(< $daemon.pid)
  kill "$pid" 2> /dev/null
  # radosgw takes its time to hand over what nobody will ask for.
  [ $daemon = rgw ] || for _ in {1..50}; do kill -0 "$pid" 2> /dev/null && sleep 0.1 || break; done
  kill -9 "$pid" 2> /dev/null
  rm $daemon.pid
done
exit 0
