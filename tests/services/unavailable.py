"""Why a real service cannot run on this machine; a test that needs it is skipped with this sentence."""


class ServiceUnavailableError(Exception):
    """A service that a test needs cannot be had here; says the reason and the remedy."""

    def __init__(self, reason: str, *, remedy: str) -> None:
        super().__init__(f"{reason}; {remedy}")
