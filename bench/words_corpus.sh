#!/bin/sh
# words_corpus.sh OUT - English text for learning word vectors, from two dictionaries of Debian 12: dict-gcide (the GNU
# Collaborative International Dictionary of English, GPL) and dict-wn (WordNet 3.0).  Each paragraph of a definition
# becomes a line of words in lower case, letters alone.
set -eu
out=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -q dict-gcide dict-wn >/dev/null
for d in *.deb; do dpkg -x "$d" x; done
cd - >/dev/null
for book in gcide wn; do
    zcat "$work/x/usr/share/dictd/$book.dict.dz" |
        LC_ALL=C sed -e 's/\[1913 Webster\]//g; s/\[PJC\]//g; s/\[syn:.*//; s/\\[^\\]*\\//g' |
        LC_ALL=C awk '
            function flush() { if (n > 2) print line; line = ""; n = 0 }
            { s = tolower($0); gsub(/[^a-z]+/, " ", s) }
            s ~ /^ *$/ || /^[^ ]/ || /^ +([a-z]+ )?[0-9]+[:.]/ { flush() }
            { k = split(s, w, " "); for (i = 1; i <= k; i++) line = line (n++ ? " " : "") w[i] }
            END { flush() }'
done >"$out"
wc -wlc "$out"
