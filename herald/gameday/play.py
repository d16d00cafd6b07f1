"""Play a plan: simulate, send, store, evaluate, judge.

Everything after the device is the real thing (OTLP requests, decoder, database, engine, ranking); only time is
virtual.
"""

from collections.abc import Callable
from contextlib import closing
from functools import partial

from collector import DirectPipeline, Encoding
from collector import Signal as CollectedSignal
from exporters import Signal, replay_history
from herald.engine import Engine
from herald.gameday.outcome import Outcome
from herald.gameday.plan import Plan
from herald.gameday.policy import Policy
from herald.gameday.verdict import judge
from herald.gameday.witness import Witness
from hwsim import FaultSchedule, Injection, build_sites
from model.clock import HOUR_NS
from store import Store, Writer

CHUNK_NS = 4 * HOUR_NS
STEP_S = 60


def play(plan: Plan, database: str, policy: Policy, tell: Callable[[float], None]) -> Outcome:
    """Play a plan on an empty, migrated database; `tell` hears how much is done, 0..1."""
    injection = Injection(
        fault_id=plan.fault.id,
        entity_id=plan.entity,
        start_ns=plan.injected_ns,
        end_ns=plan.cleared_ns,
        magnitude=plan.magnitude,
    )
    sites = build_sites(plan.fleet, seed=plan.seed, start_ns=plan.start_ns, faults=FaultSchedule([injection]))
    witnesses = [Witness(site) for site in sites]
    writer = Writer(database)
    with Store(database) as store, closing(writer):
        send = partial(accept, DirectPipeline(writer))
        engine = build_engine(store, policy, plan.start_ns)
        for progress in replay_history(witnesses, plan.start_ns, plan.end_ns, STEP_S, send=send, chunk_ns=CHUNK_NS):
            engine.step(progress.reached_ns)
            tell(progress.share)
        return judge(plan, store, policy, witnesses)


def build_engine(store: Store, policy: Policy, now_ns: int) -> Engine:
    """Return an engine that judges all of a policy."""
    return Engine(store, policy.objectives, rules=policy.rules, web_url="http://localhost:8080", now_ns=now_ns)


def accept(pipeline: DirectPipeline, signal: Signal, body: bytes) -> None:
    """Take in a request as the collector does, without a network in between."""
    pipeline.accept(CollectedSignal(signal.value), Encoding.PROTOBUF, body)
