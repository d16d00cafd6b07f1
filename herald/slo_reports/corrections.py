"""What changed the numbers of a report afterwards: exclusions, late telemetry, new definitions."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from herald.recount import count_minutes, due_windows
from herald.slo_reports.units import unit_of
from herald.standings import Standing, render_group
from model.clock import MINUTE_NS, format_time
from model.queries import Group
from model.windows import Window
from reports.amounts import EVENTS, CountUnit
from reports.report_facts import Correction, Effect
from slo import ExcludedMinutes, Exclusion, Objective
from store import SliRevision, Store

Counted = Mapping[tuple[str, Group], tuple[int, int]]
"""Good and all events by objective and group."""

_MOST_REVISIONS = 100_000
_MOST_EFFECTS = 5


def count_without_exclusions(
    store: Store, standings: Sequence[Standing], exclusions: Sequence[Exclusion], window: Window
) -> Counted:
    """Return what the window would count had nothing been excluded, for the entities of which anything was."""
    found: dict[tuple[str, Group], tuple[int, int]] = {}
    for objective in {standing.objective.name: standing.objective for standing in standings}.values():
        excluded = ExcludedMinutes(objective, exclusions, window)
        mine = [each for each in standings if each.objective is objective and excluded.of(each.group)]
        if not mine or objective.keeps_components_apart:
            continue
        raw = _count_raw(store, objective, sorted({minute for each in mine for minute in excluded.of(each.group)}))
        for each in mine:
            counts = each.ledger.counts(window.end_ns, window.length_ns)
            good, total = counts.good, counts.total
            for minute in {_last_of_slice(objective, minute) for minute in excluded.of(each.group)}:
                told = each.ledger.counts(minute + MINUTE_NS, MINUTE_NS)
                meant = raw.get((each.group, minute), (0, 0))
                good, total = good - told.good + meant[0], total - told.total + meant[1]
            found[objective.name, each.group] = good, total
    return found


def _last_of_slice(objective: Objective, minute_ns: int) -> int:
    """Return the minute under which the counts of a minute's slice are kept."""
    return minute_ns // objective.step_ns * objective.step_ns + objective.step_ns - MINUTE_NS


def _count_raw(
    store: Store, objective: Objective, minutes: Sequence[int]
) -> dict[tuple[Group, int], tuple[int, int]]:
    return {
        (minute.group, minute.minute_ns): (minute.good, minute.total)
        for window in due_windows(objective, {}, minutes)
        for minute in count_minutes(objective, store, window, born_ns={}, closed_ns=window.end_ns)
    }


def collect_corrections(
    store: Store,
    standings: Sequence[Standing],
    exclusions: Sequence[Exclusion],
    without: Counted,
    window: Window,
) -> list[Correction]:
    """Return what corrected the window's numbers, newest first."""
    objectives = {standing.objective.name: standing.objective for standing in standings}
    found = [
        *_exclusions(exclusions, standings, without, window),
        *(each for objective in objectives.values() for each in _late(store, objective, window)),
        *(each for name in objectives for each in _definitions(store, name, window)),
    ]
    return sorted(found, key=lambda each: (-each.at_ns, each.kind, each.what))


def _exclusions(
    exclusions: Sequence[Exclusion], standings: Sequence[Standing], without: Counted, window: Window
) -> Iterator[Correction]:
    for exclusion in exclusions:
        minutes = exclusion.minutes(window)
        if not minutes.size:
            continue
        effects = [
            Effect(
                objective=each.objective.display_name or each.objective.name,
                entity=each.entity,
                before=without[each.objective.name, each.group],
                after=_counts(each, window),
            )
            for each in standings
            if (each.objective.name, each.group) in without
            and exclusion.concerns(each.objective)
            and exclusion.covers(each.group)
        ]
        whom = ", ".join(f"{column} {value}" for column, value in exclusion.matchers) or "the whole fleet"
        yield Correction(
            at_ns=exclusion.start_ns,
            kind="exclusion",
            who=exclusion.who,
            what=f"{exclusion.kind} of {whom}, {minutes.size:,} min from {format_time(int(minutes[0]))[:16]}",
            why=exclusion.why,
            effects=tuple(sorted(effects, key=lambda effect: (effect.objective, effect.entity))[:_MOST_EFFECTS]),
        )


def _counts(standing: Standing, window: Window) -> tuple[int, int]:
    counts = standing.ledger.counts(window.end_ns, window.length_ns)
    return counts.good, counts.total


def _late(store: Store, objective: Objective, window: Window) -> Iterator[Correction]:
    """Yield one correction for each entity of which judged minutes were counted again, and came out otherwise."""
    revisions = [
        revision
        for revision in store.read_revisions(objective.name, limit=_MOST_REVISIONS)
        if window.start_ns <= revision.minute_ns < window.end_ns
    ]
    unit = EVENTS if objective.keeps_components_apart else unit_of(objective)  # revisions are of components
    for group, minutes in sorted(Counter(revision.group for revision in revisions).items()):
        of_group = [revision for revision in revisions if revision.group == group]
        good, total = (sum(_change(revision, i) for revision in of_group) for i in (0, 1))
        yield Correction(
            at_ns=max(revision.corrected_ns for revision in of_group),
            kind="late data",
            who="telemetry",
            what=f"{objective.display_name or objective.name} of {render_group(group)}: {minutes:,} judged minutes",
            why=f"{_signed(unit, good)} good and {_signed(unit, total)} in all, against what had been known",
        )


def _signed(unit: CountUnit, count: int) -> str:
    return f"{'+' if count >= 0 else ''}{unit.render(count)}"


def _change(revision: SliRevision, index: int) -> int:
    return (revision.after or (0, 0))[index] - (revision.before or (0, 0))[index]


def _definitions(store: Store, name: str, window: Window) -> Iterator[Correction]:
    generations = store.read_generations(name)
    for before, row in pairwise(generations):
        if window.start_ns <= row.since_ns < window.end_ns:
            changed = [key for key, value in row.definition.items() if before.definition.get(key) != value]
            how = "counts by other rules" if before.generation != row.generation else "is judged otherwise"
            yield Correction(
                at_ns=row.since_ns,
                kind="definition",
                who="objective file",
                what=f"{name} {how}",
                why=f"changed: {', '.join(changed) or 'what it counts'}",
            )
