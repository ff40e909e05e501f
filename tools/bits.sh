#!/bin/sh
# The same bits: one hash of the trained weights, the optimiser's numbers, the history and the saved model over threads
# and instruction sets, and after kill -9 at KILLS instants of a run, each resumed; an input's embedding alone and among 16.
#     tools/bits.sh BUILD [KILLS] [text|pictures]    (THREADS="1 2 3 8")
# text: all-MiniLM-L6-v2 with its dropout; pictures: EfficientNet-Lite0 with augmentation on Debian's dataset-fashion-mnist.
# Of every ten kills one falls anywhere, three inside the k-th save of a checkpoint, six anywhere after the first one began.
set -eu
eg=$PWD/$1/engraft
kills=${2:-10}
kind=${3:-text}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail=0

# The first $3 pictures and labels of part $2 of Fashion-MNIST, in folder $1.
cut_idx() {
    fashion=/usr/share/datasets/fashion-mnist/$2
    n=$(printf '\\%03o\\%03o' $(($3 / 256)) $(($3 % 256)))
    mkdir -p "$1"
    { printf "\0\0\010\003\0\0$n\0\0\0\034\0\0\0\034" && zcat "$fashion-images-idx3-ubyte.gz" | tail -c +17 | head -c $((784 * $3)); } \
        >"$1/$2-images-idx3-ubyte"
    { printf "\0\0\010\001\0\0$n" && zcat "$fashion-labels-idx1-ubyte.gz" | tail -c +9 | head -c "$3"; } >"$1/$2-labels-idx1-ubyte"
}

case $kind in
text)
    model=all-MiniLM-L6-v2
    few=$work/few.csv
    head -n 161 examples/tickets.csv >"$work/data"
    head -n 31 examples/tickets.csv >"$work/short"
    head -n 17 examples/tickets.csv >"$few"
    settings="--batch-size 8"
    ;;
pictures)
    model=efficientnet_lite0
    few=$work/few
    for set in "data 160 32" "short 20 4" "few 16 1"; do
        set -- $set
        cut_idx "$work/$1" train "$2"
        cut_idx "$work/$1" t10k "$3"
    done
    settings="--model $model --size 64 --batch-size 8"
    ;;
esac

run() { # folder, extra flags
    out=$1
    shift
    "$eg" train "$work/data" -o "$out" $settings --epochs 2 --no-baselines --quiet --json \
        --checkpoint-steps 5 "$@" >/dev/null 2>"$work/err"
}
hash() { { cat "$1/model.safetensors" "$1/engraft/history.csv"; grep _fnv1a "$1/engraft/run.json"; } | sha256sum | cut -c1-16; }
cpu_has() { grep -qw "$(echo "$1" | sed s/avx512/avx512f/)" /proc/cpuinfo; }
saving() { [ -n "$(find "$1" -name 'step-*.tmp.*' -print -quit 2>/dev/null)" ]; }
saved() { find "$1" -maxdepth 4 -name 'step-*' -print -quit 2>/dev/null | grep -q .; }

run "$work/first"
want=$(hash "$work/first")
echo "reference            $want"

for isa in avx2 avx512; do
    cpu_has $isa || { echo "$isa: not run on this CPU"; continue; }
    for threads in ${THREADS:-1 2 3 8}; do
        run "$work/case" --isa $isa --threads "$threads" --overwrite
        got=$(hash "$work/case")
        echo "$isa, $threads threads    $got"
        [ "$got" = "$want" ] || fail=1
        rm -rf "$work/case"
    done
done

# The scalar build emulates fma, a hundred times slower: one epoch over a few texts, against the best there is.
for isa in scalar best; do
    limit="--isa $isa"
    [ $isa = scalar ] || limit=
    "$eg" train "$work/short" -o "$work/$isa" $settings --epochs 1 --no-baselines --quiet --json $limit >/dev/null 2>"$work/err"
done
got=$(hash "$work/scalar")
echo "scalar, a short run  $got"
[ "$got" = "$(hash "$work/best")" ] || fail=1

for n in 1 16; do
    "$eg" embed $model "$few" --batch-size $n -o "$work/embedded-$n.csv" --quiet >/dev/null
done
cmp -s "$work/embedded-1.csv" "$work/embedded-16.csv" && echo "16 inputs alone and together: the same embeddings" ||
    { fail=1; echo "an input alone and among 16 differ"; }

# Waits until the run $1 is inside its save number $2, or has ended.
reach_save() {
    n=0
    was=1
    while kill -0 "$1" 2>/dev/null; do
        if saving "$work/killed"; then
            [ $was = 1 ] || n=$((n + 1))
            was=0
            [ $n -lt "$2" ] || return 0
        else
            was=1
        fi
    done
}
fraction() { awk "BEGIN { srand($1); print $2 * rand() }"; }

start=$(date +%s%N)
run "$work/timed"
whole=$(awk "BEGIN { print ($(date +%s%N) - $start) / 1e9 }")
rm -rf "$work/timed"
inside=0
after=0
i=0
while [ $i -lt "$kills" ]; do
    i=$((i + 1))
    "$eg" train "$work/data" -o "$work/killed" $settings --epochs 2 --no-baselines --quiet --json \
        --checkpoint-steps 5 >/dev/null 2>&1 &
    pid=$!
    case $((i % 10)) in
    0) sleep "$(fraction $i "$whole")" ;;
    3 | 6 | 9) reach_save $pid $((i / 3 % 5 + 1)); sleep "$(fraction $i 0.2)" ;;
    *) reach_save $pid 1; sleep "$(fraction $i "$(awk "BEGIN { print $whole / 2 }")")" ;;
    esac
    kill -9 $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
    ! saving "$work/killed" || inside=$((inside + 1))
    ! saved "$work/killed" || after=$((after + 1))
    [ -f "$work/killed/engraft/finished" ] || run "$work/killed" --resume
    got=$(hash "$work/killed")
    [ "$got" = "$want" ] || { fail=1; echo "kill $i: $got"; }
    rm -rf "$work/killed"
done
echo "$kills kills -9, $after of them after the first checkpoint began, $inside inside a save"
[ $fail = 0 ] && echo "one hash" || { echo "the bits differ"; exit 1; }
