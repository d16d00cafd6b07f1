"""The service in front of processors: tenants submit jobs, it queues, compiles, runs, meters and answers for them."""

from typing import NamedTuple

import numpy as np

from hwsim.block import BLOCK_S, INTERVAL_S, Block
from hwsim.devices.job_backends import Backend, Reservation
from hwsim.devices.job_costs import CostMeter, Transpiler
from hwsim.devices.job_ledger import FAILURE, SUCCESS, JobLedger
from hwsim.devices.job_load import JobLoad, Tenant, classes, lognormal
from hwsim.devices.job_queue import TICK_S, JobQueue
from hwsim.devices.job_records import QueueLog
from hwsim.devices.job_spans import JobTracer
from hwsim.devices.orchestrator_preset import (
    API_LATENCY_FACTOR,
    PARAMETERS,
    PRIORITIES,
    PRIORITY_INVERSION,
    QUOTA_FACTOR,
    SDK_MISMATCH_SHARE,
    SUBMISSION_FAILURE,
    OrchestratorPreset,
)
from hwsim.documents import Reader
from hwsim.kind import Kind
from hwsim.maintenance import Maintenance, calibration_id
from hwsim.spec import DeviceSpec
from hwsim.world import World
from model.attributes import attributes
from model.names import (
    ATTR_DEVICE_ID,
    ATTR_OUTCOME,
    ATTR_TENANT_ID,
    METRIC_API_DURATION,
    METRIC_API_REQUESTS,
    METRIC_TENANT_QUOTA,
    METRIC_TENANT_USAGE,
)


