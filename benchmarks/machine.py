"""What the figures were measured on, and how busy it was."""

import os
import platform
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def describe_machine(folder: Path) -> dict[str, Any]:
    """Return processor, memory, software, load, and how long `folder`'s disk takes to make 8 kB durable."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cpus": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_1m_before": os.getloadavg()[0],
        "fsync_s": _fsync_s(folder),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _fsync_s(folder: Path, *, writes: int = 50) -> float:
    with tempfile.TemporaryFile(dir=folder) as file:
        return statistics.median(_write_durably(file.fileno()) for _ in range(writes))


def _write_durably(file: int) -> float:
    start = time.perf_counter()
    os.write(file, bytes(8192))
    os.fsync(file)
    return time.perf_counter() - start
