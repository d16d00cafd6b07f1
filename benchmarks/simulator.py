"""The simulator on one core: a month of the shipped fleet as OTLP requests, and a large fleet second by second.

The month is generated and encoded in a process of its own, so that its memory can be told. Beside it stands the
naive road: the same fleet asked minute by minute, each answer encoded by itself, for some hours and scaled. The live
figure is the processor time of each simulated second, beside the second itself, which is all that one core has.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.results import Figure, Result
from exporters import build_simulated_sources
from exporters.encode import encode_metrics
from exporters.encode_events import encode_logs, encode_traces
from hwsim.block import BLOCK_NS, BLOCK_S
from model.clock import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from model.recording import Recording, record_readings

START_NS = 1_760_000_040 * SECOND_NS // BLOCK_NS * BLOCK_NS
_DAYS = 30
_NAIVE_HOURS = 6
_LIVE_SECONDS = 600
_LARGE = {"banks": 20, "slots": 50, "links": 20, "processors": 4}
_MONTH = "import json; from benchmarks.simulator import generate_month; print(json.dumps(generate_month()))"
_EMPTY = "import json; from benchmarks.simulator import told_memory; print(json.dumps(told_memory()))"


def measure_simulator(folder: Path) -> Iterator[Result]:
    month, empty = _run(_MONTH), _run(_EMPTY)
    naive_s = _generate_naively() * 24 / _NAIVE_HOURS * _DAYS
    yield Result(name="month of history", value=month["cpu_s"], unit="s", beside=Figure("minute by minute", naive_s))
    yield Result(
        name="month: points", value=month["points"] / month["cpu_s"], unit="points/s",
        beside=Figure("bytes/s", month["bytes"] / month["cpu_s"]),
    )  # fmt: skip
    yield Result(
        name="month: memory", value=month["memory_mb"], unit="MB", beside=Figure("before it", empty["memory_mb"])
    )
    yield Result(
        name="1,000 slots, 20 links, 4 processors live",
        value=_live_share(folder),
        unit="cores",
        beside=Figure("one core", 1.0),
    )


def generate_month() -> dict[str, float]:
    """Generate and encode thirty days of the shipped fleet; return processor time, points, bytes and memory."""
    sources = build_simulated_sources(seed=1, start_ns=START_NS)
    begun_s, points, size = time.process_time(), 0, 0
    for reached_ns in range(START_NS + 2 * HOUR_NS, START_NS + _DAYS * DAY_NS + 1, 2 * HOUR_NS):
        for source in sources:
            recording = source.record(reached_ns, MINUTE_NS)
            points += recording.points
            size += _encode(recording)
    return {"cpu_s": time.process_time() - begun_s, "points": points, "bytes": size, **told_memory()}


def told_memory() -> dict[str, float]:
    """Return the most memory that this process has held, in MB."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (peak_kb,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return {"memory_mb": int(peak_kb) / 1024}


def _generate_naively() -> float:
    sources = build_simulated_sources(seed=1, start_ns=START_NS)
    begun_s = time.process_time()
    for reached_ns in range(START_NS + MINUTE_NS, START_NS + _NAIVE_HOURS * HOUR_NS + 1, MINUTE_NS):
        for source in sources:
            _encode(record_readings(source.advance(reached_ns)))
    return time.process_time() - begun_s


def _live_share(folder: Path) -> float:
    """Return the processor time of a simulated second: its share of a block that is lived at once, and telling it."""
    fleet = folder / "large-fleet.yaml"
    fleet.write_text(build_large_fleet(**_LARGE), encoding="utf-8")
    (site,) = build_simulated_sources(fleet, seed=1, start_ns=START_NS)
    begun_s = time.process_time()
    site.advance(START_NS + SECOND_NS)
    lived_s = time.process_time()
    for second in range(2, _LIVE_SECONDS + 2):
        site.advance(START_NS + second * SECOND_NS)
    return (lived_s - begun_s) / BLOCK_S + (time.process_time() - lived_s) / _LIVE_SECONDS


def build_large_fleet(*, banks: int, slots: int, links: int, processors: int) -> str:
    """Return a fleet file of one site with so many devices of its kind."""
    around = [
        {"kind": "cryostat", "id": "cryo", "preset": "closed_cycle"},
        {"kind": "controller", "id": "ctl"},
    ]
    sources = {"cooled_by": "cryo", "controlled_by": "ctl"}
    memories = [
        {"kind": "memory", "id": f"mem-{n}", "preset": "trapped_ion", "slots": slots, "jobs_per_s": 5.0, **sources}
        for n in range(banks)
    ]
    pairs = [(f"mem-{n % banks}", f"mem-{(n + 1) % banks}") for n in range(links)]
    joined = [
        {"kind": "link", "id": f"link-{n}", "preset": "trapped_ion", "ends": list(ends), "length_km": 10.0,
         "protocol": "two_click", "controlled_by": "ctl"}
        for n, ends in enumerate(pairs)
    ]  # fmt: skip
    computers = [{"kind": "processor", "id": f"qpu-{n}", "preset": "fez", **sources} for n in range(processors)]
    return json.dumps({"sites": [{"id": "large", "devices": [*around, *memories, *joined, *computers]}]})


def _encode(recording: Recording) -> int:
    return sum(len(encode([recording])) for encode in (encode_metrics, encode_logs, encode_traces))


def _run(program: str) -> dict[str, float]:
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    told: dict[str, float] = json.loads(done.stdout)
    return told
