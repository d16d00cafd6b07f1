"""SeQUeNCe plays BB84 over 10 km; its session enters by the same door, and says what our own pair of 10 km says."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from collector import Encoding, Signal
from collector.decode import Decoder
from exporters.bb84_sessions import Bb84Session, encode_session, load_bb84_session
from hwsim import FaultSchedule, build_sites, load_fleet
from model.clock import HOUR_NS, MINUTE_NS, SECOND_NS
from model.names import (
    ATTR_QKD_PULSE,
    METRIC_QKD_DETECTIONS,
    METRIC_QKD_ERROR_RATIO,
    METRIC_QKD_PULSES,
    METRIC_QKD_SIFTED_BITS,
)
from model.recording import Recording
from tests.conftest import or_skip
from tests.services.sequence_simulator import run_bb84

START_NS = 1_800_000_000 * SECOND_NS
FIDELITY = 0.97
FLEET = """
sites:
  - id: lab
    devices:
      - {kind: controller, id: ctl}
      - kind: qkd
        id: pair
        preset: modern
        length_km: 10.0
        controlled_by: ctl
        override:
          {misalignment_error: 0.015, misalignment_drift_share: 0.0, loss_db_per_km: 0.2, dead_time_s: 0.0}
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Bb84Session:
    """Return what SeQUeNCe said, read from the file in which it was written down."""
    told = or_skip(lambda: run_bb84(distance_m=10_000, polarization_fidelity=FIDELITY, keys=20, seed=3))
    path = tmp_path_factory.mktemp("sequence") / "session.json"
    path.write_text(json.dumps({**told, "ended_at": "2027-01-15T08:00:00+00:00"}))
    return load_bb84_session(path)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Return an hour of our own pair of the same length and alignment."""
    path = tmp_path_factory.mktemp("fleet") / "fleet.yaml"
    path.write_text(FLEET)
    (site,) = build_sites(load_fleet(path), seed=5, start_ns=START_NS, faults=FaultSchedule())
    return site.record(START_NS + HOUR_NS, MINUTE_NS)


def test_the_session_enters_by_the_door_with_every_sifted_bit(session: Bb84Session) -> None:
    batch = Decoder().decode(Signal.METRICS, Encoding.PROTOBUF, encode_session(session)).batch
    values = {s.metric: v for s, v in zip(batch.numbers.series, batch.numbers.value, strict=True)}
    assert values[METRIC_QKD_SIFTED_BITS] == 20 * 512
    assert values[METRIC_QKD_ERROR_RATIO] == session.error_ratio


def test_both_simulators_see_the_same_error_ratio(session: Bb84Session, recording: Recording) -> None:
    (ours,) = (track.values for track in recording.levels if track.metric == METRIC_QKD_ERROR_RATIO)
    expected = (1 - FIDELITY) / 2
    error = math.sqrt(expected * (1 - expected) / session.sifted_bits)
    assert abs(session.error_ratio - np.mean(ours)) < 3 * error


def test_both_simulators_lose_the_same_share_of_photons(session: Bb84Session, recording: Recording) -> None:
    ours = measured_transmission(recording)
    error = math.sqrt(ours * (1 - ours) / session.photons_sent)
    in_flight = 0.1 * 80e6 * 50e-6 / session.photons_sent  # photons that were still in the fibre at the end
    assert abs(session.transmission - ours) < 3 * error + in_flight


def measured_transmission(recording: Recording) -> float:
    """Return our fibre's transmission as its own clicks tell it: of signal pulses, for known light and optics."""
    detections, pulses = (signal_counts(recording, name) for name in (METRIC_QKD_DETECTIONS, METRIC_QKD_PULSES))
    mean_photons, efficiency = 0.5, 0.5
    return -math.log(1 - detections / pulses) / mean_photons / efficiency


def signal_counts(recording: Recording, metric: str) -> int:
    tracks = [t for t in recording.counts if t.metric == metric and (ATTR_QKD_PULSE, "signal") in t.attributes]
    return sum(int(track.values.sum()) for track in tracks)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"keys": []}, "must hold at least one bit"),
        ({"keys": [{"bits": 8, "errors": 9}]}, "no more errors than bits"),
        ({"photons_arrived": 101}, "at most photons_emitted"),
        ({"photons_emitted": -1}, "must be a whole number from 0"),
        ({"ended_at": "yesterday"}, "is not an ISO 8601 time"),
        ({"pair": None}, "'pair' is missing"),
    ],
)
def test_what_is_no_session_is_refused(tmp_path: Path, change: dict[str, object], refusal: str) -> None:
    good = {
        "pair": "a-b",
        "ended_at": "2027-01-15T08:00:00+00:00",
        "seconds": 0.5,
        "photons_emitted": 100,
        "photons_arrived": 60,
        "keys": [{"bits": 8, "errors": 1}],
    }
    path = tmp_path / "session.json"
    path.write_text(json.dumps(good | change))
    with pytest.raises(Exception, match=refusal):
        load_bb84_session(path)
