"""What comes with Herald: the objectives, a runbook for each, and the files generated from them."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from alert_rules.mutes import Mute
from alert_rules.prometheus import render_rules
from alert_rules.promtool import is_testable, render_test
from alert_rules.routes import Webhooks, render_alertmanager
from model.files import write_text
from model.registry import Registry, load_registry
from slo import Objective
from slo.openslo import load_objectives

OBJECTIVES = Path(__file__).parent / "objectives"
RUNBOOKS = Path(__file__).parent / "runbooks"


@cache
def load_shipped_objectives() -> tuple[Objective, ...]:
    """Return the objectives that come with Herald, by file name."""
    return load_objectives(sorted(OBJECTIVES.glob("*.yaml")))


def load_runbooks() -> dict[str, str]:
    """Return the Markdown of every runbook by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(RUNBOOKS.glob("*.md"))}


def render_files(
    objectives: Sequence[Objective],
    *,
    webhooks: Webhooks,
    registry: Registry,
    base_url: str,
    mutes: Sequence[Mute] = (),
    sloth: bool = False,
) -> dict[str, str]:
    """Return the generated files by relative path: Prometheus rules and their tests, Alertmanager's configuration."""
    rules = {
        f"prometheus/{objective.name}.yml": render_rules([objective], registry, base_url=base_url, sloth=sloth)
        for objective in objectives
    }
    tests = {
        f"prometheus/tests/{objective.name}-{tier.name}.yml": render_test(
            objective, tier, registry, rule_file=f"../{objective.name}.yml"
        )
        for objective in objectives
        for tier in objective.tiers
        if is_testable(objective, tier)
    }
    return {**rules, **tests, "alertmanager.yml": render_alertmanager(webhooks, mutes)}


def build(
    out_dir: Path,
    *,
    objectives: Sequence[Objective] | None = None,
    webhooks: Webhooks | None = None,
    base_url: str = "http://localhost:8080",
    mutes: Sequence[Mute] = (),
    sloth: bool = False,
) -> list[Path]:
    """Write `prometheus/*.yml`, `prometheus/tests/*.yml` and `alertmanager.yml` below `out_dir`; return their paths.

    Without `objectives`, the shipped ones. Raises DirectoryNotWritableError.
    """
    files = render_files(
        objectives if objectives is not None else load_shipped_objectives(),
        webhooks=webhooks or Webhooks(),
        registry=load_registry(),
        base_url=base_url,
        mutes=mutes,
        sloth=sloth,
    )
    remedy = "choose another directory with --out"
    return [write_text(out_dir / name, text, remedy=remedy) for name, text in files.items()]
