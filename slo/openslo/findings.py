"""What a reader has to say about a file: errors, which forbid its use, and lints, which do not.

An error names the key path and the line; a lint also carries a code, so that it can be looked up or tolerated.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Why a file cannot be used. `line` counts from 1; 0 where there is no line, as in an unreadable file."""

    line: int
    path: str
    message: str


@dataclass(frozen=True, slots=True, order=True)
class Lint:
    """What is allowed but probably not meant."""

    line: int
    path: str
    code: str
    message: str


@dataclass(slots=True)
class FileReport:
    """All findings of one file. With `strict`, what the reference SDK refuses is refused too."""

    file: str
    strict: bool = False
    errors: list[Finding] = field(default_factory=list)
    lints: list[Lint] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """Return whether nothing forbids the use of the file."""
        return not self.errors

    def add_error(self, path: str, message: str, line: int) -> None:
        """Note an error once, however many objectives refer to the place."""
        if (finding := Finding(line, path, message)) not in self.errors:
            self.errors.append(finding)

    def add_lint(self, code: str, path: str, message: str, line: int) -> None:
        """Note a lint once."""
        if (lint := Lint(line, path, code, message)) not in self.lints:
            self.lints.append(lint)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as `herald slo check --json` prints it, in the order of the lines."""
        return {
            "file": self.file,
            "valid": self.valid,
            "errors": [{"path": e.path, "message": e.message, "line": e.line} for e in sorted(self.errors)],
            "lints": [
                {"code": x.code, "path": x.path, "message": x.message, "line": x.line} for x in sorted(self.lints)
            ],
        }
