#!/bin/sh
# Chromium as people have it. Playwright switches storage partitioning off (playwright#32230); then a browser that
# blocks third-party cookies denies localStorage in frames altogether, which no released browser does.
# Usage: CHROMIUM=/path/to/chromium chromium.sh <arguments of Playwright>
for argument; do
  shift
  case "$argument" in
  --disable-features=*) argument=$(printf %s "$argument" | sed 's/ThirdPartyStoragePartitioning,\{0,1\}//') ;;
  esac
  set -- "$@" "$argument"
done
exec "$CHROMIUM" "$@"
