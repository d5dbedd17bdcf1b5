#!/bin/sh
# Checks the rules that keep the layout true: who may see whom, and how large things may grow.
# Prints each breach; its exit status is the verdict.   usage: tests/layout.sh
set -eu
cd "$(dirname "$0")/.."

breaches=$(mktemp)
trap 'rm -f "$breaches"' EXIT
breach() { echo "layout: $*" | tee -a "$breaches"; }

sources() { git ls-files --cached --others --exclude-standard -- "$@"; }

# only PATTERN WHO...: of model/, server/ and train/, only the files WHO include what fits PATTERN.
only() {
  pattern=$1; shift
  for file in $(sources 'model/*.[ch]' 'model/*.cpp' 'server/*.[ch]' 'train/*.[ch]' 'train/*.cpp'); do
    grep -qE "^ *# *include *[<\"]($pattern)" "$file" || continue
    for allowed; do
      # shellcheck disable=SC2254
      case $file in $allowed) continue 2 ;; esac
    done
    breach "$file includes $(grep -oE "[<\"]($pattern)[^>\"]*" "$file" | head -n 1 | tr -d '<"'); only $* may"
  done
}

# 1. A foreign header is seen by the files that are there to hide it.
only 'stb/' model/image/stb.c train/png.c
only 'zip\.h' model/checkpoint/archive.c
only 'curl/' model/store/transfer.c
only 'microhttpd' 'server/http/*'
only 'gnutls/' 'server/http/tls.[ch]' server/http/receive.c server/http/client.c
only 'b64/' model/base64.c
only 'jansson' model/document.h 'model/card/*' model/store/answer.c
only 'model/document' model/document.c model/card.c 'model/card/*' server/api/write.c train/lab/metrics.c train/client/answer.c
only 'model/card/' model/card.c 'model/card/*'
only 'server/pull' 'server/pull/*' server/api/read.c 'server/api/options.[ch]' server/openinference.h 'server/openinference/*'
only 'server/openinference/' 'server/openinference/*'
only 'train/client/' 'train/client/*'
only 'sha2' model/sha256.c
only 'libdeflate' 'model/image/png*.c' train/png.c
only 'zlib' train/dataset/mnist.c
only 'dlfcn' model/plugin.c
only 'seccomp\.h' server/process/sandbox.c
only 'spawn\.h' train/plot/gnuplot.c
only 'torch/|ATen/|c10/' 'model/*torch*' 'train/*torch*'

# 2. The library leans on nobody, and the server's own layers only on errors.
only 'server/' 'server/*'
only 'train/' 'train/*'
for file in $(sources 'model/base64.[ch]' 'server/batcher.h' 'server/batcher/*.[ch]' 'server/http.h' 'server/http/*.[ch]'); do
  room=$(basename "${file%.*}")
  others=$(grep -E '^#include "' "$file" | grep -vE "\"(model/error|(model|server)/$room|server/http|server/http/[a-z]+|server/batcher|server/batcher/[a-z]+)\.h\"" || true)
  [ -z "$others" ] || breach "$file knows more than its own room and errors: $others"
done

# 3. Only predict.c and its room know every step of a request; no step knows the next.
for step in model/canvas model/image model/base64; do
  for file in $(sources 'server/*.[ch]'); do
    case $file in server/predict.c | server/predict/*) continue ;; esac
    ! grep -q "\"$step.h\"" "$file" || breach "$file knows $step.h; only server/predict.c and its room may"
  done
done

# 4. Routes and errors stand in the OpenAPI document, and the other way round. The site's files, which
# people look at and no program calls, are in no document; they have a table of their own (site.c).
same() { # WHAT CODE DOCUMENT
  [ "$2" = "$3" ] || breach "$1 differ between the code and openapi.yaml: $(
    printf '%s\n' "$2" "$3" | sort | uniq -u | tr '\n' ' ')"
}
same routes "$(sed -n 's/^ *{"\(\/[^"]*\)".*/\1/p' server/routes.c | sort)" \
  "$(sed -n '/^paths:/,/^[a-z]*:$/s/^  \(\/.*\):$/\1/p' openapi/openapi.yaml | sort)"
same "error codes" "$(sed -n 's/^ *X([A-Z0-9_]*, [0-9]*, "\([a-z0-9-]*\)".*/\1/p' model/error.h | sort)" \
  "$(grep -oE '/problems#[a-z0-9-]+' openapi/openapi.yaml | sed 's/.*#//' | sort -u)"
for status in $(sed -n 's/^ *X([A-Z0-9_]*, \([0-9]*\),.*/\1/p' model/error.h | sort -u); do
  grep -q "{$status, \"$status\"}" server/metrics/metrics.c ||
    breach "server/metrics/metrics.c does not count answers with status $status"
done

# 5. C++ stands only where libtorch is called, and lets no exception out.
for file in $(sources '*.cpp' '*.cc' '*.hpp'); do
  grep -qE '^#include <(torch|ATen)/' "$file" || breach "$file is C++ but does not call libtorch"
  ! grep -q 'extern "C" {' "$file" || ! grep -qE '^extern __attribute__' "$file" ||
    grep -q noexcept "$file" || breach "$file exports functions that are not noexcept"
done

# 6. A function fits a screen, a file fits a head.
for file in $(sources '*.[ch]' '*.cpp' '*.S' '*.py' '*.sh' '*.js' '*.mjs' '*.css' '*.html' dev); do
  lines=$(wc -l <"$file")
  [ "$lines" -le 400 ] || breach "$file has $lines lines; at most 400"
done
# shellcheck disable=SC2046
pmccabe $(sources '*.c' '*.cpp') 2>/dev/null |
  awk '$5 > 60 { print $6, $7, "has", $5, "lines; at most 60" } $1 > 16 { print $6, $7, "branches", $1, "ways; at most 16" }' |
  while read -r line; do breach "$line"; done

# 7. The site is made of its own files: it names no other place.
elsewhere=$(sources 'server/web/*' 'server/docs/page/*' 'server/docs/missing/*' | grep -vE '/LICENSE$|\.png$' |
  xargs grep -nE '(https?:)?//[a-z0-9.-]+\.[a-z]' | grep -v 'xmlns="http://www.w3.org/2000/svg"' || true)
[ -z "$elsewhere" ] || breach "the site names a place that is not its own: $elsewhere"

# 8. Nothing is left for later.
unfinished=$(sources | grep -vE '^(LICENSE|tests/layout.sh)$|\.(pth|png|jpg)$' | xargs grep -InE '\b(TODO|FIXME|XXX)\b' || true)
[ -z "$unfinished" ] || breach "something is left for later: $unfinished"

[ ! -s "$breaches" ]
