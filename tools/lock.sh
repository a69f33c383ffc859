#!/usr/bin/env bash
# Write requirements.lock, requirements-test.lock and requirements-verify.lock anew from their .in files:
# tools/lock.sh [--upgrade]
#
# Without --upgrade only what the .in files ask for changes; with it everything goes to its newest release.
# One lock serves Python 3.11 to 3.13 on every system. It names versions and digests, never an index.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work"
"$work/bin/pip" install --quiet --disable-pip-version-check uv==0.13.9

for name in requirements requirements-test requirements-verify; do
    # The header is ours: uv's own would repeat the command with this run's options.
    "$work/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url --no-emit-find-links "$@" --output-file "$name.lock" "$name.in"
    { echo "# Made from $name.in by tools/lock.sh; do not edit."; grep -v '^# Made from' "$name.lock"; } > "$work/lock"
    cp "$work/lock" "$name.lock"
done
