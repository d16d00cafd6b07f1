"""What a reader has to say about a file: errors, which forbid its use, and lints, which do not.

A finding names the key path, the line and a code, by which it can be looked up or tolerated. There are two judges.
Herald's readers say what it cannot evaluate, and the reference SDK's rules (`slo.openslo.sdk`) what OpenSLO v1
refuses. By default the first decides and what only the SDK refuses is a lint; with `strict` it is the other way
round.
"""

from dataclasses import dataclass, field
from typing import Any

NOT_EVALUATED = "not-evaluated"
"""The code of what Herald cannot evaluate, where no better one says why."""

REFERENCE_SDK = "reference-sdk"
"""The code of what the reference SDK refuses."""

UNREADABLE = "unreadable"
"""The code of what neither judge can read: no file, no text, no YAML, no OpenSLO object."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Why a file cannot be used. `line` counts from 1; 0 where there is no line, as in an unreadable file."""

    line: int
    path: str
    message: str
    code: str = NOT_EVALUATED


@dataclass(frozen=True, slots=True, order=True)
class Lint:
    """What is allowed but probably not meant."""

    line: int
    path: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Violation:
    """What the reference SDK refuses. Its `path` may lie below the `place` in the file: `duration.unit`."""

    path: str
    place: str
    message: str
    line: int


@dataclass(slots=True)
class FileReport:
    """All findings of one file. With `strict` the reference SDK is the judge, once the report is settled."""

    file: str
    strict: bool = False
    errors: list[Finding] = field(default_factory=list)
    lints: list[Lint] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """Return whether nothing forbids the use of the file."""
        return not self.errors

    def add_error(self, path: str, message: str, line: int, code: str = NOT_EVALUATED) -> None:
        """Note an error once, however many objectives refer to the place."""
        if (finding := Finding(line, path, message, code)) not in self.errors:
            self.errors.append(finding)

    def add_lint(self, code: str, path: str, message: str, line: int) -> None:
        """Note a lint once."""
        if (lint := Lint(line, path, code, message)) not in self.lints:
            self.lints.append(lint)

    def add_violation(self, path: str, message: str, line: int, *, place: str) -> None:
        """Note what the reference SDK refuses."""
        self.violations.append(Violation(path, place, message, line))

    def settle(self) -> None:
        """Bring together what the two judges said, each place told once, in the order of the lines."""
        if self.strict:
            self._settle_strictly()
        else:
            told = {error.path for error in self.errors} | {lint.path for lint in self.lints}
            self.lints += [
                Lint(v.line, v.path, REFERENCE_SDK, f"{v.message}; the reference SDK refuses it")
                for v in self.violations
                if v.place not in told
            ]
        self.violations = []
        self.errors.sort()
        self.lints.sort()

    def _settle_strictly(self) -> None:
        refused = {violation.place for violation in self.violations}
        unreadable = [error for error in self.errors if error.code == UNREADABLE]
        others = [Lint(e.line, e.path, e.code, e.message) for e in self.errors if e.code != UNREADABLE]
        self.lints = [lint for lint in (*others, *self.lints) if lint.path not in refused]
        self.errors = unreadable + [Finding(v.line, v.path, v.message, REFERENCE_SDK) for v in self.violations]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as `herald slo check --json` prints it."""
        return {
            "file": self.file,
            "valid": self.valid,
            "errors": [{"code": e.code, "path": e.path, "message": e.message, "line": e.line} for e in self.errors],
            "lints": [{"code": x.code, "path": x.path, "message": x.message, "line": x.line} for x in self.lints],
        }
