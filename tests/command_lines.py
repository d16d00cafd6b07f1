"""Reads a command line as `herald` does, without running anything."""

from typing import Any

from typer.main import get_command

from herald.cli import app

_COMMAND = get_command(app)


def parse(arguments: list[str]) -> None:
    """Raise what the command line would say of a command or option that it does not have."""
    command: Any = _COMMAND
    context: Any = command.make_context("herald", arguments)
    while hasattr(command, "commands"):
        name, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        context = command.make_context(name, rest, parent=context)
