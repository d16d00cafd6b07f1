"""`python -m benchmarks`: measure, print a table, write `build/bench.json`."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.boards import measure_boards
from benchmarks.cycles import measure_cycles
from benchmarks.decoding import measure_decoding
from benchmarks.elsewhere import measure_endpoint
from benchmarks.history import measure_history
from benchmarks.ingestion import measure_embedded, measure_timescale
from benchmarks.machine import describe_machine
from benchmarks.progress import say
from benchmarks.results import COLUMNS, Result, Skipped, UnmeasurableError, build_document, build_rows
from benchmarks.simulator import measure_simulator
from benchmarks.slo_evaluation import measure_evaluation
from herald.output import print_table
from model.errors import HeraldError

Measure = Callable[[Path], Iterable[Result]]
"""Yields results; may keep databases in the folder given, which lies on the disk that is measured."""

BENCHMARKS: Mapping[str, Measure] = {
    "ingest": measure_embedded,
    "timescale": measure_timescale,
    "decode": lambda _: measure_decoding(),
    "slo": lambda _: measure_evaluation(),
    "cycles": lambda _: measure_cycles(),
    "history": measure_history,
    "simulator": measure_simulator,
    "boards": measure_boards,
}
ONLY_WHEN_NAMED = frozenset({"boards"})


def measure(names: Sequence[str], folder: Path, otlp: str | None = None) -> tuple[list[Result], list[Skipped]]:
    """Return what the benchmarks of these names came to, and those that gave no figure.

    With the URL of an OTLP endpoint, that is measured and nothing else.
    """
    results: list[Result] = []
    skipped: list[Skipped] = []
    chosen = {otlp: lambda _: measure_endpoint(otlp)} if otlp else {name: BENCHMARKS[name] for name in names}
    for name, run in chosen.items():
        say(f"{name} ...")
        try:
            results += run(folder)
        except (UnmeasurableError, HeraldError) as exc:
            say(f"{name} gave no figure: {exc}")
            skipped.append(Skipped(name, str(exc), exc.exit_code if isinstance(exc, HeraldError) else 0))
    return results, skipped


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parse(arguments)
    folder: Path = asked.out.parent.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    machine = describe_machine(folder)
    names = asked.only or [name for name in BENCHMARKS if name not in ONLY_WHEN_NAMED]
    results, skipped = measure(names, folder, asked.otlp)
    machine["load_1m_after"] = os.getloadavg()[0]
    asked.out.write_text(json.dumps(build_document(machine, results, skipped), indent=2) + "\n", encoding="utf-8")
    print_table(COLUMNS, build_rows(results))
    say(f"written to {asked.out}; the machine's load was {machine['load_1m_before']:.1f} before")
    return max((each.exit_code for each in skipped), default=0)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Herald beside simpler things.")
    parser.add_argument(
        "--only", action="append", choices=list(BENCHMARKS), metavar="NAME", help=", ".join(BENCHMARKS)
    )
    parser.add_argument("--otlp", type=_endpoint, metavar="URL", help="measure this OTLP/HTTP endpoint instead")
    parser.add_argument("--out", type=Path, default=Path("build/bench.json"), help="the JSON file to write")
    return parser.parse_args(arguments)


def _endpoint(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise argparse.ArgumentTypeError(f"{text!r} is no URL such as http://localhost:4318")
    return text


if __name__ == "__main__":
    sys.exit(main())
