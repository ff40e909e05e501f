#!/bin/sh
# lint.sh - what the compilers do not refuse: clang's warnings, clang-tidy, cppcheck, format, banned
# functions, sizes, licence lines, global state.  Called by `make lint` with the compiler flags as
# arguments.  Tools that are not installed are named and passed over, but not in CI.  Exit 1 on any finding.
set -u
cd "$(dirname "$0")/.."
bad=0
all=$(git ls-files --cached --others --exclude-standard 'src/*.[ch]' 'tests/*.[ch]' 'fuzz/*.[ch]' 'examples/*.[ch]' 'include/*.h' 'bench/*.[ch]' | sort)
sources=$(echo "$all" | grep '^src/.*\.c$')
finding() { bad=$((bad + 1)); echo "lint: $1"; }
have() {
    command -v "$1" >/dev/null && return 0
    [ -z "${CI:-}" ] || finding "$1 is not installed"
    [ -n "${CI:-}" ] || echo "lint: $1 is not installed, passed over"
    return 1
}

# banned WHY PATTERN FILES...: functions by name, comments and texts taken out
banned() {
    why=$1; pattern=$2; shift 2
    for f in "$@"; do
        sed -e 's/"\([^"\\]\|\\.\)*"/""/g' -e 's,/\*.*\*/,,g' -e 's,^ *\(/\*\| \*\).*,,' "$f" |
            grep -nE "(^|[^A-Za-z0-9_>.])($pattern) *\(" | sed "s,^,$f:,"
    done >"$work/banned"
    [ ! -s "$work/banned" ] || { cat "$work/banned"; finding "banned: $why"; }
}
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT

banned "unbounded or locale-bound" 'strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|atof|gets|alloca|sscanf|rand|srand|setlocale|system|popen' $all
library=$(echo "$sources" | grep -v '^src/cli/\|^src/pull/list\.c$\|_main\.c$')
banned "the library neither prints nor exits nor reads the environment" 'printf|fprintf|vprintf|puts|fputs|putchar|perror|exit|_exit|abort|getenv' $library
banned "memory, threads and files belong to base" 'malloc|calloc|realloc|free|pthread_[a-z_]*|fopen|open|read|write|mmap|unlink|rename|mkdir' $(echo "$library" | grep -v '^src/base/')
banned "no libm in kernels" '(exp|exp2|expm1|log|log2|log1p|pow|tanh|erf|sin|cos|fma)f?' $(echo "$library" | grep '^src/cpu/')

for f in $all; do
    lines=$(wc -l <"$f")
    [ "$lines" -le 800 ] || finding "$f has $lines lines, 800 are refused"
    [ "$lines" -le 500 ] || echo "lint: $f has $lines lines: is there a reason?"
    tail -n 1 "$f" | grep -qx '/\* SPDX-License-Identifier: MIT \*/' || finding "$f does not end with its SPDX line"
done

echo "lint: suppressions:"
grep -nE 'NOLINT|cppcheck-suppress|pragma (GCC|clang) diagnostic' $all || true
echo "lint: $(grep -hE 'NOLINT|cppcheck-suppress|pragma (GCC|clang) diagnostic' $all | wc -l) suppressions"

have objdump && if [ -e "$PARTS" ]; then
    objdump -t "$PARTS" | awk '/\.o:/ { file = $1 } NF > 3 && $(NF - 2) ~ /^\.(data|bss|tdata)$/ && $(NF - 1) != "0000000000000000" { print file, $NF }' >"$work/state"
    [ ! -s "$work/state" ] || { cat "$work/state"; finding "global state that can change"; }
fi
if have clang; then
    for f in $(echo "$all" | grep '\.c$'); do echo "$f"; done |
        xargs -P 2 -I{} clang "$@" -Itests -DSIMD_ISA=scalar -fsyntax-only {} || finding "clang's warnings"
fi
if have clang-format; then
    clang-format --dry-run -Werror $all 2>"$work/format" || { grep 'error:' "$work/format" | cut -d: -f1 | sort | uniq -c; finding "format (make format)"; }
fi
if have cppcheck; then
    cppcheck --quiet --inline-suppr --error-exitcode=1 --enable=warning,portability,performance --std=c11 -j 2 \
        --suppress=missingIncludeSystem --suppress=duplicateAssignExpression --suppress=invalidPointerCast -DSIMD_ISA=scalar -Isrc -Iinclude $sources || finding "cppcheck"
fi
if have clang-tidy; then
    printf '%s\n' $sources | xargs -P 2 -n 4 sh -c 'clang-tidy --quiet "$@" -- '"$(printf "'%s' " "$@")"' -DSIMD_ISA=scalar 2>/dev/null' tidy >"$work/tidy" ||
        { grep -E '(error|warning): ' "$work/tidy" | sed "s,^$PWD/,,; s/,-warnings-as-errors//" | sort -u; finding "clang-tidy"; }
fi
[ "$bad" -eq 0 ] && echo "lint: nothing found" || { echo "lint: $bad kinds of findings"; exit 1; }
