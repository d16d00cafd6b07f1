"""Which series are in use: what a collector that starts anew bounds their number with. Fits `collector.Census`."""

from collections.abc import Iterator

from model.points import Series
from store.database import connect, translated
from store.series import identify
from store.statements import load_statements

_SQL = load_statements("series")
_IDENTITY_BYTES = 7
"""Enough to tell a million series apart."""


class SeriesCensus:
    """Reads the series of one database that got points lately."""

    def __init__(self, url: str) -> None:
        self._url = url

    def read_series(self) -> Iterator[tuple[tuple[str, str, str, str, str, bool], int]]:
        """Yield tenant, metric, kind, unit, temporality, monotonic, and identity of every series of the last day.

        Raises DatabaseUnavailableError.
        """
        with (
            translated(self._url),
            connect(self._url, application="herald census") as connection,
            connection.transaction(),
            connection.cursor(name="census") as cursor,  # read in parts: there may be very many
        ):
            for tenant, metric, kind, unit, temporality, monotonic, identity in cursor.execute(_SQL["read_active"]):
                yield (tenant, metric, kind, unit, temporality, monotonic), _number(bytes(identity))


def number_series(series: Series) -> int:
    """Return what tells a series from others, as the census has it."""
    return _number(identify(series))


def _number(identity: bytes) -> int:
    return int.from_bytes(identity[:_IDENTITY_BYTES], "big")
