#!/bin/sh
# The demo on pictures: 500 labelled ones of Fashion-MNIST, EfficientNet-Lite0 as it was released against the same
# network from scratch, judged on 1,000; or a folder of one's own.  $1: build folder, $2: the folder.
set -eu
eg=$1/engraft
photos=${2:-}
out=${DEMO_OUT:-demo}
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

[ -t 1 ] || say() { printf '\n%s\n' "$*"; }
mkdir -p "$out"
if ! "$eg" info efficientnet_lite0 >/dev/null 2>&1; then
    say "Bringing efficientnet_lite0 (17 MB, Apache-2.0, once)"
    "$eg" pull efficientnet_lite0
fi
if [ -n "$photos" ]; then
    say "Transfer: efficientnet_lite0 and $photos"
    "$eg" train "$photos" -o "$out/photos" --overwrite
    exit
fi

photos=/usr/share/datasets/fashion-mnist
few='--model efficientnet_lite0 --per-class 50 --test-limit 1000 --size 96 --overwrite'
say "From scratch: the same network, random weights, 50 pictures a class, 96 x 96 pixels, 15 epochs"
"$eg" train $photos -o "$out/photos-scratch" $few --scratch --epochs 15 --quiet

say "Transfer: efficientnet_lite0 and the same 500 pictures"
"$eg" train $photos -o "$out/photos" $few

say "Your own folder, one folder of pictures a class in it"
echo "make demo-photos DIR=photos/    (engraft train photos/)"
