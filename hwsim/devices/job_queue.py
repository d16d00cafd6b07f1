"""Jobs on their way through an orchestrator: waiting by class, running on backends, retried, displaced, delivered.

A discrete-event simulation, block by block: the first free backend takes the first waiting job of the most urgent
class. Calibrations let a running job finish, outages end it. An interactive job that finds no free backend displaces
a background job, which then waits at the head of its class and starts anew.
"""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from hwsim.block import BLOCK_S, Block
from hwsim.devices.job_backends import Backend, constant, course
from hwsim.devices.job_load import ATTEMPTS, Job, Tenant
from hwsim.devices.job_records import HARDWARE, QUALITY, SDK, TIMEOUT, QueueLog, Run, Ticket
from hwsim.devices.orchestrator_preset import PRIORITY_INVERSION, QUOTA_FACTOR, OrchestratorPreset
from model.clock import SECOND_NS

_ARRIVE, _RETURN, _FINISH, _DELIVER, _CLOSE, _OPEN, _TICK = range(7)
TICK_S: Final = 60
_SPARED_SHARE = 0.8  # of its execution that a job must have behind it to be left alone
_OFTEN_DISPLACED = 8  # times after which a job is left alone


class JobQueue:
    """The jobs of one orchestrator between submission and result."""

    def __init__(
        self, orchestrator_id: str, preset: OrchestratorPreset, priorities: list[str], backends: list[Backend]
    ) -> None:
        self._id = orchestrator_id
        self._preset = preset
        self._backends = backends
        self.waiting: dict[str, deque[Ticket]] = {priority: deque() for priority in priorities}
        self.running: list[Run | None] = [None] * len(backends)
        self.in_system: dict[str, int] = {}
        self._events: list[tuple[float, int, int, Any]] = []
        self._number = 0
        self._warm_until_s: dict[tuple[int, str], float] = {}
        self._closed: set[int] = set()
        self._log = QueueLog()
        self._inverted: Callable[[float], float] = constant(0.0)
        self._quota_factor: Callable[[float], float] = constant(1.0)

    def live(self, block: Block, jobs: list[Job]) -> QueueLog:
        """Live through a block in which these jobs arrive."""
        start_s = block.start_ns / SECOND_NS
        self._log = log = QueueLog()
        self._inverted = course(block, self._id, PRIORITY_INVERSION, 0.0)
        self._quota_factor = course(block, self._id, QUOTA_FACTOR, 1.0)
        for backend in self._backends:
            backend.enter(block)
        for job in jobs:
            self._expect(job.submitted_s, _ARRIVE, job)
        for minute in range(1, BLOCK_S // TICK_S + 1):
            self._expect(start_s + minute * TICK_S, _TICK, None)
        self._expect_closures(block, start_s)
        self._dispatch(start_s)
        while self._events and self._events[0][0] <= start_s + BLOCK_S:
            now_s, _, kind, what = heapq.heappop(self._events)
            self._handle(now_s, kind, what)
        return log

    def quota(self, tenant: Tenant, now_s: float) -> float:
        """Return how many jobs the tenant may have in the system."""
        return tenant.quota * self._quota_factor(now_s)

    def _expect_closures(self, block: Block, start_s: float) -> None:
        self._closed = set()
        for number, backend in enumerate(self._backends):
            for closure in backend.closures(block.start_ns):
                if closure.begin_s == 0:
                    self._close(start_s, number, closure.reason)
                else:
                    self._expect(start_s + closure.begin_s, _CLOSE, (number, closure.reason))
                if closure.end_s < BLOCK_S:
                    self._expect(start_s + closure.end_s, _OPEN, number)

    def _expect(self, when_s: float, kind: int, what: Any) -> None:
        self._number += 1
        heapq.heappush(self._events, (when_s, self._number, kind, what))

    def _handle(self, now_s: float, kind: int, what: Any) -> None:
        if kind == _ARRIVE:
            self._arrive(now_s, what)
        elif kind == _RETURN:
            self.waiting[what.job.tenant.priority].append(replace(what, since_s=now_s))
        elif kind == _FINISH:
            if self.running[what.backend] is not what:
                return  # it was displaced or lost in an outage
            self._finish(now_s, what)
        elif kind == _DELIVER:
            self._deliver(now_s, what)
        elif kind == _CLOSE:
            self._close(now_s, *what)
        elif kind == _OPEN:
            self._closed.discard(what)
        else:
            self._tick(now_s)
        self._dispatch(now_s)

    def _arrive(self, now_s: float, job: Job) -> None:
        self._log.submitted.append((now_s, job))
        tenant = job.tenant
        if self.in_system.get(tenant.id, 0) >= self.quota(tenant, now_s):
            self._log.rejected.append((now_s, job))
            return
        self.in_system[tenant.id] = self.in_system.get(tenant.id, 0) + 1
        self.waiting[tenant.priority].append(Ticket(job=job, since_s=now_s))
        if tenant.priority == "interactive" and self._inverted(now_s) < 0.5:
            self._make_way(now_s)

    def _make_way(self, now_s: float) -> None:
        """Displace the youngest background job if nothing is free for an interactive one."""
        if self._free():
            return
        victims = [r for r in self.running if r is not None and self._can_be_displaced(r, now_s)]
        if victims:
            victim = max(victims, key=lambda run: run.start_s)
            self._log.displaced.append((now_s, victim))
            self._leave(now_s, victim)
            ticket = replace(victim.ticket, displaced=victim.ticket.displaced + 1)
            self.waiting[ticket.job.tenant.priority].appendleft(ticket)

    def _can_be_displaced(self, run: Run, now_s: float) -> bool:
        return (
            run.ticket.job.tenant.priority == "background"
            and run.backend not in self._closed
            and run.ticket.displaced < _OFTEN_DISPLACED
            and now_s - run.start_s < _SPARED_SHARE * (run.end_s - run.start_s)
        )

    def _free(self) -> list[int]:
        return [n for n, run in enumerate(self.running) if run is None and n not in self._closed]

    def _dispatch(self, now_s: float) -> None:
        while any(self.waiting.values()):
            free = self._free()
            chosen = self._next(now_s, free) if free else None
            if chosen is None:
                return
            self._start(now_s, *chosen)

    def _next(self, now_s: float, free: list[int]) -> tuple[Ticket, int] | None:
        """Take the next ticket that one of the free backends may serve, and choose the backend."""
        queues = list(self.waiting.values())
        for queue in reversed(queues) if self._inverted(now_s) > 0.5 else queues:
            for place, ticket in enumerate(queue):
                job = ticket.job
                fitting = [n for n in free if self._backends[n].admits(job.tenant.id, now_s)]
                if fitting:
                    del queue[place]
                    return ticket, job.prefers if job.prefers in fitting else fitting[0]
        return None

    def _start(self, now_s: float, ticket: Ticket, number: int) -> None:
        job, backend = ticket.job, self._backends[number]
        compiled_s = now_s + job.compile_s
        is_warm = self._warm_until_s.get((number, job.tenant.id), 0.0) >= now_s
        warm_s = compiled_s if is_warm else compiled_s + job.cold_start_s
        chance, luck = backend.retry_probability(now_s), job.luck[ticket.attempt]
        share = luck / chance if luck < chance else 1.0  # of its execution that it gets
        run = Run(
            ticket=ticket,
            backend=number,
            start_s=now_s,
            compiled_s=compiled_s,
            warm_s=warm_s,
            end_s=warm_s + share * job.execute_s,
            aborted=luck < chance,
        )
        self.running[number] = run
        self._log.started.append((now_s, run))
        if job.prefers != number and job.prefers in self._closed:
            self._log.fallbacks.append(now_s)
        self._expect(run.end_s, _FINISH, run)

    def _finish(self, now_s: float, run: Run) -> None:
        self._leave(now_s, run)
        if run.aborted:
            self._abort(now_s, run)
        else:
            self._expect(now_s + run.ticket.job.postprocess_s, _DELIVER, run)

    def _leave(self, now_s: float, run: Run) -> None:
        self.running[run.backend] = None
        self._warm_until_s[run.backend, run.ticket.job.tenant.id] = now_s + self._preset.keep_warm_s
        self._log.left.append((now_s, run))

    def _abort(self, now_s: float, run: Run) -> None:
        attempt = run.ticket.attempt + 1
        if attempt == ATTEMPTS:
            self._end(now_s, run.ticket.job, run, HARDWARE)
            return
        self._log.retried.append((now_s, run))
        wait_s = self._preset.retry_wait_s * 2.0 ** (attempt - 1)
        self._expect(now_s + wait_s, _RETURN, replace(run.ticket, attempt=attempt))

    def _deliver(self, now_s: float, run: Run) -> None:
        job = run.ticket.job
        is_good = self._backends[run.backend].satisfies(job, now_s)
        self._end(now_s, job, run, SDK if job.sdk_mismatch else "" if is_good else QUALITY)

    def _end(self, now_s: float, job: Job, run: Run | None, reason: str) -> None:
        self.in_system[job.tenant.id] -= 1
        self._log.ended.append((now_s, job, run, reason))

    def _close(self, now_s: float, number: int, reason: str) -> None:
        self._closed.add(number)
        run = self.running[number]
        if reason == "outage" and run is not None:
            self._leave(now_s, run)
            self._abort(now_s, run)

    def _tick(self, now_s: float) -> None:
        for priority, queue in self.waiting.items():
            latest_s = now_s - self._preset.timeout_s(priority)
            if any(ticket.job.submitted_s < latest_s for ticket in queue):
                for ticket in queue:
                    if ticket.job.submitted_s < latest_s:
                        self._end(now_s, ticket.job, None, TIMEOUT)
                self.waiting[priority] = deque(t for t in queue if t.job.submitted_s >= latest_s)
        self._log.in_system.append(dict(self.in_system))
        self._log.depths.append({priority: len(queue) for priority, queue in self.waiting.items()})
        self._log.waits_s.append(
            {
                priority: now_s - min((ticket.job.submitted_s for ticket in queue), default=now_s)
                for priority, queue in self.waiting.items()
            }
        )
