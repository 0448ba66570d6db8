#!/bin/sh
# Find Prometheus and promtool, or fetch them into .cache/prometheus: no root, nothing installed, no service started.
#
# Both on PATH: they are used as they are. Debian and Ubuntu: their own package is downloaded and unpacked. Elsewhere:
# says what to install. Safe to run again, and at the same time twice: the unpacked package appears whole or not at all.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'prometheus: %s\n' "$*" >&2; }
die() { printf 'prometheus: %s\n' "$*" >&2; exit 1; }

HOME_DIR=.cache/prometheus

works() { "$1/prometheus" --version >/dev/null 2>&1 && "$1/promtool" --version >/dev/null 2>&1; }

if [ -n "${NIGHTSHIFT_PROMETHEUS_BIN:-}" ]; then
    works "$NIGHTSHIFT_PROMETHEUS_BIN" ||
        die "NIGHTSHIFT_PROMETHEUS_BIN must be a folder with prometheus and promtool in it, e.g. /opt/prometheus"
    exit 0
fi
if command -v prometheus >/dev/null 2>&1 && command -v promtool >/dev/null 2>&1; then
    exit 0
fi
if works "$HOME_DIR/usr/bin"; then
    exit 0
fi

if [ "$(uname -s)" = Darwin ]; then
    die "not found; install it with: brew install prometheus"
fi
if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg >/dev/null 2>&1; then
    die "prometheus and promtool not found; install the package 'prometheus' of your system, or unpack a release of
prometheus.io and set NIGHTSHIFT_PROMETHEUS_BIN to its folder"
fi

mkdir -p .cache
NEW=$(mktemp -d .cache/prometheus.XXXXXX)
trap 'rm -rf "$NEW"' EXIT
trap 'exit 130' HUP INT TERM

say "fetching the package of this system into $HOME_DIR"
download() { (cd "$NEW" && apt-get download -q prometheus >apt.log 2>&1); }
# A fresh machine has no package lists. With root they can be renewed; without it the user has to.
download || { [ "$(id -u)" = 0 ] && apt-get update -q >/dev/null 2>&1 && download; } || {
    sed 's/^/prometheus: /' "$NEW/apt.log" >&2
    die "apt-get could not download the package; try: sudo apt-get update"
}
for package in "$NEW"/*.deb; do
    dpkg -x "$package" "$NEW/unpacked"
done
works "$NEW/unpacked/usr/bin" || die "the package of this system does not run here; install prometheus yourself"
chmod -R u+rwX,go+rX "$NEW/unpacked"

rm -rf "$HOME_DIR"
if ! mv -T "$NEW/unpacked" "$HOME_DIR" 2>/dev/null; then
    works "$HOME_DIR/usr/bin" || die "could not write $HOME_DIR"
fi
say "ready: $("$HOME_DIR/usr/bin/prometheus" --version 2>&1 | head -n 1)"
