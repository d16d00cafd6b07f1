"""Real Alertmanager and Prometheus servers on ports of their own."""

import contextlib
import signal
import urllib.request
from collections.abc import Iterator, Mapping

from tests.services.debian_root import DebianRoot, write_files
from tests.services.processes import RunningProcess, free_port

QUIET_ALERTMANAGER = """\
route: {receiver: nobody, group_wait: 0s, group_interval: 1s, repeat_interval: 1h}
receivers: [{name: nobody}]
"""


@contextlib.contextmanager
def running_alertmanager(
    root: DebianRoot,
    config: str = QUIET_ALERTMANAGER,
    *,
    files: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Iterator[str]:
    """Yield the URL of an Alertmanager with `config`; `files` (templates, say) lie beside its configuration."""
    port = port or free_port()
    argv = [
        "prometheus-alertmanager",
        "--config.file=config.yml",
        "--storage.path=data",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",  # alone: no gossip
    ]
    with _running(root, argv, port, {**(files or {}), "config.yml": config}) as url:
        yield url


@contextlib.contextmanager
def running_alertmanager_pair(root: DebianRoot, config: str) -> Iterator[list[str]]:
    """Yield the URLs of two Alertmanagers that tell each other what they have told."""
    with contextlib.ExitStack() as running:
        gossip = [free_port(), free_port()]
        urls = []
        for mine, other in (gossip, gossip[::-1]):
            port = free_port()
            argv = [
                "prometheus-alertmanager",
                "--config.file=config.yml",
                "--storage.path=data",
                f"--web.listen-address=127.0.0.1:{port}",
                f"--cluster.listen-address=127.0.0.1:{mine}",
                f"--cluster.peer=127.0.0.1:{other}",
                "--cluster.peer-timeout=3s",
                "--cluster.gossip-interval=50ms",
                "--cluster.settle-timeout=5s",
            ]
            urls.append(running.enter_context(_running(root, argv, port, {"config.yml": config})))
        yield urls


@contextlib.contextmanager
def running_prometheus(root: DebianRoot, config: str, *, files: Mapping[str, str] | None = None) -> Iterator[str]:
    """Yield the URL of a Prometheus with `config`; `files` (rules, say) lie beside it. It accepts remote writes."""
    with root.work_dir() as inside:
        write_files(root.outside(inside), {**(files or {}), "config.yml": config})
        with serve_prometheus(root, inside) as url:
            yield url


@contextlib.contextmanager
def serve_prometheus(root: DebianRoot, inside: str) -> Iterator[str]:
    """Yield the URL of a Prometheus with the `config.yml` and the `data` of a work directory."""
    port = free_port()
    argv = [
        "prometheus",
        "--config.file=config.yml",
        "--storage.tsdb.path=data",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.enable-remote-write-receiver",
    ]
    with _serving(root, argv, port, inside) as url:
        yield url


@contextlib.contextmanager
def _running(root: DebianRoot, argv: list[str], port: int, files: Mapping[str, str]) -> Iterator[str]:
    with root.work_dir() as inside:
        write_files(root.outside(inside), files)
        with _serving(root, argv, port, inside) as url:
            yield url


@contextlib.contextmanager
def _serving(root: DebianRoot, argv: list[str], port: int, inside: str) -> Iterator[str]:
    url = f"http://127.0.0.1:{port}"
    server = RunningProcess(
        root.command(argv, cwd=inside), log=root.outside(f"{inside}/log"), stop_signal=signal.SIGTERM
    )
    try:
        server.wait_until(lambda: _is_ready(url), argv[0])
        yield url
    finally:
        server.stop()


def _is_ready(url: str) -> bool:
    with contextlib.suppress(OSError):  # refused, or 503 while it loads
        urllib.request.urlopen(f"{url}/-/ready", timeout=2).close()
        return True
    return False
