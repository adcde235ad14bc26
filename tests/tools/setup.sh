#!/bin/sh
# Installs what is missing: sh tests/tools/setup.sh GROUP… with the groups build, test, lint,
# fuzz, bench.
# Where nothing is missing it only asks dpkg: no network, no question, no root.
set -eu

BUILD="build-essential pkg-config libsdl2-dev libsdl2-ttf-dev libcjson-dev libpcre2-dev
       libutf8proc-dev libpng-dev libfontconfig-dev libcairo2-dev libpango1.0-dev"
FONTS="fonts-inter fonts-jetbrains-mono fonts-stix fonts-nanum fonts-dejavu-core"
TEST="libcmocka-dev xvfb xauth python3 python3-numpy librsvg2-bin poppler-utils pngcheck"
LINT="clang clang-tidy clang-format cppcheck"
FUZZ="clang"
BENCH="libopenblas-dev"

needed= fonts=
for group; do
    case $group in
    build) needed="$needed $BUILD" fonts=$FONTS ;;
    test) needed="$needed $TEST" ;;
    lint) needed="$needed $LINT" ;;
    fuzz) needed="$needed $FUZZ" ;;
    bench) needed="$needed $BENCH" ;;
    *) echo "setup: unknown group '$group', expected build, test, lint, fuzz or bench" >&2; exit 2 ;;
    esac
done

if ! command -v dpkg-query >/dev/null; then
    echo "setup: this is no Debian or Ubuntu; going on with what is here. The packages there are:" \
        $needed $fonts >&2
    exit 0
fi

missing_of() {
    here=$(dpkg-query -W -f '${Package}=${db:Status-Status}\n' "$@" 2>/dev/null || true)
    for package; do
        echo "$here" | grep -qx "$package=installed" || echo "$package"
    done
}

has_candidate() {
    LC_ALL=C apt-cache policy "$1" 2>/dev/null | grep -q '^  Candidate: [^(]'
}

# A font is no reason to fail: one that this release does not have is passed over.
available_of() {
    for package; do
        if has_candidate "$package"; then echo "$package"; fi
    done
}

missing=$(missing_of $needed)
missing_fonts=
if [ -n "$fonts" ]; then missing_fonts=$(missing_of $fonts); fi
if [ -z "$missing" ] && [ -n "$missing_fonts" ] && has_candidate libsdl2-dev; then
    missing_fonts=$(available_of $missing_fonts)
fi
[ -n "$missing$missing_fonts" ] || exit 0

root=
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: not root and no sudo; run as root: apt-get install" $missing $missing_fonts >&2
        exit 1
    fi
    root="sudo"
fi

mkdir -p build
log=build/setup.log
apt() {
    $root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Use-Pty=0 "$@" </dev/null >>$log 2>&1
}
install() {
    apt install -y --no-install-recommends "$@"
}

echo "setup: installing" $missing $missing_fonts "(this may take some minutes; log in $log)"
: >$log
apt update || echo "setup: not all package lists could be fetched; going on" >&2
if [ -n "$missing" ] && ! install $missing; then
    tail -n 20 $log >&2
    echo "setup: these packages could not be installed:" $missing >&2
    exit 1
fi
missing_fonts=$(available_of $missing_fonts)
if [ -n "$missing_fonts" ] && ! install $missing_fonts; then
    echo "setup: going on without" $missing_fonts >&2
fi
