"""SeQUeNCe, an independent simulator of quantum networks, as a program that plays BB84 and prints what came out.

It is installed once, without the hundred packages of its notebooks, into a directory of its own outside the source
tree (`cache_dir`), and runs in a process of its own; nothing of it is imported here.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.services.debian_root import cache_dir
from tests.services.unavailable import ServiceUnavailableError

_PACKAGES = ("sequence==0.8.5", "gmpy2", "networkx", "tqdm", "pandas", "qutip-qip", "python-dateutil", "packaging")
_PROGRAM = Path(__file__).with_name("sequence_bb84.py")


def run_bb84(*, distance_m: float, polarization_fidelity: float, keys: int, seed: int) -> dict[str, Any]:
    """Return what SeQUeNCe says of a BB84 session; the keys are in `sequence_bb84.py`.

    Raises ServiceUnavailableError where it cannot be installed.
    """
    argv = [sys.executable, "-P", str(_PROGRAM), str(distance_m), str(polarization_fidelity), str(keys), str(seed)]
    environment = {**os.environ, "PYTHONPATH": str(_installed()), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=300, env=environment)
    document: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return document


def _installed() -> Path:
    cache = cache_dir()
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / f"sequence-0.8.5-py{sys.version_info.major}{sys.version_info.minor}"
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.is_dir():
            _install(path)
    return path


def _install(path: Path) -> None:
    building = path.with_suffix(".building")
    shutil.rmtree(building, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(building), *_PACKAGES]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ServiceUnavailableError(
            f"SeQUeNCe cannot be installed: {done.stderr.strip().splitlines()[-1]}", remedy="give pip an index"
        )
    building.rename(path)
