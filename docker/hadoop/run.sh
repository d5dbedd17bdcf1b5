#!/bin/sh
# A daemon of HDFS, in the foreground: run.sh namenode|datanode
#
# HADOOP_JARS, HADOOP_CONF and HADOOP_DATA say where it lies; a NameNode's folder is formatted once.
set -eu
jars=${HADOOP_JARS:-/usr/share/hadoop} conf=${HADOOP_CONF:-/etc/hadoop} data=${HADOOP_DATA:-/data}
pages=$(mktemp -d)
mkdir -p "$pages/webapps/hdfs" "$pages/webapps/datanode"

daemon() { # CLASS ARGUMENT...
  java --add-opens=java.base/java.lang=ALL-UNNAMED -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError -Xmx256m \
    -Djava.net.preferIPv4Stack=true -Djava.awt.headless=true "-Dhadoop.data=$data" \
    -cp "$conf:$pages:$jars/*" "$@"
}

case ${1:-} in
  namenode)
    class=org.apache.hadoop.hdfs.server.namenode.NameNode
    [ -e "$data/current/VERSION" ] || (daemon $class -format -nonInteractive) ;;
  datanode) class=org.apache.hadoop.hdfs.server.datanode.DataNode ;;
  *) echo "run.sh: give namenode or datanode" >&2; exit 2 ;;
esac
daemon $class &
java=$!
trap 'kill $java' TERM INT
wait $java || wait $java
rm -rf "$pages"
