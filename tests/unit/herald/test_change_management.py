"""Firmware canaries behind the gate of an error budget: the scenarios memory.S3 and link.S3 of the catalogue."""

from dataclasses import replace

import pytest

from alert_rules import load_shipped_objectives
from herald.change_management import GATE_STEP_NS, ChangeManagement, Conclusion
from herald.ground_truth import RecordedSource, only
from herald.recount import queries_of
from hwsim import build_sites
from hwsim.rollout import Stage
from hwsim.scenario import SCENARIOS, Scenario, load_scenario
from model.clock import HOUR_NS, MINUTE_NS, SECOND_NS
from model.errors import InvalidInputError
from model.registry import load_registry
from model.windows import Window
from slo import Objective, compute_minutes

START_NS = 1_800_000_000 * SECOND_NS
OBJECTIVES = {objective.name: objective for objective in load_shipped_objectives()}
ROLLED_OUT_NS = START_NS + 2 * HOUR_NS


def scenario(name: str, *, hours: int = 3, **changes) -> Scenario:
    whole = load_scenario(SCENARIOS / f"{name}.yaml")
    plans = tuple(replace(plan, **changes) for plan in whole.plans)
    return replace(whole, duration_ns=hours * HOUR_NS, plans=plans)


def gates_of(played: Scenario) -> dict[str, Objective]:
    return {name: OBJECTIVES[name] for plan in played.plans for name in plan.gate if name in OBJECTIVES}


def play(played: Scenario) -> tuple[list[Conclusion], RecordedSource]:
    """Play a scenario on its own recordings; return how its rollouts ended, and what their gates counted."""
    schedule, source, objectives = played.schedule(START_NS), RecordedSource(load_registry()), gates_of(played)
    sites = build_sites(played.fleet, seed=1, start_ns=START_NS, faults=schedule)
    changes = ChangeManagement(played.rollouts(START_NS, schedule), objectives, source, start_ns=START_NS)
    asked = {query.metric for objective in objectives.values() for query in queries_of(objective)}
    for now_ns in range(START_NS + GATE_STEP_NS, START_NS + played.duration_ns + 1, GATE_STEP_NS):
        for site in sites:
            source.add(only(site.record(now_ns, MINUTE_NS), asked))
        changes.proceed(now_ns)
    return changes.conclude(), source


@pytest.mark.parametrize(
    ("name", "canaries", "watched"),
    [("memory-s3", ("mem-delft",), "memory-good-retrieval"), ("link-s3", ("rep-delft-hague",), "link-swap-success")],
)
def test_a_release_that_hurts_is_taken_back_from_its_canaries_and_the_harm_ends(name, canaries, watched):
    played = scenario(name)
    (ended,), source = play(played)
    assert (ended.stage, ended.reached) == (Stage.ROLLED_BACK, canaries)
    assert ended.rolled_back_ns is not None
    assert ended.rolled_back_ns < ROLLED_OUT_NS + 20 * MINUTE_NS
    assert any(watched in reason for reason in ended.reasons)
    after = Window(start_ns=ended.rolled_back_ns, end_ns=START_NS + played.duration_ns)
    minutes = list(compute_minutes(OBJECTIVES[watched], source, after))
    bad, total = sum(m.total - m.good for m in minutes), sum(m.total for m in minutes)
    assert bad / total < float(OBJECTIVES[watched].error_budget)


def test_a_harmless_release_reaches_everybody():
    played = scenario("memory-s3", harmless=True, soak_s=600.0)
    (ended,), _ = play(played)
    assert (ended.stage, ended.reached, ended.reasons) == (Stage.DONE, ("mem-delft", "mem-hague"), ())


def test_a_rollout_whose_gate_names_no_objective_is_refused():
    with pytest.raises(InvalidInputError, match="names no-such: nothing could stop it"):
        play(scenario("memory-s3", gate=("no-such",)))


def test_a_rollout_of_somebody_else_is_stopped_by_no_gate():
    (ended,), _ = play(scenario("community-s5", soak_s=600.0))
    assert (ended.stage, ended.reached) == (Stage.DONE, ("backend-aurora", "backend-borealis"))
