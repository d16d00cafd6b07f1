"""What is told of a suspect: what was seen, and what would prove it innocent."""

from collections.abc import Sequence

from model.clock import MINUTE_NS
from reports.cause.finding import Finding
from reports.cause.silence import Heard, Unmeasured
from reports.evidence import ChangeEvent

NOTHING_MOVED = (
    "Not enough evidence: no series that can be a cause left its own past, no change was followed by a step, "
    "and nothing fell silent."
)
NO_PAST = "Not enough evidence: too little is recorded from before the impact to know what is normal."
_MOST_NAMED = 3


def tell_shift(finding: Finding) -> str:
    """Return one sentence on what moved from where to where."""
    what = f"{finding.definition.name} of {finding.entity}"
    if finding.part:
        what += f" ({finding.part})"
    if finding.overdue:
        return (
            f"{what}: the last renewal is {finding.after:.4g} s old, and never was older than {finding.before:.4g} s"
        )
    unit = {"count": " a minute", "share": " of all"}.get(finding.kind, "")
    return f"{what} went from {finding.before:.4g} to {finding.after:.4g}{unit}"


def refute_shift(finding: Finding) -> str:
    """Return what would speak against the series as the cause."""
    if finding.overdue:
        return f"{finding.entity} was renewed after all and only told wrongly, or its peers are as late and are well."
    return (
        f"{finding.entity} reads normal on an independent instrument, the objective stays broken after "
        f"{finding.definition.name} is back to {finding.before:.4g}, or its peers moved alike and are well."
    )


def tell_change(change: ChangeEvent, followed: Sequence[Finding], impact_ns: int) -> str:
    """Return one sentence on the change and what followed."""
    text = change.text or f"{change.event} on {change.entity}"
    if not followed:
        return f"{text}, {_when(impact_ns - change.time_ns)} the impact; no series stepped with it"
    names = list(dict.fromkeys(f.definition.name for f in followed))
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{text}; at once followed steps in {', '.join(names[:_MOST_NAMED])}{more}"


def _when(before_ns: int) -> str:
    minutes = round(abs(before_ns) / MINUTE_NS)
    if minutes < 1:
        return "in the minute of"
    return f"{minutes} min {'before' if before_ns > 0 else 'after'}"


def refute_change(change: ChangeEvent) -> str:
    """Return what would speak against the change as the cause."""
    return (
        f"Rolling {change.entity} back does not end it, another entity with the same version is well, or something "
        "moved before the change."
    )


def tell_unmeasured(entity: str, unmeasured: Unmeasured, effects: Sequence[Finding]) -> str:
    """Return one sentence on what nobody has measured since it hurts, with what followed it all the same."""
    usual = f"usually every {unmeasured.usual_minutes:.0f} min"
    again = ("not measured again", "measured only once", "measured only twice")[unmeasured.again]
    text = f"{unmeasured.definition.name} of {entity}, measured {usual}, was {again} since the impact"
    return f"{text}; {', '.join(map(tell_shift, effects))}, which follows it" if effects else text


def refute_unmeasured(unmeasured: Unmeasured) -> str:
    """Return what would speak against it."""
    return f"The next measurement of {unmeasured.definition.name} reads as before."


def tell_silence(entity: str, loudest: Heard, silent: int) -> str:
    """Return one sentence on who fell silent."""
    others = f" and {silent - 1} more series" if silent > 1 else ""
    return f"{entity} no longer tells of {loudest.entity}: {loudest.definition.name}{others} stopped"


def refute_silence(entity: str) -> str:
    """Return what would speak against missing telemetry as the cause."""
    return f"The devices behind {entity} fail when asked directly, so silence is an effect and not the cause."
