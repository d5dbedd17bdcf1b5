#!/bin/sh
# Builds the images, with Docker where it runs and otherwise with buildah.
#
#     docker/image.sh [--arch amd64|arm64] [--base IMAGE] [--tag NAME] [--no-cache] [digitd|torch|trainer|test]...
#
# Without a name: digitd. An image is named NAME (default digitd), with :torch, :trainer or :test where it is that one,
# and -arm64 at its end where it is for another processor than this one.
set -eu
cd "$(dirname "$0")/.."

here=$(dpkg --print-architecture)
arch=$here base=debian:trixie-slim tag=digitd cache=
while [ $# -gt 0 ]; do
  case $1 in
    --arch | --base | --tag)
      [ $# -ge 2 ] || { echo "image: $1 needs a value" >&2; exit 2; }
      case $1 in --arch) arch=$2 ;; --base) base=$2 ;; --tag) tag=$2 ;; esac
      shift 2 ;;
    --no-cache) cache=$1; shift ;;
    -*) echo "image: '$1' is no option; see docker/image.sh" >&2; exit 2 ;;
    *) break ;;
  esac
done
[ $# -gt 0 ] || set -- digitd

say() { echo "image: $*" >&2; }

# The time of the last change: what is built from the same files has the same bytes.
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
revision=${REVISION:-$(git describe --always --dirty 2>/dev/null || echo unknown)}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# What the build would fetch by itself is taken from the cache here, where it can be had.
contexts=
if folder=$(server/docs/fetch.sh); then
  mkdir -p "$work/site/digitd"
  cp -r "$folder" "$work/site/digitd/"
  contexts="--build-context site=$work/site"
fi

data=${DIGIT_DATA:-data}
[ ! -e "$data/t10k-labels-idx1-ubyte" ] || contexts="$contexts --build-context mnist=$data"

if docker info >/dev/null 2>&1; then
  build() { docker buildx build --load --platform "linux/$arch" "$@"; }
  size() { docker image ls --format '{{.Size}}' "$1"; }
else
  command -v buildah >/dev/null || { say "neither Docker nor buildah is there; ./dev image installs buildah"; exit 1; }
  export BUILDAH_ISOLATION="${BUILDAH_ISOLATION:-chroot}"
  buildah info >/dev/null 2>&1 || export STORAGE_DRIVER=vfs
  build() { buildah build --build-arg "BUILDPLATFORM=linux/$here" --format docker --layers --timestamp "$epoch" --platform "linux/$arch" "$@"; }
  size() { buildah images --format '{{.Size}}' "$1"; }
  if ! buildah inspect --type image "$base" >/dev/null 2>&1 && ! timeout 60 buildah pull -q "$base" >/dev/null 2>&1; then
    say "$base cannot be had; the base is made by debootstrap"
    base=localhost/digitd-base:trixie
    buildah inspect --type image "$base" >/dev/null 2>&1 || {
      archive=$(docker/base.sh trixie)
      container=$(buildah from scratch)
      buildah add -q "$container" "$archive" / >/dev/null
      buildah config --env PATH=/usr/sbin:/usr/bin:/sbin:/bin "$container"
      buildah commit -q --rm "$container" "$base" >/dev/null
    }
  fi
fi

for image; do
  name=$tag
  [ "$image" = digitd ] || name=$name:$image
  [ "$arch" = "$here" ] || name=$name-$arch
  say "building $name"
  # shellcheck disable=SC2086
  build $cache $contexts --build-arg "BASE=$base" --build-arg "SOURCE_DATE_EPOCH=$epoch" \
    --build-arg "REVISION=$revision" --target "$image" --tag "$name" .
  say "built $name ($(size "$name"))"
done
