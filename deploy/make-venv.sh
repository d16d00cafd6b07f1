#!/bin/sh
# Make the virtual environment: make-venv.sh PYTHON DIRECTORY. Says what is missing and how to get it.
set -eu
python=$1
venv=$2

if ! command -v "$python" >/dev/null; then
  echo "Herald needs Python 3.11 or newer, and there is no $python: install it, or name another: make PYTHON=python3.12 up" >&2
  exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "Herald needs Python 3.11 or newer, and $python is $("$python" -V): name another: make PYTHON=python3.12 up" >&2
  exit 1
fi
if "$venv/bin/python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  exit 0
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "Python's venv module is missing: install it (Debian and Ubuntu: apt-get install python3-venv), then try again" >&2
    exit 1
  fi
  echo "==> installing python3-venv with apt-get"
  log=$(mktemp)
  if ! { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends python3-venv; } >"$log" 2>&1; then
    tail -n 3 "$log" >&2
    echo "python3-venv could not be installed (log: $log): install it by hand, then try again" >&2
    exit 1
  fi
  rm -f "$log"
fi
echo "==> making the virtual environment $venv with $("$python" -V)"
"$python" -m venv --clear "$venv"
