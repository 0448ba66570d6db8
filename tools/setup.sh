#!/bin/sh
# Set up the project's environment in .venv, from uv.lock alone. Safe to run again: does nothing when nothing changed.
#
# uv.lock carries no index address (docs/decisions/0002): the pins are exported with their hashes and installed from
# whatever package index this machine is configured to use.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# A machine behind a company proxy trusts that proxy's certificate: believe what the machine believes.
if [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -e /etc/pki/tls/certs/ca-bundle.crt ]; then
    export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"
fi

CACHE=.cache
TOOLS="$CACHE/tools"

find_python() {
    for candidate in python3.13 python3.12 python3.11 python3; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return 0
        fi
    done
    command -v python3 || die "no python3 found; install Python 3.11 or newer (Debian, Ubuntu: apt-get install python3)"
}

# pip as a module of the given Python, from Debian's wheel package where the machine has neither pip nor venv.
pip_from_debian() {
    command -v apt-get >/dev/null 2>&1 && command -v dpkg >/dev/null 2>&1 || return 1
    mkdir -p "$TOOLS/pip"
    (cd "$TOOLS/pip" && apt-get download -q python3-pip-whl >/dev/null 2>&1 && dpkg -x ./*.deb . && rm -f ./*.deb) || return 1
    wheel=$(find "$TOOLS/pip" -name 'pip-*.whl' | head -n 1)
    [ -n "$wheel" ] && printf '%s' "$wheel"
}

install_uv() {
    python=$(find_python)
    say "installing uv into $TOOLS"
    mkdir -p "$TOOLS"
    if "$python" -m venv "$TOOLS/uv-env" >/dev/null 2>&1 && "$TOOLS/uv-env/bin/python" -m pip install -q uv; then
        UV="$TOOLS/uv-env/bin/uv"
    elif "$python" -m pip --version >/dev/null 2>&1 && "$python" -m pip install -q --target "$TOOLS/uv-lib" uv; then
        UV="$TOOLS/uv-lib/bin/uv"
    elif wheel=$(pip_from_debian) && PYTHONPATH="$wheel" "$python" -m pip install -q --target "$TOOLS/uv-lib" uv; then
        UV="$TOOLS/uv-lib/bin/uv"
    else
        die "could not install uv. Install it yourself (pip install uv, pipx install uv), or: apt-get install python3-venv"
    fi
}

if [ -x "$TOOLS/uv-env/bin/uv" ]; then
    UV="$TOOLS/uv-env/bin/uv"
elif [ -x "$TOOLS/uv-lib/bin/uv" ]; then
    UV="$TOOLS/uv-lib/bin/uv"
elif command -v uv >/dev/null 2>&1; then
    UV=$(command -v uv)
else
    install_uv
fi

STAMP=.venv/.nightshift-setup
WANTED=$(cat uv.lock pyproject.toml | cksum)
if [ -x .venv/bin/nightshift ] && [ -f "$STAMP" ] && [ "$(cat "$STAMP")" = "$WANTED" ]; then
    exit 0
fi

"$UV" lock --check -q || die "uv.lock does not fit pyproject.toml; run: make lock"
[ -x .venv/bin/python ] || "$UV" venv -q --python '>=3.11' .venv
say "installing the packages of uv.lock into .venv (about 1.1 GB; a minute the first time)"
mkdir -p "$CACHE"
"$UV" export -q --frozen --all-extras --no-emit-project --no-header -o "$CACHE/requirements.txt" >/dev/null
VIRTUAL_ENV="$PWD/.venv" "$UV" pip sync -q --require-hashes "$CACHE/requirements.txt"
VIRTUAL_ENV="$PWD/.venv" "$UV" pip install -q --no-deps --no-build-isolation --editable .
printf '%s' "$WANTED" >"$STAMP"
say "ready"
