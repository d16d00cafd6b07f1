"""The faults, by number and name: a function that does something to a running world, and what it needs."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.world import World

Inject = Callable[[World], None]


class NotPossibleError(Exception):
    """The fault cannot be made on this machine; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`number` is that of docs/reference/faults.md; `quick` ones belong to the short version."""

    number: str
    title: str
    inject: Inject
    loaded: bool
    quick: bool


FAULTS: list[Fault] = []


def fault(number: str, *, loaded: bool = True, quick: bool = False) -> Callable[[Inject], Inject]:
    """Register a fault; its docstring is its title. `loaded`: clients send while it happens."""

    def register(inject: Inject) -> Inject:
        title = (inject.__doc__ or "").strip().splitlines()[0].rstrip(".")
        FAULTS.append(Fault(number=number, title=title, inject=inject, loaded=loaded, quick=quick))
        return inject

    return register
