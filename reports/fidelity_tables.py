"""The tables of a postmortem about fidelities and states, before and during."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from model.clock import format_time
from reports.numbers import render_ratio
from reports.postmortem import Postmortem
from reports.postmortem_facts import FidelityBucket, StateSnapshot
from reports.report_tables import Table

_BAR = 20
_MOST_HISTOGRAMS = 8
_STATES = (
    "Of each slot the last snapshot before the impact and the worst since: the fidelity with what was stored, "
    "and that between the two where both stored the same."
)


def fidelity_tables(postmortem: Postmortem) -> Iterator[Table]:
    """Yield how the fidelities of each entity and metric were distributed, of many those that moved most."""
    by_metric: dict[tuple[str, str], list[FidelityBucket]] = defaultdict(list)
    for bucket in postmortem.fidelities:
        by_metric[bucket.entity, bucket.metric].append(bucket)
    most = sorted(by_metric, key=lambda key: (-_distance(by_metric[key]), key))[:_MOST_HISTOGRAMS]
    for entity, metric in sorted(most):
        buckets = by_metric[entity, metric]
        before, during = _totals(buckets)
        filled = [i for i, bucket in enumerate(buckets) if bucket.before or bucket.during]
        yield Table(
            title=f"{metric} of {entity}",
            columns=("Fidelity", "Before", "", "During", " "),
            numbers=frozenset({"Before", "During"}),
            rows=[
                (_bounds(b), *_share(b.before, before), *_share(b.during, during))
                for b in buckets[filled[0] : filled[-1] + 1]
            ],
            sentence=f"{before:,} before and {during:,} during.",
        )


def count_unshown_fidelities(postmortem: Postmortem) -> int:
    """Return how many entities and metrics have fidelities for which there is no table."""
    return max(len({(bucket.entity, bucket.metric) for bucket in postmortem.fidelities}) - _MOST_HISTOGRAMS, 0)


def _totals(buckets: Sequence[FidelityBucket]) -> tuple[int, int]:
    return sum(b.before for b in buckets), sum(b.during for b in buckets)


def _distance(buckets: Sequence[FidelityBucket]) -> float:
    """Return the share of the fidelities that lie elsewhere than before: half of all differences, 0..1.

    0 where there were none before or none since, which tells nothing.
    """
    before, during = _totals(buckets)
    if not (before and during):
        return 0.0
    return sum(abs(b.during / during - b.before / before) for b in buckets) / 2


def _share(count: int, total: int) -> tuple[str, str]:
    share = count / total if total else None
    return render_ratio(share, 1), "█" * round((share or 0) * _BAR)


def _bounds(bucket: FidelityBucket) -> str:
    if bucket.above is None or bucket.up_to is None:
        return f"up to {bucket.up_to:g}" if bucket.up_to is not None else f"above {bucket.above:g}"
    return f"{bucket.above:g} to {bucket.up_to:g}"


def states_table(postmortem: Postmortem) -> Table:
    """Return the states that tomography measured before and during, and the fidelity between them."""
    return Table(
        title="Tomography",
        columns=("Memory", "Slot", "Before", "During", "Fidelity between"),
        numbers=frozenset({"Fidelity between"}),
        rows=[
            (
                change.before.entity,
                change.before.slot,
                _state(change.before),
                _state(change.during),
                "-" if change.fidelity is None else f"{change.fidelity:.3f}",
            )
            for change in postmortem.states
        ],
        sentence=_STATES if postmortem.states else "",
        empty="No slot was measured both before and during.",
    )


def _state(snapshot: StateSnapshot) -> str:
    """Return `0.981 ± 0.004 of x+, 07:02`."""
    error = "" if snapshot.error is None else f" ± {snapshot.error:.3f}"
    return f"{snapshot.fidelity:.3f}{error} of {snapshot.state}, {format_time(snapshot.at_ns)[11:16]}"
