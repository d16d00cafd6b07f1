"""`herald slo history`: what an objective has said from when on, and which judged minutes were corrected since."""

from typing import Annotated, Any

import typer

from herald.commands.options import AsJson, Data, DatabaseUrl
from herald.databases import find_database
from herald.output import print_json, print_table
from herald.settings import DEFAULT_DATA, DataDirectory
from herald.standings import render_group
from model.clock import format_time
from model.errors import InvalidInputError
from store import GenerationRow, SliRevision, Store


def register(slo: typer.Typer) -> None:
    """Add the command to `herald slo`."""
    slo.command("history", epilog="Example: herald slo history memory-read-success --json")(history)


def history(
    name: Annotated[str, typer.Argument(help="Name of an objective.")],
    *,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many corrections at most.")] = 20,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Show the generations of an objective, and the corrections of minutes that had been judged."""
    with Store(find_database(database, DataDirectory(data))) as store:
        generations, revisions = store.read_generations(name), store.read_revisions(name, limit=limit)
    if not generations:
        raise InvalidInputError(f"no engine has evaluated an objective {name!r}", remedy="see herald slo list")
    if as_json:
        print_json(
            {
                "objective": name,
                "generations": [_generation(row) for row in generations],
                "corrections": [_correction(row) for row in revisions],
            }
        )
        return
    print_table(
        ("Since", "Generation", "Changed"),
        [
            (format_time(row.since_ns), str(row.generation), _changes(before, row))
            for before, row in zip([None, *generations], generations, strict=False)
        ],
    )
    print_table(
        ("Corrected", "Minute", "Entity", "Before", "After"),
        [
            (
                format_time(row.corrected_ns),
                format_time(row.minute_ns),
                render_group(row.group),
                _counts(row.before),
                _counts(row.after),
            )
            for row in revisions
        ],
    )


def _changes(before: GenerationRow | None, row: GenerationRow) -> str:
    """Return what is different from before, in words."""
    if before is None:
        return "first seen"
    changed = [
        f"{key}: {before.definition.get(key)} -> {value}"
        for key, value in row.definition.items()
        if key != "tiers" and before.definition.get(key) != value
    ]
    if before.definition.get("tiers") != row.definition.get("tiers"):
        changed.append("tiers")
    if before.generation != row.generation:
        changed.insert(0, "counts differently, from all that is stored")
    return "; ".join(changed)


def _generation(row: GenerationRow) -> dict[str, Any]:
    return {
        "generation": row.generation,
        "since": format_time(row.since_ns),
        "counting": row.counting,
        "definition": dict(row.definition),
    }


def _correction(row: SliRevision) -> dict[str, Any]:
    return {
        "corrected": format_time(row.corrected_ns),
        "minute": format_time(row.minute_ns),
        "group": dict(row.group),
        "before": _pair(row.before),
        "after": _pair(row.after),
    }


def _pair(counts: tuple[int, int] | None) -> dict[str, int] | None:
    return None if counts is None else {"good": counts[0], "total": counts[1]}


def _counts(counts: tuple[int, int] | None) -> str:
    return "no data" if counts is None else f"{counts[0]:,} of {counts[1]:,}"
