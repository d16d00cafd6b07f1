"""What people wrote into a postmortem, in Markdown, as HTML: paragraphs, lists, tables, code, and links to web pages.

HTML in it is shown as it was typed, and nothing is fetched from elsewhere: the page stays self-contained.
"""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

LINK_TARGETS = r"(?:https?://|/(?!/))"
"""Where links may lead: to web pages, and into the web application."""


class _Renderer(RendererHTML):
    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Leave the frame in which the web application shows a postmortem."""
        tokens[idx].attrSet("target", "_top")
        return self.renderToken(tokens, idx, options, env)


class _Reader(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        return re.match(LINK_TARGETS, url) is not None


def render_written(markdown: str) -> str:
    """Return Markdown as HTML that fits below a heading; a line that ends stays one that ends."""
    reader = _Reader("commonmark", {"html": False, "breaks": True}, renderer_cls=_Renderer)
    html: str = reader.enable("table").disable("image").render(markdown)
    return html.strip()
