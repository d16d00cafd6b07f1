"""What both doors do with a request: let in whoever may send, and hand on what is sent under the sender's name."""

from collector.intake import Accepted, Intake
from collector.outsize import refuse_outsize
from collector.signals import Encoding, Signal
from collector.stamp import stamp
from collector.tokens import TokenBook
from model.access import AgentToken


class Admission:
    """Stands between a door and the intake; without `tokens`, everybody may send as whom they like."""

    def __init__(self, intake: Intake, tokens: TokenBook | None = None) -> None:
        self._intake = intake
        self._tokens = tokens

    @property
    def is_open(self) -> bool:
        """Whether a token is not needed."""
        return self._tokens is None

    def recall(self, authorization: str) -> AgentToken | None:
        """Return the token if it is known to be good; never waits."""
        return None if self._tokens is None else self._tokens.recall(authorization)

    def admit(self, authorization: str) -> AgentToken | None:
        """Return the token, None at an open door; may read the database.

        Raises UnauthenticatedError, or TokensUnreadableError after which the same request may be sent again.
        """
        return None if self._tokens is None else self._tokens.admit(authorization)

    def accept(self, signal: Signal, encoding: Encoding, body: bytes, token: AgentToken | None) -> Accepted:
        """Hand on a decompressed body; see `Intake.accept`. Raises OutsizeError as well."""
        refuse_outsize(signal, encoding, body)
        if token is None:
            return self._intake.accept(signal, encoding, body)
        return self._intake.accept(signal, Encoding.PROTOBUF, stamp(signal, encoding, body, token))
