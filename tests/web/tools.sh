#!/bin/sh
# Brings what drives the browser in the tests (package-lock.json: versions and hashes) into a cache
# folder, and prints the folder. Exit status 69: it could not be had, for lack of npm or a network.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

say() { echo "web: $*" >&2; }

cache=${XDG_CACHE_HOME:-$HOME/.cache}/digitd
folder=$cache/web-$(cat "$here/package.json" "$here/package-lock.json" | sha256sum | cut -c 1-12)
if [ ! -d "$folder" ]; then
  command -v npm >/dev/null || { say "npm is not there; install it"; exit 69; }
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/fetch.XXXXXX") || { say "the folder $cache cannot be written"; exit 1; }
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  mkdir "$work/web"
  cp "$here/package.json" "$here/package-lock.json" "$work/web"
  say "fetching playwright-core and axe-core by npm"
  (cd "$work/web" && npm ci --silent --ignore-scripts --no-audit --no-fund --fetch-retries=1) >&2 ||
    { say "npm could not fetch them; is the network there?"; exit 69; }
  # Another run may have been quicker.
  mv -T "$work/web" "$folder" 2>/dev/null || [ -d "$folder" ] || { say "$folder cannot be made"; exit 1; }
fi
echo "$folder"
