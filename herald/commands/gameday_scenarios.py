"""`herald gameday scenarios|play`: whole stories of a fleet, with load, faults and rollouts, read or played."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from herald.commands.options import AsJson, Data, DatabaseUrl
from herald.databases import throwaway
from herald.output import print_json, print_table, progress_bar
from herald.settings import DEFAULT_DATA, DataDirectory
from model.clock import HOUR_NS, format_time

if TYPE_CHECKING:
    from herald.gameday.observed import Observed
    from herald.gameday.scenario_day import ScenarioDay, Told
    from hwsim.scenario import Scenario

_NO = 1
_MOST_TIMES = 4
"""Of an event that happens more often, people want to know how often, not when."""


def list_scenarios(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Scenario files; default: those of the catalogue.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Read scenarios and tell what happens in them and what should be seen; everything wrong with a file is told."""
    from hwsim.scenario import SCENARIOS, load_scenario  # noqa: PLC0415  # the simulator takes a second to import

    scenarios = [(path, load_scenario(path)) for path in files or sorted(SCENARIOS.glob("*.yaml"))]
    if as_json:
        print_json({"scenarios": [_describe_scenario(path, scenario) for path, scenario in scenarios]})
        return
    rows = [
        (
            scenario.catalogue or path.stem,
            scenario.title,
            f"{scenario.duration_ns / HOUR_NS:g} h",
            ", ".join(dict.fromkeys(_faults_of(scenario))) or "none",
            next((f"{o.telemetry} {o.expect}" for o in scenario.observations), ""),
        )
        for path, scenario in scenarios
    ]
    print_table(("Scenario", "What happens", "Lasts", "Faults", "Look first at"), rows)


def _faults_of(scenario: "Scenario") -> list[str]:
    return [i.fault_id for i in scenario.injections] + [plan.fault_id for plan in scenario.plans]


def _describe_scenario(path: Path, scenario: "Scenario") -> dict[str, Any]:
    return {
        "file": path.name,
        "catalogue": scenario.catalogue,
        "title": scenario.title,
        "about": scenario.about,
        "hours": scenario.duration_ns / HOUR_NS,
        "devices": scenario.fleet.entities,
        "faults": _faults_of(scenario),
        "observe": [asdict(observation) for observation in scenario.observations],
    }


def play_scenarios(
    scenario: Annotated[
        list[str], typer.Argument(help="Catalogue id (memory.S3), name of a shipped scenario, or file; or several.")
    ],
    *,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the fleet: the same seed gives the same story.")] = 1,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Play scenarios through collector, database and engine, each on a database that is thrown away.

    Tells who was told of what, how rollouts ended, and in figures what the scenario wants to be looked at. Exits with
    1 if a fault that does harm reached nobody.
    """
    from herald.gameday.policy import shipped_policy  # noqa: PLC0415
    from herald.gameday.scenario_day import play_scenario  # noqa: PLC0415  # the simulator takes a second to import
    from hwsim.scenario import find_scenario, load_scenario  # noqa: PLC0415

    days: list[ScenarioDay] = []
    for name, read in [(name, load_scenario(find_scenario(name))) for name in scenario]:
        with throwaway(database, DataDirectory(data)) as url, progress_bar(name) as tell:
            days.append(play_scenario(read, url, shipped_policy(), tell, seed=seed))
    if as_json:
        print_json({"scenarios": [day.as_dict() for day in days]})
    else:
        for day in days:
            _print_day(day)
    if any(day.unnoticed for day in days):
        raise typer.Exit(_NO)


def _print_day(day: "ScenarioDay") -> None:
    typer.echo(f"\n{day.scenario.catalogue or '-'}: {day.scenario.title}\n")
    print_table(("When", "What happens", "About"), sorted(_story(day)))
    print_table(
        ("Look at", "Expected", "Before", "During", "After", "Fault"), [_figures(seen) for seen in day.observed]
    )


def _story(day: "ScenarioDay") -> Iterator[tuple[str, str, str]]:
    for told in day.told:
        strike = told.strike
        harm = "" if told.alert else _excuse(told)
        yield format_time(strike.start_ns), f"{strike.fault_id} begins{harm}", strike.entity_id
        if strike.end_ns is not None:
            yield format_time(strike.end_ns), f"{strike.fault_id} ends", strike.entity_id
    for rollout in day.rollouts:
        if rollout.rolled_back_ns is not None:
            why = f"rolled back: {'; '.join(rollout.reasons)}"
            yield format_time(rollout.rolled_back_ns), why, ", ".join(rollout.reached)
    for alert in day.alerts:
        about = ", ".join(alert.labels.values())
        yield format_time(alert.fired_ns), f"{alert.severity}: {alert.objective} ({alert.tier})", about


def _excuse(told: "Told") -> str:
    if told.strike.harmless:
        return ": the change alone"
    return ", its gate takes it back" if told.is_taken_back else ": NOBODY WAS TOLD"


def _figures(seen: "Observed") -> Sequence[str]:
    what = f"{seen.observation.telemetry} of {seen.observation.entity}" + (f", {seen.part}" if seen.part else "")
    if 0 < len(seen.times_ns) <= _MOST_TIMES:
        shown = [", ".join(format_time(time_ns) for time_ns in seen.times_ns), "", ""]
    else:
        shown = [
            "-" if value is None else f"{value:.4g} {seen.unit}" for value in (seen.before, seen.during, seen.after)
        ]
    return what, seen.observation.expect, *shown, seen.fault_id
