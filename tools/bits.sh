#!/bin/sh
# The same bits: one hash of the trained weights, history and report rows over threads and instruction sets, and after
# kill -9 at KILLS instants of a run (default 10) with a resume each time.    tools/bits.sh BUILD [KILLS]
set -eu
eg=$PWD/$1/engraft
kills=${2:-10}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
head -n 161 examples/tickets.csv >"$work/data.csv"
fail=0

run() { # folder, extra flags
    out=$1
    shift
    "$eg" train "$work/data.csv" -o "$out" --epochs 2 --batch-size 8 --no-baselines --quiet --json \
        --checkpoint-steps 5 "$@" >/dev/null 2>"$work/err"
}
hash() { cat "$1/model.safetensors" "$1/engraft/history.csv" | sha256sum | cut -c1-16; }

run "$work/first"
want=$(hash "$work/first")
echo "reference          $want"

for isa in scalar avx2 avx512; do
    if [ $isa != scalar ] && ! grep -q " ${isa%512}" /proc/cpuinfo; then
        echo "$isa: not run on this CPU"
        continue
    fi
    if [ $isa = avx512 ] && ! grep -q avx512f /proc/cpuinfo; then
        echo "avx512: not run on this CPU"
        continue
    fi
    for threads in ${THREADS:-1 2 3 8}; do
        [ $isa != scalar ] || [ $threads = 2 ] || continue # scalar is slow; threads were shown by the others
        run "$work/case" --isa $isa --threads $threads --overwrite
        got=$(hash "$work/case")
        echo "$isa, $threads threads   $got"
        [ "$got" = "$want" ] || fail=1
        rm -rf "$work/case"
    done
done

start=$(date +%s%N)
run "$work/timed"
whole=$((($(date +%s%N) - start) / 1000000))
rm -rf "$work/timed"
saving=0
i=0
while [ $i -lt "$kills" ]; do
    i=$((i + 1))
    "$eg" train "$work/data.csv" -o "$work/killed" --epochs 2 --batch-size 8 --no-baselines --quiet --json \
        --checkpoint-steps 5 >/dev/null 2>&1 &
    pid=$!
    sleep "$(awk "BEGIN { print $whole / 1000 * $i / ($kills + 1) }")"
    kill -9 $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
    [ -z "$(find "$work/killed" -name '*.tmp.*' 2>/dev/null | head -n 1)" ] || saving=$((saving + 1))
    [ -f "$work/killed/engraft/run.json" ] || run "$work/killed" --resume
    got=$(hash "$work/killed")
    [ "$got" = "$want" ] || { fail=1; echo "kill $i: $got"; }
    rm -rf "$work/killed"
done
echo "$kills kills, $saving of them inside a save"
[ $fail = 0 ] && echo "one hash" || { echo "the bits differ"; exit 1; }
