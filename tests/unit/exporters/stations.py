"""A small site that says something on every step, and readers for the requests that it turns into."""

import numpy as np
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from model import names
from model.attributes import attributes
from model.clock import SECOND_NS
from model.readings import Count, Happening, Level, Readings, Samples, Stage
from model.recording import CountTrack, LevelTrack, Recording, SampleTrack
from model.topology import Edge, Entity, Relation, Topology

MORNING_NS = 1_790_000_000 * SECOND_NS // (3600 * SECOND_NS) * 3600 * SECOND_NS
LINK = attributes({names.ATTR_LINK_ID: "link-a"})
BANK = attributes({names.ATTR_DEVICE_ID: "mem-a"})
SLOT = attributes({names.ATTR_DEVICE_ID: "mem-a", names.ATTR_SLOT_ID: "slot-0"})


class SteadySite:
    """A source with one link and one slot: an attempt per second, a fidelity sample per second."""

    def __init__(self, site: str = "lab", start_ns: int = MORNING_NS) -> None:
        self.site = site
        self.reached_ns = start_ns
        self.attempts = 0
        self.topology = Topology(
            [Entity(kind="cryostat", id="cryo-a"), Entity(kind="memory", id="mem-a")],
            [Edge(source="cryo-a", relation=Relation.COOLS, target="mem-a")],
        )

    def advance(self, until_ns: int) -> Readings:
        start_ns, self.reached_ns = self.reached_ns, until_ns
        seconds = round((until_ns - start_ns) / SECOND_NS)
        self.attempts += seconds
        return some_readings(self.site, start_ns, until_ns, attempts=seconds)

    def record(self, until_ns: int, step_ns: int) -> Recording:
        edges_ns = [self.reached_ns]
        while edges_ns[-1] < until_ns:
            edges_ns.append(min((edges_ns[-1] // step_ns + 1) * step_ns, until_ns))
        return join_readings([self.advance(edge_ns) for edge_ns in edges_ns[1:]])


def join_readings(steps: list[Readings]) -> Recording:
    """Return the readings of a site that always says the same three things as one recording."""
    cells = np.arange(len(steps))
    count, level, samples = steps[0].counts[0], steps[0].levels[0], steps[0].samples[0]
    return Recording(
        site=steps[0].site,
        edges_ns=np.array([steps[0].start_ns, *(step.end_ns for step in steps)]),
        counts=[
            CountTrack(
                metric=count.metric,
                attributes=count.attributes,
                cells=cells,
                values=np.array([step.counts[0].value for step in steps]),
            )
        ],
        levels=[
            LevelTrack(
                metric=level.metric,
                attributes=level.attributes,
                times_ns=np.array([step.end_ns for step in steps]),
                values=np.array([step.levels[0].value for step in steps]),
            )
        ],
        samples=[
            SampleTrack(
                metric=samples.metric,
                attributes=samples.attributes,
                cells=cells,
                splits=np.cumsum([0, *(len(step.samples[0].values) for step in steps)]),
                values=np.concatenate([step.samples[0].values for step in steps]),
            )
        ],
        happenings=[happening for step in steps for happening in step.happenings],
        stages=[stage for step in steps for stage in step.stages],
    )


def some_readings(site: str, start_ns: int, end_ns: int, *, attempts: int = 3) -> Readings:
    return Readings(
        site=site,
        start_ns=start_ns,
        end_ns=end_ns,
        counts=[Count(metric=names.METRIC_LINK_ATTEMPTS, attributes=LINK, value=attempts)],
        levels=[Level(metric=names.METRIC_MEMORY_T1, attributes=SLOT, value=0.25, measured_at_ns=end_ns)],
        samples=[
            Samples(
                metric=names.METRIC_MEMORY_FIDELITY,
                attributes=SLOT,
                values=np.linspace(0.9, 1.0, max(attempts, 1)),
            )
        ],
        happenings=[Happening(event=names.EVENT_CALIBRATION, attributes=BANK, time_ns=end_ns, body="T1 refitted")],
        stages=some_stages(f"job-{end_ns}", end_ns),
    )


def some_stages(job: str, end_ns: int) -> list[Stage]:
    start_ns = end_ns - SECOND_NS // 2
    return [
        Stage(trace=job, name=names.SPAN_MEMORY_JOB, attributes=BANK, start_ns=start_ns, end_ns=end_ns),
        Stage(
            trace=job,
            name="read",
            attributes=BANK,
            start_ns=start_ns,
            end_ns=end_ns,
            parent=names.SPAN_MEMORY_JOB,
            failed=True,
        ),
    ]


def read_metrics(body: bytes) -> list[Metric]:
    request = ExportMetricsServiceRequest.FromString(body)
    return [m for r in request.resource_metrics for s in r.scope_metrics for m in s.metrics]


def read_records(body: bytes) -> list[LogRecord]:
    request = ExportLogsServiceRequest.FromString(body)
    return [record for r in request.resource_logs for s in r.scope_logs for record in s.log_records]


def read_spans(body: bytes) -> list[Span]:
    request = ExportTraceServiceRequest.FromString(body)
    return [span for r in request.resource_spans for s in r.scope_spans for span in s.spans]


def sum_counts(bodies: list[bytes], metric: str) -> int:
    return sum(
        point.as_int
        for body in bodies
        for found in read_metrics(body)
        if found.name == metric
        for point in found.sum.data_points
    )
