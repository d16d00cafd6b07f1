"""Postmortems as files: what they are called, and how what people wrote into one outlives its being made anew."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from model.clock import format_time
from model.errors import InvalidInputError
from model.files import write_text
from reports.postmortem import Incident, Postmortem
from reports.render_html import lay_out_pdf
from reports.render_postmortem import (
    draw_charts,
    read_written,
    render_postmortem_html,
    render_postmortem_json,
    render_postmortem_markdown,
)

_MOVE = "mend it, or move it away to begin anew"
_RENDERERS: dict[str, Callable[[Postmortem], str]] = {
    "md": render_postmortem_markdown,
    "json": render_postmortem_json,
    "html": render_postmortem_html,
}


def render_postmortem(postmortem: Postmortem, suffix: str) -> str | bytes:
    """Return a postmortem as a file with the suffix holds it. Raises InvalidInputError for one that none has."""
    if suffix == "pdf":
        return lay_out_pdf(render_postmortem_html(postmortem))
    if suffix not in _RENDERERS:
        raise InvalidInputError(
            f"a postmortem is not written as {suffix}", remedy=f"choose one of {', '.join(_RENDERERS)}, pdf"
        )
    return _RENDERERS[suffix](postmortem)


def name_postmortem(incident: Incident, *, alert: int | None = None) -> str:
    """Return what the files of a postmortem are called, without suffix; `herald web` knows them by that."""
    if incident.incident_id is not None:
        return f"postmortem-incident-{incident.incident_id}"
    if alert is not None:
        return f"postmortem-alert-{alert}"
    began = format_time(incident.impact_ns)[:16].replace("-", "").replace(":", "")
    return f"postmortem-{incident.entity}-{began}"


def write_postmortem(postmortem: Postmortem, directory: Path, name: str) -> Iterator[Path]:
    """Write a postmortem in every format and yield the files; what people wrote into its Markdown is kept.

    Raises DirectoryNotWritableError, and InvalidInputError as `keep_written` does.
    """
    kept = keep_written(postmortem, directory / f"{name}.md")
    for suffix, render in _RENDERERS.items():
        yield write_text(directory / f"{name}.{suffix}", render(kept))


def keep_written(postmortem: Postmortem, markdown: Path) -> Postmortem:
    """Return the postmortem with what people wrote into the Markdown file that stands in its place, if one does.

    Raises InvalidInputError where that cannot be told, so that nothing is written over it.
    """
    try:
        text = markdown.read_text(encoding="utf-8") if markdown.is_file() else ""
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8"
        raise InvalidInputError(f"cannot read {markdown}: {reason}", remedy=_MOVE) from exc
    try:
        return replace(postmortem, written=read_written(text))
    except InvalidInputError as exc:
        raise InvalidInputError(f"what people wrote into {markdown} is not found again: {exc}", remedy=_MOVE) from exc


def write_illustrated(postmortem: Postmortem, directory: Path, name: str) -> Iterator[Path]:
    """Write a postmortem as Markdown with its charts in files, as a repository shows them; yield the files."""
    addresses = [f"charts/{name}-{number}.svg" for number in range(1, len(postmortem.charts) + 1)]
    for address, svg in zip(addresses, draw_charts(postmortem), strict=True):
        yield write_text(directory / address, svg)
    yield write_text(directory / f"{name}.md", render_postmortem_markdown(postmortem, addresses))
