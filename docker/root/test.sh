#!/bin/sh
# Builds and runs the tests that need nothing but what the container has: units, corpora, and the server
# over its socket.
set -eu
cd "$(dirname "$0")/../.."
cmake --preset release -DDIGIT_TORCH=OFF -DDIGIT_TESTS=ON -DDIGIT_WERROR=ON -DDIGIT_DOCS=ON
ninja -C build
ctest --preset release -R '^(unit|fuzz|parity)\.|^http\.(admission|cases|check|deadlines|drain|json|keys|logs|metrics|operators|overload|reload|repository|site|tls|wire)$'
