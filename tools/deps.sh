#!/bin/sh
# Installs what is missing to build and run the demo on Debian 12; says nothing when nothing is.  With the
# argument "demo" the pictures that it learns too, with "ci" also what `make lint`, `make fuzz` and CI's checks use.
set -eu
missing=
need() { # command or pkg-config name, Debian package
    if ! { command -v "$1" || { command -v pkg-config && pkg-config --exists "$1"; }; } >/dev/null 2>&1; then
        missing="$missing $2"
    fi
}
need gcc build-essential
need make build-essential
need pkg-config pkg-config
need jansson libjansson-dev
need libutf8proc libutf8proc-dev
need zlib zlib1g-dev
need libjpeg libjpeg-dev
need libpng libpng-dev
need libwebp libwebp-dev
if [ "${1:-}" = ci ]; then
    for tool in clang clang-tidy clang-format cppcheck valgrind; do need $tool $tool; done
fi
if [ -n "${1:-}" ]; then
    [ -d /usr/share/datasets/fashion-mnist ] || missing="$missing dataset-fashion-mnist"
fi
need libcurl libcurl4-openssl-dev # engraft-pull alone
[ -e /etc/ssl/certs/ca-certificates.crt ] || missing="$missing ca-certificates"
python3 -m pip --version >/dev/null 2>&1 || missing="$missing python3-pip" # pull uses pip download
missing=$(printf '%s\n' $missing | sort -u | tr '\n' ' ')
[ -n "$(echo $missing)" ] || exit 0

root=
[ "$(id -u)" = 0 ] || root=sudo
line="apt-get install -y --no-install-recommends $missing"
echo "Missing:  $missing"
echo "To run:   $root $line"
if [ "${YES:-}" != 1 ] && [ -t 0 ]; then
    printf 'Install now? [Y/n] '
    read -r answer
    case "$answer" in [nN]*) exit 1 ;; esac
elif [ "${YES:-}" != 1 ] && [ "$(id -u)" != 0 ]; then
    echo "Not a terminal: run the line above, or make YES=1 ..."
    exit 1
fi
$root apt-get update -qq
$root env DEBIAN_FRONTEND=noninteractive $line
