# The daemons, for cluster.sh: their ports and configuration, how each is launched, formatted, asked
# how it is. It uses cluster.sh's variables: dir, mark, standby, yarn, tls, java, flags, jars, here.

PORTS='namenode1_rpc namenode1_http namenode1_https namenode2_rpc namenode2_http namenode2_https
  datanode1_data datanode1_ipc datanode1_http datanode1_https
  datanode2_data datanode2_ipc datanode2_http datanode2_https
  resourcemanager_rpc resourcemanager_scheduler resourcemanager_tracker resourcemanager_admin
  resourcemanager_http nodemanager_rpc nodemanager_localizer nodemanager_http nodemanager_shuffle'
START_SECONDS=60

# --- ports and configuration ----------------------------------------------------------------------

# Prints the ports that this machine's sockets have, one a line; those in TIME_WAIT (06) hinder nobody.
taken() {
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
    sed -n '/^ *[0-9]*: [^ ]* [^ ]* 06 /d; s/^ *[0-9]*: [0-9A-F]*:\([0-9A-F]*\) .*/0x\1/p' |
    while read -r hex; do echo "$((hex))"; done
}

# Keeps the ports of the last start when they are free, or chooses others. They lie below those
# that the kernel gives to clients: nobody gets one by chance while its daemon is being restarted.
choose_ports() {
  busy=" $(taken | tr '\n' ' ') "
  if [ -e "$dir/ports" ]; then
    free=1
    for number in $(cut -d ' ' -f 2 "$dir/ports"); do
      case $busy in *" $number "*) free=0 ;; esac
    done
    [ "$free" = 0 ] || return 0
  fi
  number=$((15000 + $(od -An -N2 -tu2 /dev/urandom) % 15000))
  for what in $PORTS; do
    while number=$((number + 1)); do
      case $busy in *" $number "*) ;; *) break ;; esac
    done
    echo "$what $number"
  done >"$dir/ports"
}

