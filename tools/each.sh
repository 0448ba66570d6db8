#!/bin/sh
# Run `$1.NAME` for every further NAME, all of them, and fail at the end if any failed.
set -u
prefix=$1
shift
failed=
for name in "$@"; do
    printf '\n== %s\n' "$name"
    $prefix."$name" || failed="$failed $name"
done
[ -z "$failed" ] || { printf '\nfell short:%s\n' "$failed" >&2; exit 1; }
