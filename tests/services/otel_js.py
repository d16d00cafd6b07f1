"""The OpenTelemetry SDK for JavaScript, installed once by npm into the cache: a client that nobody here wrote."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.services.debian_root import cache_dir
from tests.services.processes import end_with_parent
from tests.services.unavailable import ServiceUnavailableError

_SOURCE = Path(__file__).with_name("otel_js")
_INSTALL_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JavaScriptClient:
    """Node.js and the folder with the installed packages."""

    node: str
    modules: Path

    def start(self, http_url: str, grpc_url: str) -> "subprocess.Popen[str]":
        """Start sending; it stops when its stdin is closed, and prints how many of each it has sent."""
        return subprocess.Popen(
            end_with_parent([self.node, str(_SOURCE / "client.cjs"), http_url, grpc_url]),
            env=os.environ | {"NODE_PATH": str(self.modules)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def javascript_client() -> JavaScriptClient:
    """Return the client, installing its packages first. Raises ServiceUnavailableError where that cannot be done."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise ServiceUnavailableError("Node.js or npm is not installed", remedy="apt-get install nodejs npm")
    package = (_SOURCE / "package.json").read_bytes()
    cache = cache_dir()
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"otel-js-{hashlib.sha256(package).hexdigest()[:12]}"
    with (cache / "otel-js.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _install(npm, package, folder)
    return JavaScriptClient(node=node, modules=folder / "node_modules")


def _install(npm: str, package: bytes, folder: Path) -> None:
    building = folder.with_suffix(".building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    (building / "package.json").write_bytes(package)
    command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
    done = subprocess.run(
        end_with_parent(command), cwd=building, capture_output=True, text=True, check=False, timeout=_INSTALL_S
    )
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise ServiceUnavailableError(f"npm failed: {' '.join(last)}", remedy="it needs a package registry")
    building.rename(folder)
