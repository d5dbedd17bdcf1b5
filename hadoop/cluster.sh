#!/bin/sh
# A real Hadoop cluster on this machine: each daemon its own process, all on loopback.
#
# Everything of a cluster lies in one folder: conf/ (a Hadoop configuration folder, made from the
# templates in hadoop/conf/), data/, logs/, run/NAME.pid, ports, settings. A process belongs to the
# cluster when -Ddigitd.cluster=FOLDER stands in its command line: pids that others have since been
# given are never taken for ours.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/daemons.sh"

say() { echo "hadoop: $*" >&2; }
die() { say "$*"; exit 1; }

help() {
  cat <<'TEXT'
Usage: ./dev hdfs COMMAND [--dir DIR] [ARGUMENT]...

  start [OPTION]...  starts what is not running yet; the last line is the cluster's URL
    --standby        a second NameNode, which can take over, and a second DataNode
    --yarn           a ResourceManager and a NodeManager; jobs then run there
    --tls            HDFS over HTTPS too (swebhdfs://)
    --while PID      stops by itself once that process is gone
  stop               stops everything; the data stays
  status             the daemons, their processes and ports, and how HDFS is; 3: not all run
  failover           makes the other NameNode the active one
  kill NAME          kills a daemon as a power cut would
  streaming ARGUMENT...                           a Hadoop Streaming job
  dfs | dfsadmin | haadmin | fsck ARGUMENT...     Hadoop's own tools
  yarn ARGUMENT...                                ... for what runs on YARN
  exec CLASS ARGUMENT...                          any class of Hadoop's
  help       prints this

A cluster lies in one folder, DIR (build/hdfs unless named, or DIGITD_HDFS). Options given at the
first start are kept; the whole cluster, its data too, is gone when the folder is removed.
TEXT
}

# --- this cluster's folder ------------------------------------------------------------------------

set_folder() { # DIR
  dir=$(realpath -m -- "$1")
  case $dir in
    *[!A-Za-z0-9._/+-]*) die "Hadoop cannot work in '$dir'; name a folder of letters, digits and ._+- with --dir" ;;
  esac
  mark=-Ddigitd.cluster=$dir
  standby=0 yarn=0 tls=0
  [ ! -e "$dir/settings" ] || . "$dir/settings"
}

lock() {
  exec 9>"$dir/lock"
  flock 9
}

names() {
  echo namenode1 datanode1
  [ "$standby" = 0 ] || echo namenode2 datanode2
  [ "$yarn" = 0 ] || echo resourcemanager nodemanager
}

port() { sed -n "s/^$1 //p" "$dir/ports"; } # NAME_WHAT

pid_of() { cat "$dir/run/$1.pid" 2>/dev/null || true; }

# ours PID...: prints those that are processes of this cluster. Those that end meanwhile are not.
ours() {
  for pid; do
    ! tr '\0' '\n' <"/proc/$pid/cmdline" | grep -qxF -e "$mark" || echo "$pid"
  done 2>/dev/null
}

alive() { [ -n "$(ours "$(pid_of "$1")")" ]; } # NAME

# All processes of the cluster: the daemons, and what YARN's jobs have started.
# shellcheck disable=SC2046
everyone() { ours $(grep -lsF -e "$mark" /proc/[0-9]*/cmdline 2>/dev/null | cut -d / -f 3); }

# --- Java -----------------------------------------------------------------------------------------

find_java() {
  java=${JAVA_HOME:+$JAVA_HOME/bin/}java
  command -v "$java" >/dev/null || die "java is not there; install default-jre-headless"
  version=$("$java" -version 2>&1 | sed -n 's/^[a-z]* version "\([0-9]*\).*/\1/p')
  case $version in
    11 | 17 | 18 | 19 | 20 | 21 | 22) ;;
    *) die "Hadoop does not run on Java $version; install openjdk-17-jre-headless or openjdk-21-jre-headless, or set JAVA_HOME" ;;
  esac
  jars=$("$here/fetch.sh") || exit $?
  # Quick to start, and small: these processes live for seconds.
  flags="--add-opens=java.base/java.lang=ALL-UNNAMED -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
    -Xshare:auto -XX:-UsePerfData -XX:+ExitOnOutOfMemoryError -Djava.net.preferIPv4Stack=true
    -Djava.awt.headless=true -Djdk.net.hosts.file=$dir/conf/hosts"
}

# tool CLASS ARGUMENT...: a client's program.
tool() {
  # shellcheck disable=SC2086
  "$java" $flags -Xmx256m "-Djava.io.tmpdir=$dir/tmp" -Dhadoop.root.logger="${log_level:-WARN},console" \
    -cp "$dir/conf:$jars/*" "$@"
}

# --- commands -------------------------------------------------------------------------------------

start() {
  watched=
  while [ $# -gt 0 ]; do
    case $1 in
      --standby) [ "$standby" = 1 ] || [ ! -e "$dir/formatted" ] ||
        die "the HDFS in $dir was made without a standby; remove $dir, or name another --dir"
        standby=1 ;;
      --yarn) yarn=1 ;;
      --tls) [ "$tls" = 1 ] || [ -z "$(everyone)" ] || die "--tls changes what runs; stop the cluster first"
        tls=1 ;;
      --while) [ $# -ge 2 ] || die "--while needs a process id"
        watched=$2
        shift ;;
      *) die "start knows no '$1'; see ./dev hdfs help" ;;
    esac
    shift
  done
  command -v curl >/dev/null || die "curl is not there; install curl"
  find_java
  mkdir -p "$dir/run" "$dir/logs" "$dir/tmp" "$dir/data" "$dir/webapps/webapps/hdfs" \
    "$dir/webapps/webapps/datanode" || die "the folder $dir cannot be written"
  lock
  echo "standby=$standby yarn=$yarn tls=$tls" >"$dir/settings"
  # A start that fails leaves nothing behind, unless something ran before it.
  [ -n "$(everyone)" ] || trap 'stop_all' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  for try in 1 2 3; do
    configure
    bring_up
    [ -n "$collided" ] || break
    [ "$try" -lt 3 ] || die "no free ports were found; see $dir/logs"
    say "another program has taken a port; trying others"
    stop_all
    rm -f "$dir/ports"
  done
  [ -z "$watched" ] || watch "$watched"
  trap - EXIT
  echo "webhdfs://$(addresses http)"
}

