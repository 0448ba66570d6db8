#!/bin/sh
# Re-make uv.lock after a change of the dependencies, and take the index's addresses out of it (docs/decisions/0002).
set -eu
cd "$(dirname "$0")/.."
for uv in .cache/tools/uv-env/bin/uv .cache/tools/uv-lib/bin/uv uv; do
    if command -v "$uv" >/dev/null 2>&1; then break; fi
done
"$uv" lock "$@"
sed -E -e 's#"https://[^/"]+/simple/?"#"https://index.invalid/simple"#' \
    -e 's#"https://[^/"]+/packages/#"https://files.invalid/packages/#' uv.lock >uv.lock.new
mv uv.lock.new uv.lock
"$uv" lock --check -q
