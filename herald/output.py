"""What commands print: data to stdout, everything else to stderr."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

_messages = Console(stderr=True, highlight=False, soft_wrap=True)


def say(message: str) -> None:
    """Tell the user something that is not data."""
    _messages.print(message, markup=False)


def print_json(document: Any) -> None:
    """Print one JSON document to stdout."""
    sys.stdout.write(json.dumps(document, indent=2, sort_keys=False, allow_nan=False) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table to stdout; plain and unwrapped when piped."""
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*row)
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty(), width=None if sys.stdout.isatty() else 200)
    console.print(table)


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[float], None]]:
    """Show on stderr how much of a long work is done; call what is yielded with the share, 0..1.

    Where stderr is no terminal, a line is printed for every tenth.
    """
    if not _messages.is_terminal:
        yield _tell_tenths(title)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_messages) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda share: bar.update(task, completed=share)


def _tell_tenths(title: str) -> Callable[[float], None]:
    told = -1

    def tell(share: float) -> None:
        nonlocal told
        tenth = int(share * 10 + 1e-9)
        if tenth > told:
            told = tenth
            say(f"{title}: {tenth * 10} %")

    return tell