addresses() { # http | https
  echo "127.0.0.1:$(port "namenode1_$1")$([ "$standby" = 0 ] || echo ",127.0.0.1:$(port "namenode2_$1")")"
}

stop() {
  [ $# = 0 ] || die "stop knows no '$1'; see ./dev hdfs help"
  # Where the folder has been removed, its processes may still be there.
  [ ! -d "$dir" ] || lock
  stop_all
}

# stop_all: asks HDFS's daemons, kills them after 10 s. YARN and its jobs have nothing to save, and
# would wait for each other: they are killed at once.
stop_all() {
  daemons=
  for name in namenode1 namenode2 datanode1 datanode2; do
    daemons="$daemons $(ours "$(pid_of "$name")")"
  done
  # A process that has been stopped (SIGSTOP) hears TERM when it goes on.
  # shellcheck disable=SC2086
  { kill $daemons; kill -s CONT $daemons; } 2>/dev/null || true
  tries=0
  while others=$(everyone) && [ -n "$others" ] && [ "$tries" -lt 150 ]; do
    tries=$((tries + 1))
    for pid in $others; do
      case " $daemons " in
        *" $pid "*) [ "$tries" -lt 100 ] || kill -s KILL "$pid" ;;
        *) kill -s KILL "$pid" ;;
      esac
    done 2>/dev/null || true
    sleep 0.1
  done
  rm -f "$dir"/run/*
  [ -z "$others" ] || die "these processes do not end: $(echo "$others" | tr '\n' ' ')"
}

kill_one() {
  [ $# = 1 ] && names | tr ' ' '\n' | grep -qxF -e "$1" || die "kill needs one of: $(names | tr '\n' ' ')"
  pid=$(ours "$(pid_of "$1")")
  [ -n "$pid" ] || { say "$1 is not running"; return 0; }
  kill -s KILL "$pid"
  while [ -n "$(ours "$pid")" ]; do sleep 0.05; done
}

status() {
  [ $# = 0 ] || die "status knows no '$1'; see ./dev hdfs help"
  [ -e "$dir/ports" ] || { echo "no cluster in $dir"; return 3; }
  result=0
  for name in $(names); do
    if alive "$name"; then
      printf '%-16s %-8s%s\n' "$name" "$(pid_of "$name")" "$(ports_of "$name")$(condition "$name")"
    else
      printf '%-16s %s\n' "$name" stopped
      result=3
    fi
  done
  echo "folder           $dir"
  [ "$tls" = 0 ] || echo "swebhdfs://$(addresses https) (trust $dir/tls/ca.pem)"
  [ "$yarn" = 0 ] || echo "http://127.0.0.1:$(port resourcemanager_http)/cluster"
  echo "webhdfs://$(addresses http)"
  return $result
}

failover() {
  [ "$standby" = 1 ] || die "there is no other NameNode; start the cluster with --standby"
  find_java
  from=namenode1 to=namenode2
  if is_active namenode2 || ! alive namenode2; then from=namenode2 to=namenode1; fi
  alive "$to" || die "$to is not running; ./dev hdfs start starts it"
  tool org.apache.hadoop.hdfs.tools.DFSHAAdmin -failover "$from" "$to" >&2
  await "$to" is_active "$to"
}

# client CLASS ARGUMENT...: takes this process's place.
client() {
  [ -e "$dir/conf/core-site.xml" ] || die "there is no cluster in $dir; ./dev hdfs start makes one"
  find_java
  tool "$@"
}

command=${1:-help}
[ $# = 0 ] || shift
folder=${DIGITD_HDFS:-$here/../build/hdfs}
rest=
while [ $# -gt 0 ]; do
  case $1 in
    --dir) [ $# -ge 2 ] || die "--dir needs a folder"; folder=$2; shift 2; continue ;;
    --dir=*) folder=${1#*=}; shift; continue ;;
  esac
  # Behind a tool's name, what is not ours is the tool's.
  case $command in
    start | stop | status | failover | kill) rest="$rest $1"; shift ;;
    *) break ;;
  esac
done
# shellcheck disable=SC2086
[ -z "$rest" ] || set -- $rest

case $command in help | -h | --help) help; exit ;; esac
set_folder "$folder"
case $command in
  start | stop | status | failover) "$command" "$@" ;;
  kill) kill_one "$@" ;;
  dfs) client org.apache.hadoop.fs.FsShell "$@" ;;
  dfsadmin) client org.apache.hadoop.hdfs.tools.DFSAdmin "$@" ;;
  haadmin) client org.apache.hadoop.hdfs.tools.DFSHAAdmin "$@" ;;
  fsck) client org.apache.hadoop.hdfs.tools.DFSck "$@" ;;
  streaming) log_level=INFO; client org.apache.hadoop.streaming.HadoopStreaming "$@" ;;
  yarn) client org.apache.hadoop.yarn.client.cli.ApplicationCLI "$@" ;;
  exec) [ $# -ge 1 ] || die "exec needs a class"; client "$@" ;;
  *) die "there is no command '$command'; see ./dev hdfs help" ;;
esac
