"""`herald gameday sweep`, which `make gameday` runs: how faults are noticed, and what is blamed for them.

Prints goals, tables by domain and magnitude, and every miss with its reason; exits with 1 if a claim of
docs/explanation/cause-ranking.md is refuted. The default seed is one that nothing was tuned on.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from herald.commands.options import Data, DatabaseUrl
from herald.databases import throwaway
from herald.output import say
from herald.settings import DEFAULT_DATA, DataDirectory
from model.errors import InvalidInputError
from model.files import write_text

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

    from herald.gameday.cases import Task
    from herald.gameday.cause_sweep import Score
    from herald.gameday.detection_sweep import Detection

HELD_OUT_SEED = 21
SCOREBOARD = Path("build/gameday.html")
_NO = 1
_KINDS = ("detection", "cause")


def sweep(
    *,
    fault: Annotated[list[str] | None, typer.Option(help="Catalogue id; default: all.")] = None,
    magnitude: Annotated[
        list[str] | None, typer.Option(help="faint, typical or gross; default: typical and gross.")
    ] = None,
    seed: Annotated[
        list[int] | None, typer.Option(min=0, help=f"Of everything random; default: {HELD_OUT_SEED}.")
    ] = None,
    fleet: Annotated[Path | None, typer.Option(help="Fleet file; default: a small one for each domain.")] = None,
    only: Annotated[str | None, typer.Option(help="detection or cause; default: both.")] = None,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="Let another fault strike at the same time; asks for causes only.")
    ] = False,
    workers: Annotated[int | None, typer.Option(help="Processes; default: one for each core.")] = None,
    html: Annotated[Path, typer.Option(help="Write the scoreboard as a page to this file.")] = SCOREBOARD,
    out: Annotated[Path | None, typer.Option(help="Write every case as JSON to this file, as it comes.")] = None,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Play many cases over all cores and print the scoreboard; exit with 1 if a documented claim is refuted."""
    from herald.gameday import cause_sweep, detection_sweep  # noqa: PLC0415  # the simulator takes a second to import
    from herald.gameday.cases import MAGNITUDES, plan_tasks  # noqa: PLC0415
    from herald.gameday.pool import worker_pool  # noqa: PLC0415
    from herald.gameday.scoreboard import judge, render_scoreboard_html, render_scoreboard_markdown  # noqa: PLC0415
    from hwsim import load_faults  # noqa: PLC0415

    _check("--magnitude", magnitude or (), MAGNITUDES)
    _check("--only", [only] if only else (), _KINDS)
    if pairs and only == "detection":
        raise InvalidInputError("--pairs asks for causes, not for detection", remedy="leave out one of the two")
    only = "cause" if pairs else only
    magnitudes, seeds = magnitude or MAGNITUDES[1:], seed or [HELD_OUT_SEED]
    tasks = list(plan_tasks(fault or load_faults(), magnitudes, seeds, fleet, pair=pairs))
    days: list[Detection] = []
    scores: list[Score] = []
    with worker_pool(workers) as pool:
        if only != "cause":
            with throwaway(database, DataDirectory(data)) as server:
                for day in _play(pool, "detection", partial(detection_sweep.play_day, server=server), tasks):
                    days.append(day)
                    _write(out, days, scores)
        if only != "detection":
            for score in _play(pool, "cause", cause_sweep.play_task, tasks):
                scores.append(score)
                _write(out, days, scores)
    sys.stdout.write(render_scoreboard_markdown(days, scores))
    write_page(html, render_scoreboard_html(days, scores))
    if any(result.refuted for result in judge(days, scores)):
        raise typer.Exit(_NO)


def write_page(path: Path, page: str) -> None:
    """Write a page, in a folder that is made where there is none, and tell where it is.

    Raises DirectoryNotWritableError.
    """
    write_text(path, page)
    say(f"the scoreboard is in {path}")


def _check(option: str, given: Sequence[str], known: Sequence[str]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise InvalidInputError(
            f"{option} {', '.join(unknown)} is not known", remedy=f"choose among {', '.join(known)}"
        )


def _play(
    pool: "ProcessPoolExecutor", title: str, play: "Callable[[Task], Any]", tasks: "Sequence[Task]"
) -> Iterator[Any]:
    for number, result in enumerate(pool.map(play, tasks), start=1):
        say(f"{title} {number}/{len(tasks)} {result.fault} {result.magnitude} seed {result.seed}")
        yield result


def _write(out: Path | None, days: "Sequence[Detection]", scores: "Sequence[Score]") -> None:
    if out is not None:
        document = {"detection": [asdict(day) for day in days], "cause": [asdict(score) for score in scores]}
        write_text(out, json.dumps(document, indent=1) + "\n")
