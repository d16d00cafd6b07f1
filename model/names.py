"""The names of `conventions/*.yaml` as constants, so that the type checker finds a misspelling.

A test holds this file against the registry. Nothing else in the code spells a telemetry name.
"""

# Attributes
ATTR_SITE_ID = "quantum.site.id"
ATTR_DEVICE_ID = "quantum.device.id"
ATTR_SLOT_ID = "quantum.slot.id"
ATTR_LINK_ID = "quantum.link.id"
ATTR_BACKEND_ID = "quantum.backend.id"
ATTR_DETECTOR_ID = "quantum.detector.id"
ATTR_DETECTION_KIND = "quantum.detection.kind"
ATTR_OUTCOME = "quantum.outcome"
ATTR_QUBIT_ID = "quantum.qubit.id"
ATTR_GATE_NAME = "quantum.gate.name"
ATTR_GATE_QUBITS = "quantum.gate.qubits"
ATTR_CALIBRATION_ID = "quantum.calibration.id"
ATTR_FIRMWARE_VERSION = "quantum.firmware.version"
ATTR_CHANGE_VERSION = "quantum.change.version"
ATTR_FLAG = "quantum.flag"
ATTR_TOPOLOGY_SOURCE = "quantum.topology.source"
ATTR_TOPOLOGY_SOURCE_KIND = "quantum.topology.source.kind"
ATTR_TOPOLOGY_TARGET = "quantum.topology.target"
ATTR_TOPOLOGY_TARGET_KIND = "quantum.topology.target.kind"
ATTR_TOPOLOGY_RELATION = "quantum.topology.relation"
ATTR_JOB_ID = "quantum.job.id"
ATTR_TENANT_ID = "tenant.id"
ATTR_HW_ID = "hw.id"
ATTR_HW_NAME = "hw.name"
ATTR_HW_SENSOR_LOCATION = "hw.sensor_location"

ATTR_READOUT_BASIS = "quantum.readout.basis"
ATTR_TOMOGRAPHY_STATE = "quantum.tomography.state"
ATTR_TOMOGRAPHY_HOLD = "quantum.tomography.hold"
ATTR_TOMOGRAPHY_MATRIX = "quantum.tomography.matrix"
ATTR_TOMOGRAPHY_FIDELITY = "quantum.tomography.fidelity"
ATTR_TOMOGRAPHY_FIDELITY_ERROR = "quantum.tomography.fidelity.error"
ATTR_TOMOGRAPHY_SAMPLES = "quantum.tomography.samples"
ATTR_DECAY_CURVE = "quantum.decay.curve"

# Metrics
METRIC_MEMORY_WRITES = "quantum.memory.writes"
METRIC_MEMORY_READS = "quantum.memory.reads"
METRIC_MEMORY_REJECTS = "quantum.memory.rejects"
METRIC_MEMORY_FIDELITY = "quantum.memory.fidelity"
METRIC_MEMORY_HOLD_DURATION = "quantum.memory.hold.duration"
METRIC_MEMORY_T1 = "quantum.memory.t1"
METRIC_MEMORY_T2 = "quantum.memory.t2"
METRIC_MEMORY_SLOT_USAGE = "quantum.memory.slot.usage"
METRIC_MEMORY_SLOT_LIMIT = "quantum.memory.slot.limit"
METRIC_MEMORY_QUEUE_DEPTH = "quantum.memory.queue.depth"
METRIC_LINK_ATTEMPTS = "quantum.link.attempts"
METRIC_LINK_HERALDS = "quantum.link.heralds"
METRIC_LINK_REQUESTS = "quantum.link.requests"
METRIC_LINK_PHOTON_DETECTIONS = "quantum.link.photon.detections"
METRIC_LINK_HERALD_LATENCY = "quantum.link.herald.latency"
METRIC_LINK_FIDELITY = "quantum.link.fidelity"
METRIC_HW_TEMPERATURE = "hw.temperature"
METRIC_CONTROL_ROUND_TRIP_DURATION = "quantum.control.round_trip.duration"
METRIC_QUBIT_T1 = "quantum.qubit.t1"
METRIC_QUBIT_T2 = "quantum.qubit.t2"
METRIC_QUBIT_READOUT_ERROR = "quantum.qubit.readout.error"
METRIC_QUBIT_READOUT_ERROR_GIVEN_ONE = "quantum.qubit.readout.error.given_one"
METRIC_QUBIT_READOUT_ERROR_GIVEN_ZERO = "quantum.qubit.readout.error.given_zero"
METRIC_GATE_ERROR = "quantum.gate.error"
METRIC_GATE_DURATION = "quantum.gate.duration"

METRIC_MEMORY_TRANSDUCER_PHOTONS = "quantum.memory.transducer.photons"
METRIC_MEMORY_HOLDS = "quantum.memory.holds"
METRIC_MEMORY_HOLD_TIME = "quantum.memory.hold.time"
METRIC_MEMORY_READOUTS = "quantum.memory.readouts"
METRIC_MEMORY_RETRIEVAL_DURATION = "quantum.memory.retrieval.duration"
METRIC_MEMORY_LEASES = "quantum.memory.leases"
METRIC_MEMORY_LEASE_WAIT_DURATION = "quantum.memory.lease.wait.duration"
METRIC_MEMORY_LEASE_DURATION = "quantum.memory.lease.duration"
METRIC_MEMORY_STORAGE_LIFETIME = "quantum.memory.storage.lifetime"
METRIC_MEMORY_CONTROL_SHIFT = "quantum.memory.control.shift"
METRIC_MEMORY_CONTROL_DRIFT = "quantum.memory.control.drift"
METRIC_MEMORY_EFFICIENCY = "quantum.memory.efficiency"
METRIC_MEMORY_NOISE = "quantum.memory.noise"
METRIC_MEMORY_NOISE_EQUIVALENT_INPUT = "quantum.memory.noise.equivalent_input"

# Events
EVENT_CALIBRATION = "quantum.calibration"
EVENT_FIRMWARE_CHANGE = "quantum.firmware.change"
EVENT_CONFIGURATION_CHANGE = "quantum.configuration.change"
EVENT_CREDENTIAL_CHANGE = "quantum.credential.change"
EVENT_SOFTWARE_CHANGE = "quantum.software.change"
EVENT_ALARM = "quantum.alarm"
EVENT_ESTIMATE_FLAGGED = "quantum.estimate.flagged"
EVENT_TOPOLOGY_EDGE = "quantum.topology.edge"

EVENT_MEMORY_TOMOGRAPHY = "quantum.memory.tomography"
EVENT_MEMORY_DECAY = "quantum.memory.decay"

# Spans
SPAN_MEMORY_JOB = "quantum.memory.job"


def error_of(metric: str) -> str:
    """Return the gauge with the standard error of an estimate (annotation `estimate` of the registry)."""
    return f"{metric}.error"


def samples_of(metric: str) -> str:
    """Return the gauge with the number of samples behind an estimate."""
    return f"{metric}.samples"


def calibrated_of(metric: str) -> str:
    """Return the gauge with the moment at which the calibration set that an estimate belongs to came into force."""
    return f"{metric}.calibrated"
