#!/bin/sh
# elf.sh PROGRAM.. - what the loader and the compiler do for a program attacked by its input, read from the file:
# exit 1 when one of these is missing.
set -eu
bad=0
for f in "$@"; do
    has() { # what it is, text, pattern
        printf '%s\n' "$2" | grep -qE "$3" || { echo "elf: $f lacks $1"; bad=1; }
    }
    hasnt() {
        ! printf '%s\n' "$2" | grep -qE "$3" || { echo "elf: $f has $1"; bad=1; }
    }
    head=$(readelf -Wh "$f")
    parts=$(readelf -Wl "$f")
    dynamic=$(readelf -Wd "$f")
    names=$(readelf -W --dyn-syms "$f")
    main=$(objdump -d --disassemble=main "$f")
    has "addresses of its own at each start (-fPIC, -pie)" "$head" 'Type: +DYN'
    has "the mark of a position-independent program (-pie)" "$dynamic" 'FLAGS_1.* PIE'
    has "tables that are read-only once loaded (-z relro)" "$parts" 'GNU_RELRO'
    has "symbols bound at the start (-z now)" "$dynamic" 'FLAGS_1.* NOW'
    has "a stack that cannot be executed (-z noexecstack)" "$parts" 'GNU_STACK.* RW '
    hasnt "a part that is both written and executed" "$parts" ' RWE '
    hasnt "code that the loader changes" "$dynamic" 'TEXTREL'
    hasnt "a search path for libraries" "$dynamic" 'RPATH|RUNPATH'
    has "canaries (-fstack-protector-strong)" "$names" '__stack_chk_fail'
    has "checked copies (-D_FORTIFY_SOURCE)" "$names" '__(mem|str|v?snprintf|v?fprintf|v?printf)[a-z]*_chk'
    has "landing marks for indirect calls (-fcf-protection)" "$main" 'endbr64'
done
[ $bad = 0 ] && echo "elf: nothing is missing in $*"
exit $bad
