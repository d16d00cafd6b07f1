"""The browser that draws the dashboards in tests."""

import shutil
from pathlib import Path

from tests.services.unavailable import ServiceUnavailableError

BROWSER_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> Path:
    """Return the path of an installed Chromium; raises ServiceUnavailableError where there is none."""
    for name in _NAMES:
        if found := shutil.which(name):
            return Path(found)
    raise ServiceUnavailableError(
        "no Chromium is installed", remedy="run make test as root, or apt-get install chromium"
    )
