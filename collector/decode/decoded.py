"""What decoding yields: the good part as a batch, and what was left out."""

from dataclasses import dataclass, field

from collector.decode.rejections import Rejections
from model.points import Batch


@dataclass(slots=True)
class Decoded:
    """One request. `no_value` counts points flagged "no recorded value": dropped, but nobody's mistake."""

    batch: Batch = field(default_factory=lambda: Batch(position=0, digest=b""))
    rejections: Rejections = field(default_factory=Rejections)
    no_value: int = 0

    @property
    def accepted(self) -> int:
        """The number of points, records or spans that will be stored."""
        return count_items(self.batch)


def count_items(batch: Batch) -> int:
    """Return the number of points, records and spans in a batch."""
    return len(batch.numbers) + len(batch.histograms) + len(batch.exponentials) + len(batch.events) + len(batch.spans)
