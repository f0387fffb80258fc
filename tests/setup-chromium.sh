#!/usr/bin/env bash
# Makes sure that the browser tests find a Chromium: the system's, Debian's or Playwright's own.
set -eu
cd "$(dirname "$0")/.."

for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then
    echo "setup-chromium: $name is there, nothing to do"
    exit 0
  fi
done

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  as_root="sudo -n"
fi

from_debian() {
  command -v apt-get >/dev/null || return 1
  [ -z "$as_root" ] || $as_root true 2>/dev/null || return 1
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update >/dev/null || return 1
  $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -y --no-install-recommends install chromium >/dev/null || return 1
  command -v chromium >/dev/null
}

if from_debian; then
  echo "setup-chromium: installed chromium with apt-get"
else
  .venv/bin/playwright install --with-deps chromium >/dev/null
  echo "setup-chromium: installed Playwright's own chromium"
fi
