"""What the engine tells Prometheus about itself."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class EngineNumbers:
    """What the engine tells Prometheus about itself."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.evaluated = Gauge(
            "herald_engine_evaluated_to_seconds", "End of the last minute judged, Unix time", registry=self.registry
        )
        self.step = Gauge("herald_engine_step_seconds", "How long the last step took", registry=self.registry)
        self.recounted = Counter("herald_engine_recounted_minutes", "SLI minutes computed", registry=self.registry)
        self.failures = Counter("herald_engine_failed_steps", "Steps without a database", registry=self.registry)
        self.rolled = Counter("herald_engine_rolled_minutes", "Minutes of metrics rolled up", registry=self.registry)
        self.unrolled = Gauge(
            "herald_engine_unrolled_entries",
            "Log entries that wait to be rolled up",
            registry=self.registry,
        )
        self.leads = Gauge("herald_engine_leads", "1 in the engine that judges", registry=self.registry)
        self.undelivered = Counter(
            "herald_engine_undelivered_rounds", "Rounds that an Alertmanager did not take", registry=self.registry
        )
