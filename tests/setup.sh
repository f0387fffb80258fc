#!/usr/bin/env bash
# Makes sure that the tests find what is not Python: a Chromium, and the checkers for
# accessibility (axe-core) and HTML (Nu, which needs Java), which come with npm.
set -eu
cd "$(dirname "$0")/.."

have() { command -v "$1" >/dev/null; }

as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo -n"

from_debian() {
  have apt-get || return 1
  [ -z "$as_root" ] || $as_root true 2>/dev/null || return 1
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update >/dev/null || return 1
  $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -y --no-install-recommends install "$@" >/dev/null
}

if have chromium || have chromium-browser || have google-chrome; then
  echo "setup: a Chromium is there"
elif from_debian chromium; then
  echo "setup: installed chromium with apt-get"
else
  .venv/bin/playwright install --with-deps chromium >/dev/null
  echo "setup: installed Playwright's own chromium"
fi

have npm || from_debian nodejs npm || { echo "setup: npm is missing; install Node.js"; exit 1; }
have java || from_debian default-jre-headless || { echo "setup: Java is missing; install a JRE"; exit 1; }

if [ tests/package-lock.json -nt tests/node_modules/.package-lock.json ]; then
  npm ci --prefix tests --ignore-scripts --no-audit --no-fund --silent
  echo "setup: installed the checkers"
fi
