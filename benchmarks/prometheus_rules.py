"""A real Prometheus that evaluates rules of Sloth's shape, one objective per entity, over three days of counters.

The rules are those of one objective grouped by device: an error ratio per window, the period's ratio as Sloth
averages it, and two alerts. Prometheus itself says how long a round of them takes.
"""

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import yaml

from benchmarks.results import UnmeasurableError
from slo import Objective
from tests.services.debian_root import DebianRoot, cache_dir, debian_root, write_files
from tests.services.prometheus import serve_prometheus
from tests.services.unavailable import ServiceUnavailableError

_DAYS = 3
_PATIENCE_S = 90
_ROUNDS = 3
_READS = "quantum_memory_reads_total"
_WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
_CONFIG = """\
global: {evaluation_interval: 10s}
rule_files: [rules.yml]
"""


def time_rules(objective: Objective, *, entities: int) -> float:
    """Return the seconds of one evaluation of the rules. Raises UnmeasurableError without a Prometheus."""
    if not any(cache_dir().glob("debian-*/")):
        raise UnmeasurableError("run make test as root first, which makes one")
    try:
        root = debian_root()
    except ServiceUnavailableError as exc:
        raise UnmeasurableError(str(exc)) from exc
    with root.work_dir() as inside:
        files = {"config.yml": _CONFIG, "rules.yml": _render_rules(objective), "reads.om": _render_reads(entities)}
        write_files(root.outside(inside), files)
        _make_blocks(root, inside)
        with serve_prometheus(root, inside) as url:
            return _time_rounds(url)


def _make_blocks(root: DebianRoot, inside: str) -> None:
    argv = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "reads.om", "data"]
    made = subprocess.run(root.command(argv, cwd=inside), capture_output=True, text=True, check=False, timeout=300)
    if made.returncode:
        raise UnmeasurableError(f"promtool made no blocks: {made.stderr.strip()[-200:]}")


def _time_rounds(url: str) -> float:
    """Return the quickest of a few rounds after the first."""
    seen: dict[str, float] = {}
    until = time.monotonic() + _PATIENCE_S
    while len(seen) <= _ROUNDS and time.monotonic() < until:
        with urllib.request.urlopen(f"{url}/api/v1/rules", timeout=10) as answer:
            groups: list[dict[str, Any]] = json.load(answer)["data"]["groups"]
        rounds = [group["lastEvaluation"] for group in groups]
        if groups and not any(when.startswith("0001-") for when in rounds):
            seen[max(rounds)] = sum(float(group["evaluationTime"]) for group in groups)
        time.sleep(1)
    if len(seen) < 2:
        raise UnmeasurableError("Prometheus evaluated nothing in time")
    return min(list(seen.values())[1:])


def _render_reads(entities: int) -> str:
    return "\n".join([f"# TYPE {_READS.removesuffix('_total')} counter", *_samples(entities), "# EOF", ""])


def _samples(entities: int) -> Iterator[str]:
    end_s = int(time.time()) // 60 * 60 + 300
    for entity in range(entities):
        for outcome, growth in (("success", 999), ("failure", 1)):
            labels = f'{{device="mem-{entity}",outcome="{outcome}"}}'
            for minute in range(_DAYS * 1440):
                yield f"{_READS}{labels} {minute * growth} {end_s - (_DAYS * 1440 - minute) * 60}"


def _render_rules(objective: Objective) -> str:
    """Return the rules in Sloth's three groups."""
    budget = float(objective.error_budget)
    name = f'sloth_slo="{objective.name}"'

    def ratio(window: str) -> str:
        bad = f'sum by (device) (rate({_READS}{{outcome="failure"}}[{window}]))'
        return f"({bad}) / (sum by (device) (rate({_READS}[{window}])))"

    def recorded(window: str) -> str:
        return f"slo:sli_error:ratio_rate{window}{{{name}}}"

    def burns(*pairs: tuple[str, str, float]) -> str:
        return " or ".join(
            f"(max without (sloth_window) ({recorded(short)} > {factor * budget}) and "
            f"max without (sloth_window) ({recorded(long)} > {factor * budget}))"
            for short, long, factor in pairs
        )

    labels = {"sloth_slo": objective.name}
    indicators = [
        {"record": f"slo:sli_error:ratio_rate{w}", "expr": ratio(w), "labels": {**labels, "sloth_window": w}}
        for w in _WINDOWS
    ]
    average = f"sum_over_time({recorded('5m')}[28d]) / count_over_time({recorded('5m')}[28d])"
    meta = [
        {"record": "slo:sli_error:ratio_rate28d", "expr": average, "labels": labels},
        {"record": "slo:current_burn_rate:ratio", "expr": f"{recorded('5m')} / {budget}", "labels": labels},
    ]
    alerts = [
        {"alert": "Page", "expr": burns(("5m", "1h", 13.44), ("30m", "6h", 5.6))},
        {"alert": "Ticket", "expr": burns(("2h", "1d", 2.8), ("6h", "3d", 0.9333))},
    ]
    groups = {"sli-recordings": indicators, "meta-recordings": meta, "alerts": alerts}
    return yaml.safe_dump({"groups": [{"name": key, "rules": rules} for key, rules in groups.items()]})
