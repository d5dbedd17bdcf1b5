#!/bin/sh
# Runs browser tests against a real digitd: run.sh DIGITD MODEL FILE.mjs...
# Exit status 77 (ctest: skipped): what drives the browser could not be fetched.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
DIGITD=$1 MODEL=$2
shift 2
command -v node >/dev/null || { echo "web: node is not there; install nodejs" >&2; exit 1; }
WEB_TOOLS=$("$here/tools.sh") || { [ $? != 69 ] || exit 77; exit 1; }
export DIGITD MODEL WEB_TOOLS
exec node --test --test-reporter=spec "$@"
