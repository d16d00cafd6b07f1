# ruff: noqa: INP001 - a script beside the image, not a package
"""Answer a container's health check: exit 0 if the URL answers 200, else 1 with the reason."""

import sys
import urllib.request

try:
    urllib.request.urlopen(sys.argv[1], timeout=3).close()  # noqa: S310 - the URL stands in docker-compose.yml
except OSError as exc:
    sys.exit(f"{sys.argv[1]}: {exc}")
