#!/bin/sh
# Makes a minimal Debian 13 by debootstrap, for where no registry of images is reached. Prints the
# path of its archive in the cache; what is there is used for a week.
#
#     docker/base.sh [SUITE]
set -eu
suite=${1:-trixie}

cache=${XDG_CACHE_HOME:-$HOME/.cache}/digitd
archive=$cache/debian-$suite-$(dpkg --print-architecture).tar.gz
if [ -z "$(find "$archive" -mtime -7 2>/dev/null)" ]; then
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/base.XXXXXX")
  sudo=
  [ "$(id -u)" = 0 ] || sudo=sudo
  trap '$sudo rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  echo "base: making a Debian $suite by debootstrap" >&2
  $sudo debootstrap --variant=minbase "$suite" "$work/root" >"$work/log" 2>&1 ||
    { tail -n 5 "$work/log" >&2; echo "base: debootstrap failed; is the network there?" >&2; exit 69; }
  # debootstrap knows the release alone, not what was mended since.
  sources=$work/root/etc/apt/sources.list
  { cat "$sources"; sed "s|\(/debian\) $suite |\1 $suite-updates |" "$sources"
    sed "s|\(/debian\) $suite |\1-security $suite-security |" "$sources"; } >"$work/sources"
  $sudo cp "$work/sources" "$sources"
  $sudo rm -rf "$work/root/var/cache/apt/archives" "$work/root/var/lib/apt/lists"
  $sudo mkdir -p "$work/root/var/cache/apt/archives/partial" "$work/root/var/lib/apt/lists/partial"
  $sudo tar -C "$work/root" --numeric-owner --one-file-system --exclude './dev/*' --exclude './proc/*' -czf "$work/archive" .
  mv -f "$work/archive" "$archive"
fi
echo "$archive"
