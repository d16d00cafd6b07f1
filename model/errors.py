"""Every error that Herald raises on purpose, by what the reader can do about it.

A class exists where a caller acts differently: `exit_code` is what the command line ends with. The
message says what is wrong and where; `remedy` says what to do. Foreign exceptions are translated into
these once, at the seam where the foreign library is called.
"""


class HeraldError(Exception):
    """Something went wrong that Herald can explain."""

    exit_code = 1
    remedy = ""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy or type(self).remedy

    def __str__(self) -> str:
        """Return one line: what and where, then what to do."""
        return f"{self.message} — {self.remedy}" if self.remedy else self.message


class InvalidInputError(HeraldError):
    """What the user gave cannot be used as it stands; correct it and try again."""

    exit_code = 2

    def __init__(self, message: str, *, remedy: str = "", place: str = "") -> None:
        super().__init__(f"{place}: {message}" if place else message, remedy=remedy)
        self.place = place


class DependencyError(HeraldError):
    """A service or file system that Herald needs does not answer."""

    exit_code = 3


class DatabaseUnavailableError(DependencyError):
    """The database cannot be reached; nothing that was stored is lost."""

    remedy = "start the database or correct --database, then try again"


class WriterFencedError(DependencyError):
    """Another writer has taken over this one's source; nothing of this one's was stored since."""

    remedy = "go on as a new source"


class PortInUseError(DependencyError):
    """Another program listens on the port."""

    remedy = "stop the other program or choose another port"


class DirectoryNotWritableError(DependencyError):
    """Herald may not write where it was told to keep its data."""

    remedy = "choose another directory with --data or correct its permissions"
