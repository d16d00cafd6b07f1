"""What people wrote is shown as they meant it, and can neither run nor fetch anything."""

import pytest

from reports.written_text import render_written


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("A valve\nstuck.\n\nAda", "<p>A valve<br />\nstuck.</p>\n<p>Ada</p>"),
        ("- [x] done\n- two", "<ul>\n<li>[x] done</li>\n<li>two</li>\n</ul>"),
        ("**bold** and `code`", "<p><strong>bold</strong> and <code>code</code></p>"),
        ("[it](/alerts)", '<p><a href="/alerts" target="_top">it</a></p>'),
        ("[it](https://x.org/1)", '<p><a href="https://x.org/1" target="_top">it</a></p>'),
    ],
)
def test_markdown_is_shown_as_html(markdown: str, html: str):
    assert render_written(markdown) == html


def test_a_table_is_one():
    html = render_written("| Action | Owner |\n| --- | --- |\n| Fix a \\| b | Ada |")
    assert "<th>Owner</th>" in html
    assert "<td>Fix a | b</td>" in html


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,1)",
        "[x](//elsewhere.org)",
        "![x](https://elsewhere.org/x.png)",
        "<javascript:alert(1)>",
    ],
)
def test_nothing_in_it_runs_or_is_fetched(markdown: str):
    html = render_written(markdown)
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'href="data' not in html
    assert 'href="//' not in html
