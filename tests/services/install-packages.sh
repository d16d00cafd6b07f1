#!/bin/sh
# Install the programs that tests need and that only a package manager can bring: debootstrap makes the Debian root
# with the real services, Chromium draws the dashboards, docker-compose reads the compose file (it needs no Docker for
# that), npm brings the OpenTelemetry SDK for JavaScript. What cannot be installed is said, and its tests are skipped.
set -u

missing=""
PATH="$PATH:/usr/sbin:/sbin"
command -v debootstrap >/dev/null || missing="$missing debootstrap"
command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing="$missing chromium"
command -v docker-compose >/dev/null || docker compose version >/dev/null 2>&1 || missing="$missing docker-compose"
command -v npm >/dev/null || missing="$missing nodejs npm"
ldconfig -p | grep -q 'libatomic\.so\.1' || missing="$missing libatomic1" # the driver of the browser links it
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "==> not installed:$missing; tests that need them are skipped (as root on Debian they would be installed)"
  exit 0
fi
echo "==> installing$missing with apt-get"
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of packages
if apt-get -q update >"$log" 2>&1 && apt-get -qy install --no-install-recommends $missing >>"$log" 2>&1; then
  rm -f "$log"
else
  tail -n 3 "$log"
  echo "==> apt-get could not install$missing (log: $log); tests that need them are skipped"
fi
