"""`python -m tests.faults`: inject faults, print a table, write `build/faults.json`; 1 if a point was lost."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.machine import describe_machine
from benchmarks.progress import say
from herald.output import print_table
from tests.faults.catalogue import FAULTS
from tests.faults.results import COLUMNS, Result
from tests.faults.run import run_fault
from tests.faults.world import World


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for."""
    asked = _parse(arguments)
    chosen = [fault for fault in FAULTS if not asked.fault or fault.number in asked.fault]
    results: list[Result] = []
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    machine = describe_machine(asked.out.parent.absolute())
    for fault in chosen:
        say(f"{fault.number}: {fault.title} ...")
        World.outage_s = asked.outage_s
        begun = time.monotonic()
        with TemporaryDirectory(dir=asked.out.parent.absolute(), prefix="faults-") as folder:
            result = run_fault(
                fault,
                Path(folder),
                repetitions=asked.repetitions,
                seed=asked.seed,
                timescale=asked.timescale,
                say=say,
            )
        results.append(result)
        say(f"  {' | '.join(result.row()[2:])} ({time.monotonic() - begun:.0f} s)")
        document = {
            "machine": machine,
            "seed": asked.seed,
            "timescale": asked.timescale,
            "results": [each.to_json() for each in results],
        }
        asked.out.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print_table(COLUMNS, [result.row() for result in results])
    say(f"written to {asked.out}")
    return 0 if all(result.is_good for result in results) else 1


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    numbers = [fault.number for fault in FAULTS]
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Inject faults and count points.")
    parser.add_argument("--fault", action="append", choices=numbers, metavar="N", help=", ".join(numbers))
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timescale", action="store_true", help="on TimescaleDB instead of plain PostgreSQL")
    parser.add_argument("--outage-s", type=float, default=2.0, help="how long the database is away in fault 9")
    parser.add_argument("--out", type=Path, default=Path("build/faults.json"), help="the JSON file to write")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
