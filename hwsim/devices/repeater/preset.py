"""What describes a repeater chain: its memories, gates and policies, and the links that it joins."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from hwsim.documents import Reader
from hwsim.spec import FleetSpec

BBPSSW, DEJMPS = "bbpssw", "dejmps"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeaterPreset:
    """A kind of chain. It uses `attempt_share` of its links' attempts.

    A node has `memories` on each side, in which a pair may wait for `cutoff_s`. Pairs of a link are purified while
    its fidelity is estimated under `purify_below_fidelity`; where less than `backoff_success` of the rounds agree,
    the chain does without for a while. A swap counts when its message arrives within `sync_timeout_s`.
    """

    attempt_share: float
    memories: float
    cutoff_s: float
    t2_s: float
    swap_success: float
    gate_reliability_probability: float
    measurement_reliability_probability: float
    sync_loss_probability: float
    out_of_order_probability: float
    sync_timeout_s: float
    purify_below_fidelity: float
    backoff_success: float
    log_error_hz: float
    fidelity_noise: float
    load_share: float
    load_daily_share: float
    deadline_s: float

    def problems(self) -> list[tuple[str, str]]:
        """Return what does not fit together."""
        wrong = [(key, "must be more than 0") for key in ("attempt_share", "t2_s") if not getattr(self, key)]
        if self.memories < 1:
            wrong.append(("memories", "must be at least 1"))
        return wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeaterSettings:
    """The links of the chain from end to end, and the protocol of purification."""

    links: tuple[str, ...]
    purification: str


def read_settings(reader: Reader) -> RepeaterSettings:
    """Read the keys `links` and `purification` of a device."""
    links = reader.texts("links")
    if len(links) < 2:
        reader.offend("links", "must name at least two links")
    if len(set(links)) < len(links):
        reader.offend("links", "must name every link once")
    return RepeaterSettings(links=links, purification=reader.one_of("purification", (DEJMPS, BBPSSW), DEJMPS))


def name_links(settings: RepeaterSettings) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the links that a chain names."""
    return tuple((link, ("link",)) for link in settings.links)


def gaps(settings: RepeaterSettings, fleet: FleetSpec) -> Iterator[tuple[str, str]]:
    """Yield where the chain breaks: neighbouring links must end at a common memory bank, where the swap is done."""
    known = {name: fleet.by_id[name] for name in settings.links if fleet.entities.get(name) == "link"}
    for one, other in pairwise(settings.links):
        if one in known and other in known and not set(known[one].settings.ends) & set(known[other].settings.ends):
            yield "links", f"{one} and {other} follow one another and must end at a common memory bank"
