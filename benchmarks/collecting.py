"""A collector in this process: HTTP door, durable spool, and a writer to a database."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from collector import CollectorServer, Pipeline, Spool
from model.errors import DependencyError
from store import Writer

_PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class RunningCollector:
    """Where it listens, and its way to the database."""

    url: str
    pipeline: Pipeline

    def wait_until_stored(self) -> None:
        """Return once everything acknowledged is committed in the database."""
        if not self.pipeline.flush(_PATIENCE_S):
            trouble = self.pipeline.check_readiness().trouble
            raise DependencyError(f"the collector did not finish within {_PATIENCE_S:.0f} s: {trouble}")


@contextmanager
def running_collector(database: str, folder: Path) -> Iterator[RunningCollector]:
    """Yield a collector that spools below `folder` and stores in `database`."""
    with (
        TemporaryDirectory(dir=folder, prefix="spool-") as spool_folder,
        closing(Spool(Path(spool_folder))) as spool,
        closing(Writer(database)) as writer,
        Pipeline(spool, writer) as pipeline,
        CollectorServer(None, "127.0.0.1:0", pipeline) as server,
    ):
        yield RunningCollector(f"http://127.0.0.1:{server.http_port}", pipeline)
