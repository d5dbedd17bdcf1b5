#!/bin/sh
# Builds for a processor and installs into a folder what is asked for, as a distribution's package would.
#
#     docker/root/build.sh ARCHITECTURE FOLDER COMPONENT...        (server, tool, torch)
set -eu
target=$1 folder=$2
shift 2
cd "$(dirname "$0")/../.."

case $target in
  amd64) triplet=x86_64-linux-gnu processor=x86_64 ;;
  arm64) triplet=aarch64-linux-gnu processor=aarch64 ;;
esac
export PKG_CONFIG_LIBDIR=/usr/lib/$triplet/pkgconfig:/usr/share/pkgconfig
torch=OFF programs="digitd digit_store_hdfs"
case " $* " in *" torch "*) torch=ON programs=all ;; esac
cmake --preset release -DDIGIT_TORCH=$torch -DDIGIT_TESTS=OFF -DDIGIT_DOCS=ON \
  -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=$processor \
  -DCMAKE_C_COMPILER=$triplet-gcc -DCMAKE_CXX_COMPILER=$triplet-g++
# shellcheck disable=SC2086
ninja -C build $programs
for component; do
  DESTDIR=$folder cmake --install build --strip --prefix /usr --component "$component"
done
