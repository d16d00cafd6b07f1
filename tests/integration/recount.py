"""A database to which deeds are done, and a brute-force count over the raw points that were ever sent to it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from model.clock import MINUTE_NS
from model.points import HistogramPoint, Temporality
from store import ExclusionRow, Store, Writer
from tests.integration.telemetry import Point, at, batch, fidelity, histogram, reads, t2

MINUTES = 60
DEVICES = ("mem-a", "mem-b")
ACCUMULATING = "mem-c"
"""The device whose counter and histogram are cumulative."""

LONG_ENOUGH = 2
"""The coherence time from which on a minute is good; the least of all slots counts."""

Key = tuple[str, int]
"""Device, minute."""
Tally = tuple[int, int]
"""Good, total."""
Tallies = dict[Key, Tally]


@dataclass
class World:
    """What was done to a database, and the raw points behind it: of each point the first that was sent stays."""

    store: Store
    writer: Writer
    sent: list[tuple[list[Point], list[HistogramPoint]]] = field(default_factory=list)
    counted: dict[tuple[str, int, int, bool], int] = field(default_factory=dict)
    lasted: dict[tuple[str, int, int], int] = field(default_factory=dict)
    sampled: dict[tuple[str, int, int], Sequence[int]] = field(default_factory=dict)
    grown: dict[str, dict[int, Sequence[int]]] = field(default_factory=lambda: defaultdict(dict))
    exclusions: dict[int, ExclusionRow] = field(default_factory=dict)

    def do(self, deed: tuple[object, ...]) -> None:
        getattr(self, f"_{deed[0]}")(*deed[1:])

    def _send(self, points: Sequence[Point] = (), histograms: Sequence[HistogramPoint] = ()) -> None:
        """Send what there is, every other point first."""
        if points or histograms:
            shuffled = [*points[::2], *points[1::2]], [*histograms[::2], *histograms[1::2]]
            self.sent.append(shuffled)
            self.writer.write("spool-1", [batch(len(self.sent), shuffled[0], histograms=shuffled[1])])

    def _reads(self, device: str, given: list[tuple[int, int, bool, int]]) -> None:
        points: list[Point] = []
        for minute, place, good, value in given:
            if (key := (device, minute, place, good)) not in self.counted:
                self.counted[key] = value
                of = reads("success" if good else "failure", device)
                points.append((of, _time(minute, place), at(minute + place / 6), float(value)))
        self._send(points)

    def _coherence(self, device: str, given: list[tuple[int, int, int]]) -> None:
        points: list[Point] = []
        for minute, place, value in given:
            if (key := (device, minute, place)) not in self.lasted:
                self.lasted[key] = value
                points.append((t2(f"slot-{place % 2}", device), _time(minute, place), 0, float(value)))
        self._send(points)

    def _samples(self, device: str, given: list[tuple[int, int, Sequence[int]]]) -> None:
        points: list[HistogramPoint] = []
        for minute, place, buckets in given:
            if (key := (device, minute, place)) not in self.sampled:
                self.sampled[key] = buckets
                start_ns = at(minute + place / 6)
                points.append(histogram(fidelity(device=device), _time(minute, place), buckets, start_ns=start_ns))
        self._send(histograms=points)

    def _counter(self, first: int, growths: list[Sequence[int] | None]) -> None:
        of = reads("failure", ACCUMULATING, Temporality.CUMULATIVE)
        grown = self._accumulate("counter", first, growths)
        self._send([(of, at(minute), start_ns, float(total)) for minute, start_ns, (total,) in grown])

    def _histogram(self, first: int, growths: list[Sequence[int] | None]) -> None:
        of = fidelity(temporality=Temporality.CUMULATIVE, device=ACCUMULATING)
        grown = self._accumulate("histogram", first, growths)
        self._send(histograms=[histogram(of, at(minute), total, start_ns=start) for minute, start, total in grown])

    def _accumulate(
        self, what: str, first: int, growths: list[Sequence[int] | None]
    ) -> Iterator[tuple[int, int, Sequence[int]]]:
        """Yield minute, start and value of a cumulative stream that begins anew at None, later than ever before."""
        first = max(first, max(self.grown[what], default=-2) + 2)
        zero = [0] * max((len(growth) for growth in growths if growth), default=0)
        total, start_ns = zero, at(first)
        for minute, growth in enumerate(growths if zero else (), start=first + 1):
            if minute >= MINUTES:
                return
            if growth is None:
                total, start_ns = zero, at(minute - 0.5)
            total = [before + more for before, more in zip(total, growth or zero, strict=True)]
            self.grown[what][minute - 1] = growth or zero
            yield minute, start_ns, total

    def _again(self, index: int) -> None:
        if self.sent:
            points, histograms = self.sent[index % len(self.sent)]
            self._send(points[::-1], histograms[::-1])

    def _restart(self) -> None:
        """Nothing: an engine is made for each look."""

    def _exclude(self, device: str | None, first: int, length: int, mode: str | None) -> None:
        row = ExclusionRow(
            kind="maintenance",
            matchers={"device": device} if device else {},
            start_ns=at(first),
            end_ns=at(first + length),
            rule="",
            zone="UTC",
            mode=mode,
            who="test",
            why="test",
            source="",
            created_ns=at(0),
        )
        number = self.store.add_exclusion(row, actor="test")
        assert number is not None
        self.exclusions[number] = row

    def _revoke(self, index: int) -> None:
        if self.exclusions:
            number = sorted(self.exclusions)[index % len(self.exclusions)]
            self.store.revoke_exclusion(number, now_ns=at(0), actor="test")
            del self.exclusions[number]

    def reads(self) -> Tallies:
        """Return good and all reads by device and minute with data."""
        found: Tallies = defaultdict(lambda: (0, 0))
        for (device, minute, _, good), value in self.counted.items():
            found[device, minute] = _sum([found[device, minute], (value * good, value)])
        failed = {(ACCUMULATING, minute): (0, growth[0]) for minute, growth in self.grown["counter"].items()}
        return self._spared({**found, **failed})

    def samples(self) -> Tallies:
        """Return the fidelities above 0.9, the second bound, and all of them."""
        found: Tallies = defaultdict(lambda: (0, 0))
        for (device, minute, _), buckets in self.sampled.items():
            found[device, minute] = _sum([found[device, minute], (sum(buckets[2:]), sum(buckets))])
        grown = {
            (ACCUMULATING, minute): (sum(buckets[2:]), sum(buckets))
            for minute, buckets in self.grown["histogram"].items()
        }
        return self._spared({**found, **grown})

    def coherent(self) -> Tallies:
        """Return for each minute whether the least coherence time of a device was long enough."""
        least: dict[Key, int] = {}
        for (device, minute, _), value in self.lasted.items():
            least[device, minute] = min(value, least.get((device, minute), value))
        return self._spared({key: (int(value >= LONG_ENOUGH), 1) for key, value in least.items()})

    def _spared(self, tallies: Tallies) -> Tallies:
        return {key: self._spare(*key, tally) for key, tally in tallies.items()}

    def _spare(self, device: str, minute: int, tally: Tally) -> Tally:
        modes = {
            row.mode or "dropped"
            for row in self.exclusions.values()
            if row.matchers.get("device", device) == device
            and row.end_ns is not None
            and row.start_ns < at(minute + 1)
            and row.end_ns > at(minute)
        }
        if "dropped" in modes:
            return 0, 0
        return (tally[1], tally[1]) if modes else tally


def by_device(tallies: Tallies) -> dict[str, Tally]:
    """Return the sums over all minutes."""
    devices = {device for device, _ in tallies}
    return {device: _sum([t for (d, _), t in tallies.items() if d == device]) for device in devices}


def slices(tallies: Tallies, minutes: int) -> dict[str, list[Tally]]:
    """Return the sums of each device's slices in which there is something to judge; slices count from 1970 on."""
    found: dict[str, list[Tally]] = defaultdict(list)
    offset = at(0) // MINUTE_NS % minutes
    sliced = {(device, (minute + offset) // minutes) for device, minute in tallies}
    for device, nth in sorted(sliced):
        inside = [t for (d, m), t in tallies.items() if d == device and (m + offset) // minutes == nth]
        found[device] += [_sum(inside)] if _sum(inside)[1] > 0 else []
    return found


def _time(minute: int, place: int) -> int:
    return at(minute + (place + 1) / 6)


def _sum(parts: Sequence[Tally]) -> Tally:
    return sum(part[0] for part in parts), sum(part[1] for part in parts)
