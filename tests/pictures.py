"""`make pictures`: photograph the pages of a running platform for the documents.

The platform is a real one with real telemetry (`make up`). Boards for whoever is on call show the hours around the
newest page of the memory domain, if there was one: pictures of nothing going wrong teach little.
"""

import argparse
import io
import json
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.services.browser import find_chromium

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
WIDTH, HEIGHT = 1440, 1000
DOMAIN = "memory"
BEFORE_MS, AFTER_MS = 2 * 3_600_000, 3_600_000
COLOURS = 224


def addresses(alert: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the address of each picture's page by the picture's name."""
    objective = alert["objective"] if alert else "memory-read-success"
    around = f"?from={alert['fired_at'] - BEFORE_MS}&to={_until(alert['fired_at'])}" if alert else ""
    return {
        "objectives": "/",
        "executive": f"/d/herald-{DOMAIN}-executive?from=now-7d&to=now",
        "on-call": f"/d/herald-{DOMAIN}-on-call{around}",
        "debug": f"/d/herald-{DOMAIN}-debug{around}",
        "slo-detail": f"/d/herald-slo?var-objective={objective}&from=now-7d&to=now",
        "fleet": "/fleet",
    }


def _until(fired_ms: int) -> str:
    """Return the end of the hours around a page; what is still to come would be stale."""
    after_ms = fired_ms + AFTER_MS
    return str(after_ms) if after_ms < time.time() * 1000 else "now"


def newest_page(url: str) -> Mapping[str, Any] | None:
    """Return the newest alert of the domain that woke somebody."""
    with urllib.request.urlopen(f"{url}/api/herald/alerts", timeout=30) as answer:
        alerts: list[dict[str, Any]] = json.load(answer)["alerts"]
    pages = [each for each in alerts if each["severity"] == "page" and each["objective"].startswith(DOMAIN)]
    return max(pages, key=lambda each: int(each["fired_at"]), default=None)


def take(page: Page, address: str) -> bytes:
    """Return a PNG of the first screen of a page, in few colours: a document is not a photo album."""
    page.goto(address)
    page.wait_for_selector("main[data-loaded=yes]")
    page.wait_for_timeout(500)  # charts fade in
    picture = io.BytesIO()
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        shot.convert("RGB").quantize(COLOURS).save(picture, format="PNG", optimize=True)
    return picture.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description="Photograph a running platform.")
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="where its pages are")
    asked = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(find_chromium()), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(base_url=asked.url, viewport={"width": WIDTH, "height": HEIGHT})
        page.set_default_timeout(120_000)
        for name, address in addresses(newest_page(asked.url)).items():
            (FOLDER / f"{name}.png").write_bytes(take(page, address))
        browser.close()


if __name__ == "__main__":
    main()
