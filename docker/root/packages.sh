#!/bin/sh
# Installs the Debian packages that it takes to build for a processor, this one or another.
#
#     docker/root/packages.sh ARCHITECTURE PACKAGE...
#
# A compiler becomes one that compiles for it; what is linked is that processor's own; all else runs
# here, and stays what it is.
set -eu
target=$1; shift
export DEBIAN_FRONTEND=noninteractive

case $target in
  amd64) for=-x86-64-linux-gnu ;;
  arm64) for=-aarch64-linux-gnu ;;
  *) echo "packages: images are built for amd64 and arm64, not for '$target'" >&2; exit 2 ;;
esac
if [ "$target" = "$(dpkg --print-architecture)" ]; then for=; else dpkg --add-architecture "$target"; fi
apt-get update -qq
packages=
for package; do
  case $package in
    gcc | g++) packages="$packages $package$for" ;;
    *-dev | lib*) packages="$packages $package:$target" ;;
    *) packages="$packages $package" ;;
  esac
done
apt-get upgrade -qq -y >/dev/null # an image's libraries come from here
# shellcheck disable=SC2086
apt-get install -qq -y --no-install-recommends $packages >/dev/null
