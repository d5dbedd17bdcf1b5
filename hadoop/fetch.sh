#!/bin/sh
# Brings Hadoop's jars into a cache folder by Maven, each with the SHA-256 that it must have.
#
#     hadoop/fetch.sh        prints the folder; fetches only what is not there yet
#     hadoop/fetch.sh pin    fetches what pom.xml names now, and writes jars.sha256 anew
#
# The folder's name holds a hash of what it must hold: after a change of versions it is another one.
# Exit status 69: the jars could not be had, for lack of Maven or of a network.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

say() { echo "hadoop: $*" >&2; }
die() { say "$*"; exit 1; }
unavailable() { say "$*"; exit 69; }

# maven FOLDER: copies the jars there.
maven() {
  command -v mvn >/dev/null || unavailable "mvn is not there; install maven"
  mvn -B -q -Dstyle.color=never -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
    -DoutputDirectory="$1" >"$work/log" 2>&1 ||
    { grep -m 1 ERROR "$work/log" >&2; unavailable "Maven could not fetch Hadoop; is the network there?"; }
}

pin() {
  maven "$work/jars"
  (cd "$work/jars" && LC_ALL=C sha256sum ./*.jar | sed 's|\./||') >"$here/jars.sha256"
}

fetch() {
  say "fetching Hadoop's jars, 90 MB, into $jars"
  maven "$work/jars"
  (cd "$work/jars" && sha256sum --check --quiet --strict "$here/jars.sha256") >&2 ||
    die "Maven's jars are not those of hadoop/jars.sha256; if pom.xml has been changed, run hadoop/fetch.sh pin"
  # Another run may have been quicker.
  mv -T "$work/jars" "$jars" 2>/dev/null || [ -d "$jars" ] || die "$jars cannot be made"
}

cache=${XDG_CACHE_HOME:-$HOME/.cache}/digitd
version=$(sed -n 's/^  <version>\(.*\)<.*/\1/p' "$here/pom.xml")
jars=$cache/hadoop-$version-$(cat "$here/pom.xml" "$here/jars.sha256" | sha256sum | cut -c 1-12)

if [ "${1:-}" = pin ] || [ ! -d "$jars" ]; then
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/fetch.XXXXXX") || die "the folder $cache cannot be written"
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if [ "${1:-}" = pin ]; then pin; exit; fi
  fetch
fi
echo "$jars"
