#!/bin/sh
# MNIST into HDFS, as files and as records, and the job that prepares the records there.
#
#     train/hadoop/prepare.sh [OPTION]... [URL]
#
# URL is a folder of HDFS (webhdfs://HOST:PORT/mnist; by default /mnist of the cluster that ./dev hdfs
# has started). What there is afterwards:
#
#     URL/files/      MNIST's four IDX files
#     URL/records/    the same pictures as records
#     URL/prepared/   what the job made of them, for `digit train --data` and `digit statistics`
#
#     --data DIR      where MNIST's files are (default: data)
#     --more FILE     more records, of your own, from a file on this machine
#     --reduces N     reducers (default: 1)
#     --yarn          run the job on YARN, not within the client's process
#     --overwrite     remove what an earlier job has left in URL/prepared
#
# Environment: DIGIT, the program (build/bin/digit; digit-map and digit-reduce are beside it);
# HADOOP_STREAMING and HADOOP_DFS, the commands of another cluster's client ("mapred streaming" and
# "hdfs dfs"). The job's two programs go with the job; the nodes need nothing of ours.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
digit=${DIGIT:-$root/build/bin/digit}

# Commands of several words, or ours.
streaming() { if [ -n "${HADOOP_STREAMING:-}" ]; then $HADOOP_STREAMING "$@"; else "$root/hadoop/cluster.sh" streaming "$@"; fi; }
dfs() { if [ -n "${HADOOP_DFS:-}" ]; then $HADOOP_DFS "$@"; else "$root/hadoop/cluster.sh" dfs "$@"; fi; }

say() { echo "prepare: $*" >&2; }
die() { say "$*"; exit 1; }

data=data more= reduces=1 framework=local overwrite= url=
while [ $# -gt 0 ]; do
  case $1 in
    --data | --more | --reduces) [ $# -ge 2 ] || die "$1 needs a value" ;;
  esac
  case $1 in
    --data) data=$2; shift ;;
    --more) more=$2; shift ;;
    --reduces) reduces=$2; shift ;;
    --yarn) framework=yarn ;;
    --overwrite) overwrite=1 ;;
    -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) die "there is no option '$1'; see train/hadoop/prepare.sh --help" ;;
    *) url=${1%/} ;;
  esac
  shift
done
case $reduces in '' | *[!0-9]* | 0) die "--reduces is '$reduces'; it must be a whole number above 0" ;; esac
[ -n "$url" ] || url=$("$root/hadoop/cluster.sh" status | tail -n 1)/mnist
case $url in
  webhdfs://*/* | swebhdfs://*/* | hdfs://*/*) path=/${url#*://*/} ;;
  *) die "'$url' is no folder of HDFS; name one such as webhdfs://HOST:PORT/mnist, or run ./dev hdfs start" ;;
esac
for program in digit digit-map digit-reduce; do
  [ -x "${digit%/*}/$program" ] || die "${digit%/*}/$program is not there; run ./dev build"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say "MNIST's files to $url/files"
for file in train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte; do
  "$digit" publish "$data/$file" "$url/files/$file" >&2
done

say "records to $url/records"
set -- -input "$path/records/train.tsv" -input "$path/records/test.tsv"
if [ -n "$more" ]; then
  "$digit" publish "$more" "$url/records/more.tsv" >&2
  set -- "$@" -input "$path/records/more.tsv"
fi
for set in train test; do
  "$digit" records --set "$set" "$url/files" >"$work/$set.tsv"
  "$digit" publish "$work/$set.tsv" "$url/records/$set.tsv" >&2
  rm "$work/$set.tsv"
done

# Two fields are the key, so that equal pictures come to the reducer in the order of their own keys; the
# first alone, their SHA-256, says to which reducer.
say "the job: $reduces reducers, $framework"
[ -z "$overwrite" ] || dfs -rm -r -f -skipTrash "$path/prepared" >&2
streaming \
  -D mapreduce.framework.name="$framework" \
  -D mapreduce.job.name="digit-prepare" \
  -D mapreduce.job.reduces="$reduces" \
  -D stream.num.map.output.key.fields=2 \
  -D mapreduce.partition.keypartitioner.options=-k1,1 \
  -files "${digit%/*}/digit-map,${digit%/*}/digit-reduce" \
  -partitioner org.apache.hadoop.mapred.lib.KeyFieldBasedPartitioner \
  -mapper digit-map -reducer digit-reduce \
  "$@" -output "$path/prepared" >"$work/job.log" 2>&1 ||
  { tail -n 30 "$work/job.log" >&2; die "the job failed; what it said is above (--overwrite removes what an earlier one has left)"; }

"$digit" statistics "$url/prepared"
say "to train from it: digit train --data $url/prepared"
