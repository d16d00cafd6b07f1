"""Messages about the measuring itself, on stderr."""

import sys


def say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
