"""The tables of an SLO report about its objectives, as text cells: the same in Markdown, HTML and PDF."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from reports.numbers import render_moment, render_ratio, render_target
from reports.report_facts import Correction, Month
from reports.report_rows import ReportRow
from reports.slo_report import Report

_MOST_SPENDERS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its title, a sentence before it, its columns and rows; a column named in `numbers` is one.

    `links` say where the first cell of each row leads; there are none where they lead nowhere.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[str] = frozenset()
    sentence: str = ""
    empty: str = "None."
    links: Sequence[str] = ()


def summarise(report: Report) -> Table:
    """Return what the executive reads: every objective of every entity, worst first."""
    return Table(
        title="Objectives, worst first",
        columns=(
            "Objective", "Entity", "Owner", "Target", "Attained", "Bad / allowed", "Budget left", "Before",
            "Without exclusions", "State",
        ),
        numbers=frozenset({"Target", "Attained", "Bad / allowed", "Budget left", "Before", "Without exclusions"}),
        rows=[_summary(row) for row in report.rows],
        sentence="Before is the budget left of the window of the same length before this one.",
    )  # fmt: skip


def _summary(row: ReportRow) -> tuple[str, ...]:
    without = row.remaining_without_exclusions
    return (
        f"{row.display_name} ({row.catalogue_id})" if row.catalogue_id else row.display_name,
        row.entity,
        row.owner or "-",
        render_target(row.target),
        render_ratio(row.sli),
        f"{row.unit.render(row.bad)} / {row.unit.render(row.allowed)}",
        render_ratio(row.remaining, 1),
        _or_dash(row.remaining_before),
        _or_dash(without),
        row.state.replace("_", " "),
    )


def _or_dash(ratio: float | None) -> str:
    return "-" if ratio is None else render_ratio(ratio, 1)


def spenders_table(report: Report) -> Table:
    """Return who spent the budgets: of each objective that lost some, the entities by what they lost."""
    bad_of: dict[str, int] = defaultdict(int)
    for row in report.rows:
        bad_of[row.objective] += row.bad
    spenders = sorted((row for row in report.rows if row.bad), key=lambda row: row.spent, reverse=True)
    return Table(
        title="Who spent the budget",
        columns=("Objective", "Entity", "Budget spent", "Of the objective's bad events", "Worst hour", "Bad in it"),
        numbers=frozenset({"Budget spent", "Of the objective's bad events", "Bad in it"}),
        rows=[
            (
                row.display_name,
                row.entity,
                render_ratio(row.spent, 1),
                render_ratio(row.bad / bad_of[row.objective], 0),
                "-" if row.worst_hour_ns is None else render_moment(row.worst_hour_ns),
                row.unit.render(row.worst_hour_bad),
            )
            for row in spenders[:_MOST_SPENDERS]
        ],
        sentence=f"The {_MOST_SPENDERS} that spent most." if len(spenders) > _MOST_SPENDERS else "",
        empty="Nobody spent any.",
    )


def months_table(report: Report) -> Table:
    """Return which months each objective of each entity kept, of the last twelve that anything is known of."""
    labels = sorted({month.label for row in report.rows for month in row.months})
    return Table(
        title="Month by month",
        columns=("Objective", "Entity", *labels),
        numbers=frozenset(labels),
        rows=[
            (row.display_name, row.entity, *(_month(row, label) for label in labels))
            for row in sorted(report.rows, key=lambda row: (row.objective, row.entity))
            if row.months
        ],
        sentence="Calendar months; the latest may be unfinished.",
        empty="No month has data.",
    )


def _month(row: ReportRow, label: str) -> str:
    month: Month | None = next((month for month in row.months if month.label == label), None)
    if month is None:
        return "-"
    return f"{render_ratio(month.good / month.total, 2)} {'kept' if row.keeps(month) else 'missed'}"


def corrections_table(report: Report) -> Table:
    """Return what changed numbers afterwards, or leaves time out of them."""
    return Table(
        title="Corrections",
        columns=("When", "Kind", "Who", "What", "Why", "Effect"),
        rows=[
            (render_moment(each.at_ns), each.kind, each.who, each.what, each.why, _effect(each))
            for each in report.corrections
        ],
        sentence="What changed a number after it had been judged, or leaves time out of it.",
    )


def _effect(correction: Correction) -> str:
    return "; ".join(
        f"{effect.objective} of {effect.entity}: {_attained(effect.after)} instead of {_attained(effect.before)}"
        for effect in correction.effects
        if effect.before != effect.after
    )


def _attained(counts: tuple[int, int]) -> str:
    good, total = counts
    return render_ratio(good / total if total else None)


def metered_table(report: Report) -> Table:
    """Return what tenants used of what is billed."""
    return Table(
        title="What tenants used",
        columns=("Tenant", "Device", "What", "Amount", "Unit"),
        numbers=frozenset({"Amount"}),
        rows=[
            (each.tenant, each.device, each.metric, f"{each.amount:,.2f}", each.unit.strip("{}"))
            for each in sorted(report.metered, key=lambda each: (each.tenant, each.metric, each.device))
        ],
        sentence="From the hours that begin in the window, as far as they are rolled up.",
        empty="Nothing is metered.",
    )
