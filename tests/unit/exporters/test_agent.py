"""The live loop: no moment twice, none left out, however slow a tick is."""

import threading

from exporters.agent import run_agent
from model import names
from model.clock import SECOND_NS, VirtualClock
from model.readings import Readings
from tests.unit.exporters.stations import MORNING_NS, SteadySite


class Notebook:
    """An exporter that writes down what it is handed and stops the agent after enough of it."""

    def __init__(self, enough: int, stop: threading.Event) -> None:
        self.taken: list[Readings] = []
        self._enough, self._stop = enough, stop

    def take(self, readings: Readings) -> None:
        self.taken.append(readings)
        if len(self.taken) > self._enough:
            self._stop.set()

    @property
    def windows_s(self) -> list[tuple[float, float]]:
        return [((r.start_ns - MORNING_NS) / SECOND_NS, (r.end_ns - MORNING_NS) / SECOND_NS) for r in self.taken]


class SluggishClock(VirtualClock):
    """A clock that oversleeps by these many seconds, one after the other."""

    def __init__(self, start_ns: int, late_s: list[float]) -> None:
        super().__init__(start_ns)
        self._late_s = iter(late_s)

    def sleep_until(self, when_ns: int) -> None:
        super().sleep_until(when_ns)
        self._now_ns += round(next(self._late_s, 0.0) * SECOND_NS)


def run(clock: VirtualClock, ticks: int) -> Notebook:
    stop = threading.Event()
    notebook = Notebook(ticks, stop)
    run_agent(SteadySite(start_ns=clock.now_ns()), notebook, clock, stop=stop)
    return notebook


def test_the_topology_is_announced_first() -> None:
    announcement = run(VirtualClock(MORNING_NS), ticks=1).taken[0]
    (edge,) = announcement.happenings
    assert edge.event == names.EVENT_TOPOLOGY_EDGE
    assert dict(edge.attributes) == {
        names.ATTR_TOPOLOGY_SOURCE: "cryo-a",
        names.ATTR_TOPOLOGY_SOURCE_KIND: "cryostat",
        names.ATTR_TOPOLOGY_RELATION: "cools",
        names.ATTR_TOPOLOGY_TARGET: "mem-a",
        names.ATTR_TOPOLOGY_TARGET_KIND: "memory",
    }


def test_ticks_lie_on_whole_seconds_and_touch_each_other() -> None:
    notebook = run(VirtualClock(MORNING_NS + SECOND_NS // 4), ticks=3)
    assert notebook.windows_s[1:] == [(0.25, 1), (1, 2), (2, 3)]


def test_a_slow_tick_is_made_up_for_without_drifting() -> None:
    notebook = run(SluggishClock(MORNING_NS, [0.3, 2.5, 0.9]), ticks=4)
    assert notebook.windows_s[1:] == [(0, 1), (1, 4), (4, 5), (5, 6)]


def test_a_clock_that_is_set_back_reads_nothing_twice() -> None:
    notebook = run(SluggishClock(MORNING_NS, [0.0, -3.0]), ticks=3)
    assert notebook.windows_s[1:] == [(0, 1), (1, 2), (2, 3)]
