"""One entity's ledger: put minutes in any order, as often as they change, and ask for any window that ends on one."""

from model.clock import MINUTE_NS
from slo.counts import Counts, Int64s, Sums
from slo.ledgers import Ledgers


class Ledger:
    """Minutes of one entity: `put` them in any order, as often as they change."""

    def __init__(self, window_ns: int, *, among: Ledgers | None = None) -> None:
        """Make a ledger of its own, or one `among` others, which then decide how far it looks back."""
        self.ledgers = Ledgers(window_ns) if among is None else among
        self.row = self.ledgers.add_row()

    def put(self, minute_ns: int, good: int, total: int) -> bool:
        """Set a minute's counts; return False where the minute is older than what is kept."""
        return self.ledgers.put(self.row, minute_ns, good, total)

    def put_arrays(self, minutes_ns: Int64s, good: Int64s, total: Int64s) -> None:
        """Set many minutes at once; much faster than one by one."""
        self.ledgers.put_arrays(self.row, minutes_ns, good, total)

    def drop(self, minute_ns: int) -> None:
        """Forget a minute, as if it never had data."""
        self.ledgers.drop(self.row, minute_ns)

    def expect(self, since_ns: int) -> None:
        """Expect data from a time on, whether or not there ever are any."""
        self.ledgers.expect(self.row, since_ns)

    def counts(self, end_ns: int, length_ns: int) -> Counts:
        """Return the sums over the `length_ns` before `end_ns`; an unfinished last minute is left out."""
        return self.ledgers.counts_of(self.row, end_ns, length_ns)

    def minutes_expected(self, end_ns: int, length_ns: int) -> int:
        """Return the minutes of the window that lie after the first one in which data were there or expected."""
        since_ns = self.expected_since_ns
        return 0 if since_ns is None else max(0, min(length_ns // MINUTE_NS, (end_ns - since_ns) // MINUTE_NS))

    @property
    def first_data_ns(self) -> int | None:
        """Return the start of the first minute with data that is still kept."""
        return self.ledgers.first_data_ns(self.row)

    @property
    def expected_since_ns(self) -> int | None:
        """Return since when data are there or expected; None for an entity that nobody expects."""
        return self.ledgers.expected_since_ns(self.row)

    def last_data_ns(self, end_ns: int) -> int | None:
        """Return the end of the last minute with data that ended by `end_ns`."""
        last = self.ledgers.last_minute(self.row, end_ns // MINUTE_NS)
        return None if last < 0 else (last + 1) * MINUTE_NS

    def sums(self) -> Sums:
        """Return prefix sums for evaluating many windows at once; later puts do not change them."""
        return self.ledgers.sums_of(self.row)
