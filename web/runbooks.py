"""Runbooks by name: what their pages read, and which ones are near a name that is none.

Runbooks link to each other as files beside them; here such a link leads to the other's page.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import quote

from model.errors import HeraldError

_LINK = re.compile(r"\]\(([\w-]+)\.md\)")
_NEAR, _SHOWN = 0.5, 3


class UnknownRunbookError(HeraldError):
    """No runbook has this name."""

    remedy = "see the objective or fault that it is about"


@dataclass(frozen=True, slots=True)
class Runbooks:
    """The Markdown of every runbook by name."""

    texts: Mapping[str, str]

    def __contains__(self, name: object) -> bool:
        return name in self.texts

    def near(self, name: str) -> list[str]:
        """Return the few names that look most like `name`."""
        return get_close_matches(name.lower(), self.texts, n=_SHOWN, cutoff=_NEAR)

    def describe(self, name: str) -> dict[str, object]:
        """Return one runbook, its title apart; raises UnknownRunbookError that names those near it."""
        if name not in self.texts:
            near = ", ".join(self.near(name))
            raise UnknownRunbookError(
                f"there is no runbook {name[:100]!r}", remedy=f"did you mean {near}?" if near else ""
            )
        return {"name": name, "title": self.title(name), "text": self.text(name).partition("\n")[2]}

    def title(self, name: str) -> str:
        """Return the first heading of a runbook."""
        return self.texts[name].partition("\n")[0].lstrip("# ").strip()

    def address_of(self, runbook: str) -> str:
        """Return where a runbook is read that is given by name or by its address; empty where nowhere."""
        return address(runbook) if runbook in self.texts else runbook if "://" in runbook else ""

    def text(self, name: str) -> str:
        """Return a runbook's Markdown with links that lead to pages; empty where there is none."""
        return _LINK.sub(lambda link: f"]({address(link[1])})", self.texts.get(name, ""))


def address(name: str) -> str:
    """Return where the page of a runbook is."""
    return f"/runbook/{quote(name, safe='')}"
