"""`herald fault`: break the running simulated fleet on purpose, and mend it again."""

import time
from pathlib import Path
from typing import Annotated

import typer

from herald.commands.options import AsJson, Data, Fleet
from herald.faults import LiveFault, read_faults, write_faults
from herald.output import print_json, print_table, say
from herald.settings import DEFAULT_DATA, DataDirectory
from model.clock import SECOND_NS, format_time
from model.errors import InvalidInputError
from model.windows import parse_duration

app = typer.Typer(help="Break the running simulated fleet on purpose.", no_args_is_help=True)


@app.command("list", epilog="Example: herald fault list")
def list_faults(*, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List the faults that can be injected, and those that are."""
    from hwsim import load_faults  # noqa: PLC0415  # the simulator takes a second to import

    active = read_faults(DataDirectory(data).faults)
    kinds = load_faults()
    if as_json:
        print_json(
            {
                "faults": [{"fault": kind.id, "title": kind.title, "on": kind.strikes} for kind in kinds.values()],
                "injected": [
                    {"fault": f.fault, "entity": f.entity, "from": format_time(f.start_ns), "magnitude": f.magnitude}
                    for f in active
                ],
            }
        )
        return
    rows = [
        (kind.id, kind.title, kind.strikes, ", ".join(f.entity for f in active if f.fault == kind.id) or "-")
        for kind in kinds.values()
    ]
    print_table(("Fault", "What happens", "On a", "Injected into"), rows)


@app.command(epilog="Example: herald fault inject link.F1 --entity link-delft-hague --for 30m")
def inject(
    fault: Annotated[str, typer.Argument(help="Catalogue id, e.g. memory.F7.")],
    *,
    entity: Annotated[str | None, typer.Option(help="What to break; default: the first that the fault fits.")] = None,
    duration: Annotated[str | None, typer.Option("--for", help="How long, e.g. 30m; default: until cleared.")] = None,
    magnitude: Annotated[float | None, typer.Option(help="How strong; default: the typical strength.")] = None,
    fleet: Fleet = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Inject a fault into the fleet that `herald up` runs on --data."""
    from hwsim import FaultSchedule, choose_target, find_fault, load_fleet  # noqa: PLC0415  # the simulator takes a second to import

    kind = find_fault(fault)
    target = choose_target(kind, load_fleet(fleet).entities, entity)
    now_ns = time.time_ns()
    injected = LiveFault(
        fault=kind.id,
        entity=target,
        start_ns=now_ns,
        end_ns=now_ns + parse_duration(duration) if duration else None,
        magnitude=kind.magnitude.typical if magnitude is None else magnitude,
    )
    FaultSchedule().add(injected.as_injection())  # refuses here what the agents would refuse
    path = _fault_file(data)
    write_faults(path, [f for f in read_faults(path) if f.end_ns is None or f.end_ns > now_ns] + [injected])
    say(f"{kind.id} ({kind.title}) on {target} from {format_time(now_ns // SECOND_NS * SECOND_NS)}")


@app.command(epilog="Example: herald fault clear")
def clear(data: Data = DEFAULT_DATA) -> None:
    """Take all faults back."""
    write_faults(_fault_file(data), [])
    say("all faults cleared")


def _fault_file(data: Path) -> Path:
    if not data.is_dir():
        raise InvalidInputError(f"there is no Herald in {data}", remedy="start it with herald up, or give --data")
    return DataDirectory(data).faults
