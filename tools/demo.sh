#!/bin/sh
# The demo: 300 support tickets, a released encoder against the same network from scratch.  $1: build folder.
set -eu
eg=$1/engraft
out=${DEMO_OUT:-demo}
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
split='--valid-share 0.1 --test-share 0.4833 --quiet --overwrite'

[ -t 1 ] || say() { printf '\n%s\n' "$*"; }
mkdir -p "$out"
if ! "$eg" info all-MiniLM-L6-v2 >/dev/null 2>&1; then
    say "Bringing all-MiniLM-L6-v2 (84 MB, Apache-2.0, once)"
    "$eg" pull all-MiniLM-L6-v2
fi

say "From scratch: the same network, random weights, twice the epochs, the better of two rates on validation"
for lr in 2e-4 5e-4; do
    "$eg" train examples/tickets.csv -o "$out/scratch-$lr" --scratch --pooling mean --lr $lr --epochs 10 \
        --no-baselines $split --json >"$out/scratch.json"
    told=$(sed -n 's/.*from scratch","train":[^,]*,"valid":\([^,]*\),[^}]*"held_out":\([^,]*\),.*/\1 \2/p' "$out/scratch.json")
    [ -n "$told" ] || { echo "no scores in $out/scratch.json" >&2; exit 1; }
    LC_ALL=C printf "rate $lr: validation %.3f, held out %.3f\n" $told
done

say "Transfer: all-MiniLM-L6-v2 and 300 examples"
"$eg" train examples/tickets.csv -o "$out/tickets" --valid-share 0.1 --test-share 0.4833 --overwrite

say "One prediction"
text="The courier swears he rang, yet nobody came and my parcel is nowhere."
echo "engraft predict $out/tickets \"$text\""
"$eg" predict "$out/tickets" "$text"

say "Your own file"
echo "engraft train your.csv          (a column of texts, a column of labels)"