# Writes conf/ from the templates. What runs keeps the ports that it has.
configure() {
  [ -n "$(everyone)" ] || choose_ports
  if [ "$standby" = 0 ]; then
    default_fs=hdfs://127.0.0.1:$(port namenode1_rpc) replication=1 namenodes=one
  else
    default_fs=hdfs://digit replication=2 namenodes=two
  fi
  policy=HTTP_ONLY framework=local
  [ "$tls" = 0 ] || policy=HTTP_AND_HTTPS
  [ "$yarn" = 0 ] || framework=yarn
  mkdir -p "$dir/conf"
  for template in "$here"/conf/*; do
    name=$(basename "$template")
    sed -e "$(sed 's/\(.*\) \(.*\)/s|@\1@|\2|g/' "$dir/ports")" -e "s|@dir@|$dir|g" \
      -e "s|@conf@|$dir/conf|g" -e "s|@jars@|$jars|g" -e "s|@here@|$here|g" \
      -e "s|@hostname@|$(uname -n)|g" -e "s|@default_fs@|$default_fs|g" -e "s|@replication@|$replication|g" \
      -e "s|@http_policy@|$policy|g" -e "s|@framework@|$framework|g" \
      -e "s|@java_flags@|$(echo "$flags $mark" | tr -s ' \n' '  ')|g" "$template" >"$dir/conf/$name.new"
    mv "$dir/conf/$name.new" "$dir/conf/$name"
  done
  cp "$dir/conf/namenodes-$namenodes.xml" "$dir/conf/namenodes.xml"
  [ "$tls" = 0 ] || [ -e "$dir/tls/ca.pem" ] || certify
}

certify() {
  mkdir -p "$dir/tls"
  rm -f "$dir/tls/keystore.p12"
  keytool=$(dirname "$(readlink -f "$(command -v "$java")")")/keytool
  "$keytool" -genkeypair -alias digitd -dname CN=localhost -ext san=ip:127.0.0.1,dns:localhost \
    -keyalg EC -groupname secp256r1 -validity 3650 -storetype pkcs12 \
    -keystore "$dir/tls/keystore.p12" -storepass loopback >"$dir/logs/tls.log" 2>&1 &&
    "$keytool" -exportcert -rfc -alias digitd -keystore "$dir/tls/keystore.p12" -storepass loopback \
      >"$dir/tls/ca.pem.new" 2>>"$dir/logs/tls.log" ||
    die "no certificate could be made; see $dir/logs/tls.log"
  mv "$dir/tls/ca.pem.new" "$dir/tls/ca.pem"
}

# --- launching ------------------------------------------------------------------------------------

# as NAME HEAP CLASS ARGUMENT...: the command of a daemon, on standard output and error its log.
as() {
  name=$1 heap=$2
  shift 2
  # shellcheck disable=SC2086
  set -- "$java" $flags "-Xmx$heap" "$mark" "-Ddigitd.daemon=$name" "-Djava.io.tmpdir=$dir/tmp" \
    "-Dhadoop.log.dir=$dir/logs" -cp "$dir/conf:$dir/webapps:$jars/*" "$@"
  unset HADOOP_USER_NAME
  cd "$dir" || exit
  exec setsid "$@" </dev/null >>"$dir/logs/$name.log" 2>&1 9>&-
}

namenode() { # NAME ARGUMENT...
  name=$1
  shift
  as "$name" 160m org.apache.hadoop.hdfs.server.namenode.NameNode "-Ddfs.ha.namenode.id=$name" "$@"
}

datanode() { # NAME
  as "$1" 128m org.apache.hadoop.hdfs.server.datanode.DataNode \
    "-Ddfs.datanode.address=127.0.0.1:$(port "$1_data")" \
    "-Ddfs.datanode.ipc.address=127.0.0.1:$(port "$1_ipc")" \
    "-Ddfs.datanode.http.address=127.0.0.1:$(port "$1_http")" \
    "-Ddfs.datanode.https.address=127.0.0.1:$(port "$1_https")"
}

launch() { # NAME
  alive "$1" && return
  # Where this start's part of the log begins.
  touch "$dir/logs/$1.log"
  wc -c <"$dir/logs/$1.log" >"$dir/run/$1.begin"
  case $1 in
    namenode?) namenode "$1" & ;;
    datanode?) datanode "$1" & ;;
    resourcemanager) as "$1" 192m org.apache.hadoop.yarn.server.resourcemanager.ResourceManager & ;;
    nodemanager) as "$1" 160m org.apache.hadoop.yarn.server.nodemanager.NodeManager & ;;
  esac
  echo $! >"$dir/run/$1.pid"
}

# watch PID: stops the cluster once that process is gone.
watch() {
  ! alive watcher || return 0
  # shellcheck disable=SC2016
  setsid sh -c 'while kill -0 "$2" 2>/dev/null; do sleep 2; done; exec "$3" stop --dir "$4"' \
    watcher "$mark" "$1" "$here/cluster.sh" "$dir" </dev/null >>"$dir/logs/watcher.log" 2>&1 9>&- &
  echo $! >"$dir/run/watcher.pid"
}

format() {
  [ ! -e "$dir/formatted" ] || return 0
  rm -rf "$dir/data"
  mkdir -p "$dir/data"
  (namenode namenode1 -format -nonInteractive) ||
    { tail -n 15 "$dir/logs/namenode1.log" >&2; die "HDFS could not be formatted; see $dir/logs/namenode1.log"; }
  : >"$dir/formatted"
}

# bring_up: all that is not running yet, until HDFS serves. Sets `collided` instead when another
# program has taken a port.
bring_up() {
  collided=
  format
  for name in $(names); do
    [ "$name" = namenode2 ] && [ ! -e "$dir/data/namenode2/current/VERSION" ] || launch "$name"
  done
  await namenode1 answers namenode1 || return 0
  if [ "$standby" = 1 ]; then
    if [ ! -e "$dir/data/namenode2/current/VERSION" ]; then
      (namenode namenode2 -bootstrapStandby -nonInteractive) ||
        die "the second NameNode cannot be made; see $dir/logs/namenode2.log"
      launch namenode2
    fi
    await namenode2 answers namenode2 || return 0
    is_active namenode1 || is_active namenode2 || activate namenode1
  fi
  for name in $(names); do
    await "$name" ready "$name" || return 0
  done
  furnish
}

activate() { # NAME
  tool org.apache.hadoop.hdfs.tools.DFSHAAdmin -transitionToActive "$1" >>"$dir/logs/$1.log" 2>&1 ||
    die "$1 could not be made active; see $dir/logs/$1.log"
}

# The folders that every user expects; others are for their owners to make.
furnish() {
  me=$(id -un) name=namenode1
  is_active "$name" || name=namenode2
  for folder in "tmp?permission=1777" "user/$me?permission=755"; do
    get "$(port "${name}_http")/webhdfs/v1/$folder&op=MKDIRS&user.name=$me" PUT | grep -q true ||
      die "the folder ${folder%%\?*} cannot be made in HDFS; see $dir/logs/$name.log"
  done
}

# await NAME CONDITION...: waits until it holds; fails when NAME could not have its port.
await() {
  name=$1 tries=0
  shift
  until "$@"; do
    if ! alive "$name"; then
      tail -c "+$(($(cat "$dir/run/$name.begin") + 1))" "$dir/logs/$name.log" >"$dir/run/$name.end"
      ! grep -q 'Address already in use' "$dir/run/$name.end" || { collided=1; return 1; }
      tail -n 15 "$dir/run/$name.end" >&2
      die "$name has ended; see $dir/logs/$name.log"
    fi
    tries=$((tries + 1))
    [ "$tries" -lt $((START_SECONDS * 4)) ] ||
      { tail -n 15 "$dir/logs/$name.log" >&2; die "$name is not ready after $START_SECONDS s; see $dir/logs/$name.log"; }
    sleep 0.25
  done
}

# --- how they are ---------------------------------------------------------------------------------

get() { curl -s --noproxy '*' --max-time 5 "http://127.0.0.1:$1" -X "${2:-GET}"; } # PORT/PATH [METHOD]

bean() { get "$(port "$1_http")/jmx?qry=Hadoop:service=NameNode,name=$2"; } # NAME BEAN

answers() { [ -n "$(ha_state "$1")" ]; } # NAME

ha_state() { bean "$1" NameNodeStatus | sed -n 's/^ *"State" : "\(.*\)".*/\1/p'; } # NAME

is_active() { [ "$(ha_state "$1")" = active ]; } # NAME

# What a NameNode says of itself: Operational or safeMode.
fs_state() { bean "$1" FSNamesystemState | sed -n 's/^ *"FSState" : "\(.*\)".*/\1/p'; } # NAME

live_datanodes() { bean "$1" FSNamesystemState | sed -n 's/^ *"NumLiveDataNodes" : \([0-9]*\).*/\1/p'; } # NAME

ready() { # NAME
  case $1 in
    namenode?)
      [ "$(fs_state "$1")" = Operational ] && [ "$(live_datanodes "$1")" = $((standby + 1)) ] || return
      ! is_active "$1" || get "$(port "$1_http")/webhdfs/v1/?op=GETFILESTATUS" | grep -q '"FileStatus"' ;;
    datanode?) get "$(port "$1_http")/jmx?qry=java.lang:type=Runtime" | grep -q '"Uptime"' ;;
    resourcemanager) get "$(port resourcemanager_http)/ws/v1/cluster/metrics" | grep -q '"activeNodes":1[,}]' ;;
    nodemanager) get "$(port nodemanager_http)/ws/v1/node/info" | grep -q '"nodeHealthy":true' ;;
  esac
}

ports_of() { sed -n "s/^$1_\([a-z]*\) / \1=/p" "$dir/ports" | tr -d '\n'; } # NAME

condition() { # NAME
  case $1 in
    namenode?) echo ", $(ha_state "$1"), $(fs_state "$1"), DataNodes: $(live_datanodes "$1")" ;;
  esac
}
