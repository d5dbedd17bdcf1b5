#!/bin/sh
# The .deb on Debian 13: built in one copy of a minimal system, tried in another. Needs root.
#
#     tests/image/package.sh [ROOT]      a folder, or an archive of one; docker/base.sh makes the default
#
# Exit status 77: something that it takes is not here.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
base=${1:-}

say() { echo "package: $*"; }
die() { say "$*"; exit 1; }

# Mounts are made in a name space of their own, and go with it before anything is removed.
if [ -z "${PACKAGE_WORK:-}" ]; then
  [ "$(id -u)" = 0 ] || { say "needs root, to change roots"; exit 77; }
  for program in unshare curl; do
    command -v $program >/dev/null || { say "needs $program"; exit 77; }
  done
  [ -n "$base" ] || base=$("$here/docker/base.sh") || exit 77
  work=$(mktemp -d)
  trap 'rm -rf --one-file-system "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  PACKAGE_WORK=$work unshare --mount --pid --fork --kill-child "$0" "$base"
  exit
fi
work=$PACKAGE_WORK

# make_root NAME: a copy of the base, ready to install packages in.
make_root() {
  root=$work/$1
  mkdir "$root"
  if [ -d "$base" ]; then cp -a "$base/." "$root"; else tar -C "$root" -xf "$base"; fi
  mount -t proc proc "$root/proc"
  for device in 'null 3' 'zero 5' 'random 8' 'urandom 9'; do
    [ -e "$root/dev/${device% *}" ] || mknod -m 666 "$root/dev/${device% *}" c 1 "${device#* }"
  done
  rm -f "$root/etc/resolv.conf"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # nothing is started in here
  chmod 755 "$root/usr/sbin/policy-rc.d"
  echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/quick"
}

# inside NAME COMMAND...
inside() {
  root=$work/$1; shift
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    SOURCE_DATE_EPOCH="$epoch" chroot "$root" "$@"
}

build() {
  make_root build
  mkdir -p "$work/build/src" "$work/build/root/.cache/digitd"
  cp -a "$("$here/server/docs/fetch.sh")" "$work/build/root/.cache/digitd"
  (cd "$here" && git ls-files -z --cached --others --exclude-standard |
    tar -c --null -T - --ignore-failed-read) | tar -C "$work/build/src" -x
  inside build /src/dev package >"$work/path" 2>"$work/log" || { tail -n 30 "$work/log"; die "it is not built"; }
  deb=$(cat "$work/path")
  first=$(sha256sum "$work/build$deb")
  inside build /src/dev package >/dev/null 2>&1
  [ "$first" = "$(sha256sum "$work/build$deb")" ] || die "packed a second time it is another"
  deb=$work/build$deb
}

check_lintian() {
  command -v lintian >/dev/null || { say "lintian: not here; that check is left out"; return; }
  lintian --allow-root --fail-on warning,error "$deb" >"$work/log" 2>&1 || { cat "$work/log"; die "lintian complains"; }
}

apt() { inside clean apt-get -qq -y --no-install-recommends "$@" >"$work/log" 2>&1 || { tail -n 20 "$work/log"; die "apt-get $*"; }; }

install_package() {
  make_root clean
  cp "$deb" "$work/clean/new.deb"
  apt update
  apt install systemd /new.deb
  rm "$work/clean/new.deb"
  wants=$work/clean/etc/systemd/system
  [ -L "$wants/multi-user.target.wants/digitd.service" ] || die "the service is not enabled"
  [ ! -e "$wants/sockets.target.wants/digitd.socket" ] || die "the socket is enabled"
}

check_units() {
  inside clean systemd-analyze verify --man=no digitd.service digitd.socket >"$work/log" 2>&1 ||
    { cat "$work/log"; die "systemd does not like the units"; }
  ! grep digitd "$work/log" || die "systemd complains of the units"
}

# A digit over a socket, served by nobody in particular.
check_prediction() {
  : >"$work/said" # so that it is there before the one who writes it
  # shellcheck disable=SC2016
  inside clean sh -c 'echo $$ >/pid; exec setpriv --reuid nobody --regid nogroup --clear-groups digitd --port 0' \
    2>"$work/said" &
  server=$!
  for _ in $(seq 600); do
    url=$(sed -n 's/.* on \(http:.*\)/\1/p' "$work/said")
    [ -z "$url" ] || break
    kill -0 $server 2>/dev/null || die "digitd does not serve: $(cat "$work/said")"
    sleep 0.1
  done
  answer=$(curl -sS --max-time 30 --data-binary "@$here/tests/pictures/seven.png" -H 'Content-Type: image/png' "$url/predict")
  kill "$(cat "$work/clean/pid")"
  wait $server || die "digitd ends with status $?"
  case $answer in
    '{"prediction":7,'*) ;;
    *) die "it answers $answer" ;;
  esac
  cp "$here/tests/pictures/seven.png" "$work/clean/seven.png"
  inside clean digit predict --model /usr/share/digit/cnn_mnist.pth /seven.png >"$work/log" 2>&1 || { cat "$work/log"; die "digit does not predict"; }
  rm "$work/clean/seven.png"
}

check_purge() {
  mkdir -p "$work/clean/var/cache/private/digitd"
  apt purge digitd
  left=$(find "$work/clean" -xdev -name '*digit[d_.-]*' -print)
  [ -z "$left" ] || die "a purge leaves $left"
}

epoch=$(git -C "$here" log -1 --format=%ct)
build
check_lintian
install_package
check_units
check_prediction
check_purge
say "$(basename "$deb"), $(($(stat -c %s "$deb") / 1024)) KB: built, installed, asked and purged on Debian $(cat "$work/clean/etc/debian_version")"
