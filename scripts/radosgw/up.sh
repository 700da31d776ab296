#!/usr/bin/env bash
# Starts a single-node Ceph cluster in memory (monitor, one OSD, radosgw) on 127.0.0.1: no root, no systemd, no container.
# usage: up.sh DIRECTORY RADOSGW_PORT MONITOR_PORT ACCESS_KEY SECRET_KEY
# The daemons' process ids are in DIRECTORY/*.pid; down.sh ends them.
set -euo pipefail
radosgw_port=$2 monitor_port=$3 access_key=$4 secret_key=$5
mkdir -p "$1"/{mon,osd,run,log}
directory=$(cd "$1" && pwd)
cd "$directory"

# Not evident: radosgw insists on the "secure" mode and waits for ever without ms_mon_client_mode; every pool is a
# round of Paxos, which takes a second by default; without tcp_nodelay a request takes 40 ms.
cat > ceph.conf <<CONF
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon_host = v2:127.0.0.1:$monitor_port/0
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
auth_allow_insecure_global_id_reclaim = true
ms_bind_msgr1 = false
ms_mon_client_mode = crc
ms_cluster_mode = crc
ms_service_mode = crc
ms_client_mode = crc
run_dir = $directory/run
admin_socket = $directory/run/\$name.asok
pid_file = $directory/run/\$name.pid
log_file = $directory/log/\$name.log
crash_dir = $directory/run
osd_pool_default_size = 1
osd_pool_default_min_size = 1
mon_allow_pool_size_one = true
osd_crush_chooseleaf_type = 0
osd_pool_default_pg_num = 2
osd_pool_default_pgp_num = 2
osd_pool_default_pg_autoscale_mode = off
osd_objectstore = memstore
memstore_device_bytes = 4294967296
osd_max_object_name_len = 2048
osd_max_object_namespace_len = 256
mon_data_avail_crit = 1
mon_data_avail_warn = 1
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
mon_tick_interval = 1
[client]
admin_socket =
[mon.a]
mon_data = $directory/mon
[osd.0]
osd_data = $directory/osd
osd_journal = $directory/osd/journal
key =
[client.rgw]
rgw_frontends = beast endpoint=127.0.0.1:$radosgw_port tcp_nodelay=1
rgw_data = $directory/run
rgw_enable_lc_threads = false
CONF
export CEPH_CONF=$directory/ceph.conf

# until_so SECONDS COMMAND...: repeats it until it succeeds.
until_so() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" 2> /dev/null; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

# daemon NAME COMMAND...: in the background, its process id kept.
daemon() {
  local name=$1
  shift
  "$@" > "log/$name.out" 2>&1 &
  echo $! > "$name.pid"
}

fail() {
  echo "radosgw did not start: $1. The end of its logs:" >&2
  tail -n 20 log/*.out log/*.log >&2
  exit 1
}

monmaptool --create --clobber --addv a "[v2:127.0.0.1:$monitor_port/0]" monmap > /dev/null
ceph-mon -i a --mkfs --monmap monmap
daemon mon ceph-mon -i a -f
osd_uuid=$(cat /proc/sys/kernel/random/uuid)
until_so 30 ceph --connect-timeout 2 osd new "$osd_uuid" 0 > /dev/null || fail "the monitor does not answer"
ceph-osd -i 0 --mkfs --osd-uuid "$osd_uuid" > log/mkfs.out 2>&1
daemon osd ceph-osd -i 0 -f
osd_is_up() { ceph --connect-timeout 2 osd stat | grep -q '1 up'; }
until_so 30 osd_is_up || fail "the OSD does not come up"
daemon rgw radosgw -n client.rgw -f
listens() { (exec 3<> "/dev/tcp/127.0.0.1/$radosgw_port"); }
until_so 60 listens || fail "nothing listens on port $radosgw_port"
radosgw-admin -n client.rgw user create --uid=fieldfile --display-name=fieldfile \
  --access-key="$access_key" --secret-key="$secret_key" > log/user.out 2>&1 || fail "it made no user"
