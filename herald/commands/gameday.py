"""`herald gameday`: break a simulated fleet on a virtual clock and score how the platform takes it."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from herald.commands.gameday_scenarios import list_scenarios, play_scenarios
from herald.commands.gameday_sweep import sweep, write_page
from herald.commands.options import AsJson, Data, DatabaseUrl
from herald.databases import throwaway
from herald.output import print_json, print_table, progress_bar, say
from herald.settings import DEFAULT_DATA, DataDirectory
from model.errors import InvalidInputError

if TYPE_CHECKING:
    from herald.gameday import Outcome, Plan
    from hwsim import FleetSpec

app = typer.Typer(help="Break a simulated fleet on purpose and score the platform.", no_args_is_help=True)

_NO = 1


@app.command("list", epilog="Example: herald gameday list --json")
def list_faults(*, as_json: AsJson = False) -> None:
    """List the faults that a game day can play, with their cause, the signal that must move and the route."""
    from hwsim import load_faults  # noqa: PLC0415  # the simulator takes a second to import

    faults = load_faults().values()
    if as_json:
        print_json(
            {
                "faults": [
                    {
                        "fault": fault.id,
                        "title": fault.title,
                        "domain": fault.domain,
                        "entity_kind": fault.strikes,
                        "cause": {"kind": fault.cause_kind, "metric": fault.cause_metric},
                        "signal": {
                            "metric": fault.signal.metric,
                            "reduce": fault.signal.reduce.value,
                            "direction": "up" if fault.signal.direction > 0 else "down",
                        },
                        "magnitude": fault.magnitude.meaning,
                        "magnitudes": {
                            "faint": fault.magnitude.faint,
                            "typical": fault.magnitude.typical,
                            "gross": fault.magnitude.gross,
                        },
                        "typical_magnitude": fault.magnitude.typical,
                        "expected_route": fault.route,
                    }
                    for fault in faults
                ]
            }
        )
        return
    rows = [
        (
            f.id,
            f.title,
            f.strikes,
            f"{f.cause_kind}: {f.cause_metric}",
            f"{f.signal.metric} {'up' if f.signal.direction > 0 else 'down'}",
            f.route,
        )
        for f in faults
    ]
    print_table(("Fault", "What happens", "On", "Cause", "Signal", "Route"), rows)


@app.command(epilog="Example: herald gameday run --fault memory.F7 --json")
def run(
    *,
    fault: Annotated[list[str] | None, typer.Option(help="Catalogue id; give it again for several.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Play every fault.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the fleet: the same seed gives the same day.")] = 1,
    magnitude: Annotated[float | None, typer.Option(help="How strong; default: the typical strength.")] = None,
    hours: Annotated[
        float | None,
        typer.Option(help="How long a fault lasts, in virtual hours; default: 2 if it should page, 12 if not."),
    ] = None,
    entity: Annotated[str | None, typer.Option(help="What to break; default: the first that the fault fits.")] = None,
    fleet: Annotated[Path | None, typer.Option(help="Fleet file; default: the shipped fleet.")] = None,
    postmortem_dir: Annotated[
        Path | None, typer.Option(help="Write the postmortem of each fault, as Markdown with charts, to this folder.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes; default: one for each core.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the scoreboard as a page to this file.")] = None,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Play faults, each on a database of its own that is thrown away; exit with 1 if one goes unnoticed."""
    from herald.gameday import make_plan  # noqa: PLC0415  # the simulator takes a second to import
    from hwsim import load_fleet  # noqa: PLC0415

    played = load_fleet(fleet)
    plans = [
        make_plan(name, seed=seed, magnitude=magnitude, hours=hours, entity=entity, fleet=played)
        for name in (_fitting(played) if every else fault or ())
    ]
    if not plans:
        raise InvalidInputError("no fault was chosen", remedy="give --fault ID or --all")
    outcomes = list(_play_all(plans, database, DataDirectory(data), workers, postmortem_dir))
    if postmortem_dir is not None:
        from herald.gameday.record import write_contents  # noqa: PLC0415  # charts take half a second to import

        say(f"wrote {write_contents(outcomes, postmortem_dir)}")
    if as_json:
        print_json({"runs": [outcome.as_dict() for outcome in outcomes]})
    else:
        _print_scores(outcomes)
    if html is not None:
        from herald.gameday.detection_sweep import describe_day  # noqa: PLC0415
        from herald.gameday.scoreboard import render_scoreboard_html  # noqa: PLC0415

        days = [describe_day(outcome, outcome.plan.strength) for outcome in outcomes]
        write_page(html, render_scoreboard_html(days, []))
    if not all(outcome.detection for outcome in outcomes):
        raise typer.Exit(_NO)


def _fitting(fleet: "FleetSpec") -> list[str]:
    """Return the faults that strike something that the fleet has, and say how many do not."""
    from hwsim import load_faults, targets_of  # noqa: PLC0415  # the simulator takes a second to import

    faults = load_faults().values()
    fitting = [each.id for each in faults if targets_of(each, fleet.entities)]
    if len(fitting) < len(faults):
        say(f"{len(faults) - len(fitting)} faults strike what this fleet has not, and are left out")
    return fitting


def _play_all(
    plans: Sequence["Plan"], database: str | None, data: DataDirectory, workers: int | None, directory: Path | None
) -> Iterator["Outcome"]:
    """Play one day here, and several over the cores; postmortems go to the directory."""
    from herald.gameday.pool import play_and_write, play_on, worker_pool  # noqa: PLC0415

    if len(plans) == 1:
        with throwaway(database, data) as url, progress_bar(plans[0].fault.id) as tell:
            yield play_and_write(plans[0], url, directory, tell)
        return
    with throwaway(database, data) as server, worker_pool(workers) as pool:
        play = partial(play_on, server=server, directory=directory)
        for number, outcome in enumerate(pool.map(play, plans), start=1):
            say(f"{number}/{len(plans)} {outcome.plan.fault.id}")
            yield outcome


app.command("scenarios", epilog="Example: herald gameday scenarios my-scenario.yaml --json")(list_scenarios)
app.command("play", epilog="Example: herald gameday play memory.S3")(play_scenarios)
app.command(epilog="Example: herald gameday sweep --fault link.F1 --magnitude typical --seed 21")(sweep)


def _print_scores(outcomes: Sequence["Outcome"]) -> None:
    rows = []
    for outcome in outcomes:
        told = outcome.as_dict()
        first = outcome.suspects[0] if outcome.suspects else None
        rows.append(
            (
                f"{told['fault']} on {told['entity']}",
                "yes" if told["detected"] else "NO",
                _seconds(told["detection_seconds"]),
                "-"
                if told["theoretical_minimum_seconds"] is None
                else f"{told['theoretical_minimum_seconds']:.0f} s",
                f"{told['route'] or '-'} (expected {told['expected_route']})",
                "yes" if told["resolved"] else "NO",
                "-" if outcome.true_cause_rank is None else str(outcome.true_cause_rank),
                "-" if first is None else f"only a lead: {first.text}" if first.lead else first.text,
                str(len(outcome.false_alerts)),
            )
        )
    columns = (
        *("Fault", "Detected", "After", "At best", "Route", "Resolved"),
        *("Cause's rank", "First suspect", "False alerts"),
    )
    print_table(columns, rows)


def _seconds(length_s: float | None) -> str:
    return "-" if length_s is None else f"{length_s:.0f} s"
