"""Clocks that jump: the collector is started with one that is an hour off, in both directions."""

import signal
from pathlib import Path

from tests.faults.registry import fault
from tests.faults.world import World

_SHIFT = """
import os, time
_shift_s = int(os.environ.get("HERALD_FAULT_CLOCK_SHIFT_S", "0"))
if _shift_s:
    _time, _time_ns = time.time, time.time_ns
    time.time = lambda: _time() + _shift_s
    time.time_ns = lambda: _time_ns() + _shift_s * 10**9
"""
"""Loaded by Python itself when it starts, as `sitecustomize`."""


@fault("32")
def clocks_that_jump(world: World) -> None:
    """The collector's clock is an hour ahead, then an hour behind; the database's is right."""
    folder: Path = world.folder / "clock"
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(_SHIFT, encoding="utf-8")
    before = dict(world.collector.environment)
    for shift_s in (3600, -3600):
        shifted = {"PYTHONPATH": str(folder), "HERALD_FAULT_CLOCK_SHIFT_S": str(shift_s)}
        world.collector.end(signal.SIGKILL)
        world.collector.environment = {**before, **shifted}
        world.collector.start()
        world.pause(0.3, 0.8)
    world.collector.end(signal.SIGKILL)
    world.collector.environment = before
    world.collector.start()
