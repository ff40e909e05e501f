#!/bin/sh
# coverage.sh - lines reached, by gcov: of each fuzz target's parser by the replay of its seeds and hostile files
# alone, and of each source file by the whole of `make test`.  Called by `make coverage` with the targets' names.
# Exit 1 when a target, or a file that reads what others wrote (NAME_write.c only writes), is below LEAST percent.
set -eu
cd "$(dirname "$0")/.."
b=build/coverage
LEAST=90
parsers=' src/((formats|text|data|image)/.*|base/json\.c|pull/(reply|url)\.c|hub/record\.c)$'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

forget() { find $b -name '*.gcda' -delete; }

# For each source named: lines, lines reached, name.
lines() {
    for f in "$@"; do
        gcov -n "$b/${f%.c}.gcno" 2>/dev/null | awk -v want="File '$f'" -v f="$f" '
            /^File / { on = $0 == want }
            on && /^Lines executed/ { split($2, p, /[:%]/); printf "%d %.0f %s\n", $4, $4 * p[2] / 100, f; on = 0 }'
    done
}

echo "reached by the replay of seeds and hostile files, per fuzz target"
for t in "$@"; do
    files=$(sed -n 's,^ \* Parser: \(.*\) \*/$,\1,p' "fuzz/$t.c")
    [ -n "$files" ] || { echo "fuzz/$t.c does not end its opening comment with: Parser: ROOM/FILE.c .."; exit 1; }
    forget
    "$b/replay/$t" "tests/hostile/$t" "fuzz/seeds/$t" >"$work/said"
    lines $(printf 'src/%s ' $files) | awk -v t="$t" '{ n += $1; hit += $2 }
        END { printf "%6.1f %% of %5d  %s\n", n ? 100 * hit / n : 0, n, t }' | tee -a "$work/targets"
done

forget
MAKEFLAGS= make MODE=coverage test >"$work/test" || { tail -n 40 "$work/test"; exit 1; }
echo "reached by make test ($(grep -E "^[0-9]+ passed" "$work/test"))"
lines $(git ls-files -co --exclude-standard 'src/*/*.c' | grep -v '\.simd\.c$' | sort) >"$work/all"
awk '{ split($3, p, "/"); n[p[2]] += $1; hit[p[2]] += $2; all += $1; reached += $2 }
    END { for (r in n) printf "%6.1f %% of %5d  src/%s\n", 100 * hit[r] / n[r], n[r], r | "sort -k5"
          close("sort -k5"); printf "%6.1f %% of %5d  src, kernels left out\n", 100 * reached / all, all }' "$work/all"
grep -E "$parsers" "$work/all" | grep -v '_write\.c$' | awk '{ printf "%6.1f %% of %5d  %s\n", 100 * $2 / $1, $1, $3 }' | sort -n >"$work/parsers"
echo "of files that read what others wrote, the least first"
cat "$work/parsers"
awk -v least=$LEAST '$1 < least { bad++; print "below " least " %: " $NF } END { exit bad > 0 }' "$work/targets" "$work/parsers"
echo "coverage: $(wc -l <"$work/targets") targets and $(wc -l <"$work/parsers") files reach $LEAST %"
