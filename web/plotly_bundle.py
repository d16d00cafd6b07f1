"""Plotly without the kinds of charts that no board has: a quarter of its script, and sooner done with.

The bundle is a list of modules, each after those that it needs, and a last one that registers every kind of chart in
the order of their modules. What lies between the last kind that is wanted and that list serves the others alone.
"""

import re

WANTED = ("bar", "heatmap")
"""The kinds of charts beside lines and points, which are always there; in the order of the bundle."""

_NAME = r"[\w$]+"
_INDEX = re.compile(rf"var {_NAME}={_NAME}\(\({_NAME},{_NAME}\)=>{{[^{{}}]*?({_NAME})\.register\(\[([^\]]*)\]\)")
_ALIAS = r'var {module}={name}\(\({name},{name}\)=>{{"use strict";{name}\.exports=({name})\(\)}}\);'
_MODULE = r"var {module}={name}\("
_KIND = re.compile(r'moduleType:"trace",name:"(\w+)"')


def trim(script: str) -> str:
    """Return the script with the wanted kinds only; the whole one where it is not laid out as it used to be."""
    index = _INDEX.search(script)
    if index is None:
        return script
    kept: list[str] = []
    missing = set(WANTED)
    for call in index[2].split(","):
        found = _find_kind(script, call.removesuffix("()"))
        if found is None:
            return script
        kind, end = found
        if kind in missing:
            kept.append(call)
            missing.remove(kind)
        if not missing:
            return script[:end] + script[index.start() : index.start(2)] + ",".join(kept) + script[index.end(2) :]
    return script


def _find_kind(script: str, module: str) -> tuple[str, int] | None:
    """Return which kind of chart a registered module is, and where its text ends."""
    alias = re.search(_ALIAS.format(module=re.escape(module), name=_NAME), script)
    real = alias and re.search(_MODULE.format(module=re.escape(alias[1]), name=_NAME), script)
    if alias is None or real is None:
        return None
    kind = _KIND.search(script, real.start(), alias.start())
    return (kind[1], alias.end()) if kind else None