class OrchestratorSettings(NamedTuple):
    """What a fleet file says about an orchestrator."""

    backends: tuple[str, ...]
    tenants: tuple[Tenant, ...]
    reservations: tuple[Reservation, ...]

    def references(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the processors, which must be there."""
        return tuple((name, ("processor",)) for name in self.backends)

    def tenant_ids(self) -> tuple[str, ...]:
        """Return whom it serves."""
        return tuple(tenant.id for tenant in self.tenants)


class Orchestrator:
    """One orchestrator with its queue."""

    def __init__(
        self, spec: DeviceSpec, backends: list[Backend], maintenance: dict[str, Maintenance], own: Maintenance
    ) -> None:
        self.id = spec.id
        self._preset: OrchestratorPreset = spec.preset
        self._tenants: tuple[Tenant, ...] = spec.settings.tenants
        backend_ids = [backend.id for backend in backends]
        self._maintenance = own
        self._load = JobLoad(spec.id, self._preset, self._tenants, len(backends))
        self.queue = JobQueue(spec.id, self._preset, classes(self._tenants), backends)
        self._ledger = JobLedger(spec.id, self._tenants, backend_ids)
        self._costs = CostMeter(spec.id, self._preset, backends)
        self._transpiler = Transpiler(spec.id)
        self._tracer = JobTracer(
            spec.id,
            backend_ids,
            lambda backend_id, when_ns: calibration_id(backend_id, maintenance[backend_id].calibrated_ns(when_ns)),
        )

    def simulate(self, block: Block) -> None:
        """Live through a block with its jobs."""
        log = self.queue.live(block, self._load.arrivals(block))
        self._ledger.report(block, log)
        self._costs.report(block, log)
        self._transpiler.report(block, log)
        self._tracer.report(block, log)
        self._report_quotas(block, log)
        self._report_calls(block)
        self._maintenance.report(block)
        block.when_asked(self._state_truths)

    def _report_quotas(self, block: Block, log: QueueLog) -> None:
        ends_ns = block.interval_ends_ns
        factor = block.each_second(self.id, QUOTA_FACTOR, 1.0)[INTERVAL_S - 1 :: INTERVAL_S]
        used = log.in_system[INTERVAL_S // TICK_S - 1 :: INTERVAL_S // TICK_S]
        for tenant in self._tenants:
            identity = attributes({ATTR_DEVICE_ID: self.id, ATTR_TENANT_ID: tenant.id})
            block.levels(METRIC_TENANT_QUOTA, identity, tenant.quota * factor, ends_ns)
            jobs = np.array([numbers.get(tenant.id, 0) for numbers in used], dtype=np.float64)
            block.levels(METRIC_TENANT_USAGE, identity, jobs, ends_ns)

    def _report_calls(self, block: Block) -> None:
        """Report calls of the API: submissions, and clients that ask how their jobs are."""
        p, rng = self._preset, block.rng(self.id, "api")
        at_s = np.sort(rng.uniform(0.0, BLOCK_S, rng.poisson(p.api_calls_per_s * BLOCK_S)))
        failing = rng.random(len(at_s)) < block.parameter_at(
            self.id, SUBMISSION_FAILURE, p.api_failure_probability, at_s
        )
        slower = block.parameter_at(self.id, API_LATENCY_FACTOR, 1.0, at_s)
        identity = {ATTR_DEVICE_ID: self.id}
        for outcome, moments in ((SUCCESS, at_s[~failing]), (FAILURE, at_s[failing])):
            block.count_at(METRIC_API_REQUESTS, attributes({**identity, ATTR_OUTCOME: outcome}), moments)
        duration_s = slower * lognormal(p.api_s, p.api_spread, len(at_s), rng)
        block.samples(METRIC_API_DURATION, attributes(identity), duration_s, at_s)

    def _state_truths(self, block: Block) -> None:
        p = self._preset
        load: dict[str, tuple[float, float, float]] = {
            name: (1.0, 0.7, 1.5) for name in sorted(PARAMETERS) if name.startswith("arrival") or "_factor" in name
        }
        load[PRIORITY_INVERSION] = (0.0, 0.0, 0.5)
        load[SUBMISSION_FAILURE] = (p.api_failure_probability, 0.0, 5 * p.api_failure_probability)
        load[SDK_MISMATCH_SHARE] = (p.sdk_mismatch_share, 0.0, 5 * p.sdk_mismatch_share)
        for name, (nominal, low, high) in load.items():
            block.truth(self.id, "orchestrator", name, block.parameter(self.id, name, nominal), low=low, high=high)


def _read_settings(reader: Reader) -> OrchestratorSettings:
    tenants = tuple(
        Tenant(
            id=entry.text("id"),
            priority=entry.one_of("priority", PRIORITIES),
            share=entry.number("share", minimum=0.0),
            quota=entry.count("quota", 100),
        )
        for entry in reader.entries("tenants")
    )
    backends = reader.texts("backends")
    if not backends:
        reader.offend("backends", "must name at least one processor")
    if tenants and not sum(tenant.share for tenant in tenants):
        reader.offend("tenants", "must have a share of the jobs between them")
    for name in sorted({t.id for t in tenants if [u.id for u in tenants].count(t.id) > 1}):
        reader.offend("tenants", f"the id {name!r} is used more than once")
    return OrchestratorSettings(backends, tenants, _read_reservations(reader, backends, {t.id for t in tenants}))


def _read_reservations(reader: Reader, backends: tuple[str, ...], tenants: set[str]) -> tuple[Reservation, ...]:
    reservations = []
    for entry in reader.entries("reservations", optional=True):
        reservation = Reservation(
            tenant=entry.text("tenant"),
            backend=entry.text("backend"),
            from_hour=entry.number("from_hour", minimum=0.0, maximum=24.0),
            hours=entry.number("hours", minimum=0.0, maximum=24.0),
        )
        if reservation.tenant not in tenants:
            entry.offend("tenant", f"{reservation.tenant!r} is no tenant of the orchestrator")
        if reservation.backend not in backends:
            entry.offend("backend", f"{reservation.backend!r} is no backend of the orchestrator")
        reservations.append(reservation)
    return tuple(reservations)


def _build(world: World, spec: DeviceSpec) -> Orchestrator:
    settings: OrchestratorSettings = spec.settings
    backends = [
        Backend(name, world.fleet.by_id[name].preset, world.nature(name), settings.reservations)
        for name in settings.backends
    ]
    maintenance = {name: world.maintenance(name) for name in settings.backends}
    return Orchestrator(spec, backends, maintenance, world.maintenance(spec.id))


KIND = Kind(
    name="orchestrator",
    identity=ATTR_DEVICE_ID,
    preset_type=OrchestratorPreset,
    build=_build,
    parameters=PARAMETERS,
    read_settings=_read_settings,
    references=OrchestratorSettings.references,
    tenants=OrchestratorSettings.tenant_ids,
)
