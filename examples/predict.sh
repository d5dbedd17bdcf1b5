#!/bin/sh
# Which digit is on a picture?   usage: predict.sh FILE [SERVER]
set -eu
curl -sS --fail-with-body --data-binary "@$1" -H 'Content-Type: image/png' "${2:-http://127.0.0.1:8080}/predict"
