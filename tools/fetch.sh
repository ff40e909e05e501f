#!/bin/sh
# fetch.sh FOLDER NAME.. - brings sets of tools/fetch.tsv into FOLDER, each file held against its SHA-256; nothing is fetched
# that was not named.  Without a name: what there is, how it comes, its licence.  (TABLE=FILE: another table.)
set -eu
cd "$(dirname "$0")/.."
table=${TABLE:-tools/fetch.tsv}
folder=${1:-}
tab=$(printf '\t')
if [ $# -lt 2 ]; then
    awk -F '\t' '!/^#/ && !seen[$1]++ { printf "%-20s %-8s %s (%s)\n", $1, $2, $3, $6 }' "$table"
    exit
fi
shift
for name in "$@"; do
    grep -q "^$name$tab" "$table" || { echo "no set \"$name\" in $table" >&2; exit 2; }
done
for name in "$@"; do grep "^$name$tab" "$table"; done | while IFS=$tab read -r name how source version sum licence place; do
    case $how in
    https)
        echo "$place ($licence)"
        mkdir -p "$folder/$(dirname "$place")"
        curl -sSfL --retry 2 -o "$folder/$place.part" "$source"
        got=$(sha256sum "$folder/$place.part" | cut -d' ' -f1)
        [ "$got" = "$sum" ] || { rm "$folder/$place.part"; echo "$place: SHA-256 is $got, $sum was expected; not kept" >&2; exit 1; }
        mv "$folder/$place.part" "$folder/$place"
        ;;
    apt) echo "apt-get install $source    ($licence)" ;;
    pull) echo "engraft pull $source    ($licence)" ;;
    *) echo "$name: by hand, from $source at $version, as $folder/$place/{train,test}/CLASS/ ($licence)" ;;
    esac
done
