"""Which of several engines leads: the one whose connection holds an advisory lock of the database.

The lock belongs to the connection, so that it is free the moment a leader's process dies, or its connection is lost;
there is no lease to wait for and no clock to trust.
"""

from store.session import Session
from store.statements import load_statements

_SQL = load_statements("leadership")


class Leadership(Session):
    """One candidate; it stands again and again, as a leader too."""

    def stand(self) -> bool:
        """Return whether this candidate leads now: it still does, or the place was free.

        A leader whose connection was lost leads again only if it gets the lock anew. Raises DatabaseUnavailableError.
        """
        return bool(self._rows(_SQL["try_lead"])[0][0])
