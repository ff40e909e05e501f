#!/bin/sh
# hostile.sh - counts the files that must be refused and the messages that they must get; exit 1 when there are fewer
# messages than 400, or a file that its list names is missing.
set -eu
cd "$(dirname "$0")/../tests/hostile"
bad=0
for list in */expected.tsv; do
    folder=${list%/*}
    printf '%5d files %4d messages  %s\n' "$(wc -l <"$list")" "$(cut -f2 "$list" | sort -u | wc -l)" "$folder"
    cut -f1 "$list" | while read -r name; do [ -e "$folder/$name" ] || { echo "missing: $folder/$name"; exit 1; }; done || bad=1
done
messages=$(cat */expected.tsv | cut -f2 | sort -u | wc -l)
echo "hostile: $(cat */expected.tsv | wc -l) files, $messages different messages"
[ "$messages" -ge 400 ] || bad=1
exit $bad
