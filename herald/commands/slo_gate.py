"""`herald slo gate`: may a pipeline go on? Exit 0 if it may, else 1 with the reasons on stderr."""

import time
from fractions import Fraction
from typing import Annotated

import typer

from herald.commands.options import AsJson, Data, DatabaseUrl, Objectives
from herald.databases import find_database
from herald.gate import Answer, ask_gate
from herald.objectives import load_shipped_or
from herald.output import print_json, say
from herald.settings import DEFAULT_DATA, DataDirectory
from model.clock import MINUTE_NS, format_time
from model.errors import DependencyError, InvalidInputError
from slo.gate import GateRule
from store import Store

_NO = 1
_STALE_NS = 5 * MINUTE_NS


def gate(
    name: Annotated[str, typer.Argument(help="Name of an objective.")],
    *,
    min_budget: Annotated[float, typer.Option("--min-budget", help="Share of the budget that must be left.")] = 0.1,
    min_coverage: Annotated[
        float, typer.Option("--min-coverage", help="Share of the last hour that must have data.")
    ] = 0.5,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    objectives: Objectives = None,
    as_json: AsJson = False,
) -> None:
    """Exit with 0 if every entity of an objective has budget to spend and burns none of it, else with 1.

    Silence, thin data and alerts that still fire close the gate, and so does an alert of any objective on the same
    machine whose policy says to pause; an engine that has stopped evaluating is an error (exit 3).
    """
    rule = GateRule(
        min_budget=_share(min_budget, "--min-budget"), min_coverage=_share(min_coverage, "--min-coverage")
    )
    loaded = load_shipped_or(objectives)
    wanted = [objective for objective in loaded if objective.name == name]
    if not wanted:
        raise InvalidInputError(f"there is no objective {name!r}", remedy="see herald slo list")
    with Store(find_database(database, DataDirectory(data))) as store:
        answer = ask_gate(store, wanted[0], rule, among=loaded)
    if time.time_ns() - answer.at_ns > _STALE_NS:
        raise DependencyError(
            f"the last evaluation is of {format_time(answer.at_ns)}", remedy="start herald engine again"
        )
    _tell(answer, as_json=as_json)
    if not answer.open:
        raise typer.Exit(_NO)


def _share(number: float, option: str) -> Fraction:
    if not 0 <= number <= 1:
        raise InvalidInputError(f"{number:g} is no share", remedy=f"give {option} 0 to 1")
    return Fraction(str(number))


def _tell(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        print_json(answer.as_dict())
    for sentence in answer.sentences():
        say(sentence)
