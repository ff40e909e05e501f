#!/bin/sh
# skips.sh LOG - the tests that a run passed over, held against tests/skipped.txt; exit 1 when one is not named there.
set -eu
cd "$(dirname "$0")/.."
sed -n 's/^skipped \([a-z0-9_]*\): .*/\1/p' "$1" | sort | while read -r name; do
    grep -q "^$name " tests/skipped.txt && echo "skipped, announced: $name" || echo "skipped, not announced: $name"
done | tee build/skips
echo "skips: $(wc -l <build/skips) of at most $(grep -vc '^#' tests/skipped.txt)"
! grep -q ', not announced' build/skips
