"""QKD sessions that another program ran and wrote down as JSON: a source that knows nothing of our simulator.

One file is one session: who (`pair`), when it ended (`ended_at`) and how long it took (`seconds`), the photons that
left and that arrived, and the sifted keys with the bits in which both ends differ. It becomes the counters and
estimates of any QKD pair. What is not of that shape is refused with its place.
"""

import math
from dataclasses import dataclass
from pathlib import Path

from exporters.delivery import Send, Signal
from exporters.encode import encode_metrics
from exporters.identity import import_resource
from exporters.json_places import load_json
from model import names
from model.attributes import attributes
from model.clock import SECOND_NS
from model.readings import Count, Level, Readings
from model.recording import record_readings


@dataclass(frozen=True, slots=True, kw_only=True)
class Bb84Session:
    """What came of one session; counts of photons and of bits."""

    pair: str
    ended_ns: int
    length_ns: int
    photons_sent: int
    photons_arrived: int
    sifted_bits: int
    wrong_bits: int

    @property
    def error_ratio(self) -> float:
        """Return the quantum bit error ratio."""
        return self.wrong_bits / self.sifted_bits

    @property
    def transmission(self) -> float:
        """Return the share of photons that arrived."""
        return self.photons_arrived / self.photons_sent


def load_bb84_session(path: Path) -> Bb84Session:
    """Return the session in a file.

    Raises InvalidInputError with file, place and reason for whatever is missing, of another type, or impossible.
    """
    document = load_json(path)
    keys = list(document.get("keys").items())
    session = Bb84Session(
        pair=document.get("pair").text(),
        ended_ns=document.get("ended_at").time_ns(),
        length_ns=round(document.get("seconds").number() * SECOND_NS),
        photons_sent=document.get("photons_emitted").index(),
        photons_arrived=document.get("photons_arrived").index(),
        sifted_bits=sum(key.get("bits").index() for key in keys),
        wrong_bits=sum(key.get("errors").index() for key in keys),
    )
    if not session.sifted_bits > 0 or session.wrong_bits > session.sifted_bits:
        document.get("keys").refuse("must hold at least one bit, and no more errors than bits")
    if not 0 < session.photons_arrived <= session.photons_sent:
        document.get("photons_arrived").refuse("must be more than 0 and at most photons_emitted")
    return session


def encode_session(session: Bb84Session) -> bytes:
    """Return the session as an ExportMetricsServiceRequest; the same session always gives the same bytes."""
    identity = attributes({names.ATTR_DEVICE_ID: session.pair})
    estimates = (
        (names.METRIC_QKD_ERROR_RATIO, session.error_ratio, session.sifted_bits),
        (names.METRIC_QKD_TRANSMISSION, session.transmission, session.photons_sent),
    )
    readings = Readings(
        site="",
        start_ns=session.ended_ns - session.length_ns,
        end_ns=session.ended_ns,
        counts=[Count(metric=names.METRIC_QKD_SIFTED_BITS, attributes=identity, value=session.sifted_bits)],
        levels=[
            Level(metric=metric, attributes=identity, value=value, measured_at_ns=session.ended_ns)
            for name, share, samples in estimates
            for metric, value in (
                (name, share),
                (names.error_of(name), math.sqrt(share * (1 - share) / samples)),
                (names.samples_of(name), float(samples)),
            )
        ],
    )
    return encode_metrics([record_readings(readings)], resource=import_resource("bb84-sessions"))


def import_bb84_session(path: Path, send: Send) -> Bb84Session:
    """Send the session in a file through `send` and return it; a file that is refused sends nothing."""
    session = load_bb84_session(path)
    send(Signal.METRICS, encode_session(session))
    return session
