"""The artifact registry: uploads with provenance, hashes that are checked, experiments that are repeated.

Every fetched artifact is hashed again; a hash that differs means that registry and producer no longer agree. A
repeated deterministic experiment fails if its artifact cannot be trusted, or for a reason of its own. Catalogue
community.M6, telemetry items community.TEL8, community.TEL9, community.TEL33, community.TEL32.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.arrivals import count_arrivals, per_hour
from hwsim.block import Block
from hwsim.kind import Kind
from hwsim.maintenance import Maintenance
from hwsim.spec import DeviceSpec
from hwsim.world import World
from model.attributes import attributes
from model.names import (
    ATTR_DEVICE_ID,
    ATTR_OUTCOME,
    METRIC_REGISTRY_REPRODUCTIONS,
    METRIC_REGISTRY_STORED,
    METRIC_REGISTRY_UPLOADS,
    METRIC_REGISTRY_VERIFICATIONS,
)

HASH_MISMATCH: Final = "hash_mismatch_probability"
_MISMATCH_LIMIT = 0.002

Int64s = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryPreset:
    """How much is stored, fetched and repeated in an hour, and what goes wrong with it."""

    uploads_per_h: float
    fetches_per_h: float
    repetitions_per_h: float
    artifact_bytes: float
    provenance_missing_probability: float
    hash_mismatch_probability: float
    repetition_error_probability: float


class Registry:
    """Counts what a registry takes in, hands out and verifies."""

    def __init__(self, spec: DeviceSpec, maintenance: Maintenance) -> None:
        self.id = spec.id
        self._preset: RegistryPreset = spec.preset
        self._maintenance = maintenance
        self._identity = attributes({ATTR_DEVICE_ID: spec.id})
        self._good, self._bad = (
            attributes({ATTR_DEVICE_ID: spec.id, ATTR_OUTCOME: outcome}) for outcome in ("success", "failure")
        )

    def simulate(self, block: Block) -> None:
        """Report a block of uploads, fetches and repetitions."""
        preset, rng = self._preset, block.rng(self.id, "artifacts")
        uploads, fetches, repetitions = (
            count_arrivals(block, rng, per_hour(number))
            for number in (preset.uploads_per_h, preset.fetches_per_h, preset.repetitions_per_h)
        )
        mismatch = block.each_second(self.id, HASH_MISMATCH, preset.hash_mismatch_probability)
        not_repeated = 1 - (1 - mismatch) * (1 - preset.repetition_error_probability)
        unknown = rng.binomial(uploads, preset.provenance_missing_probability)
        self._count(block, METRIC_REGISTRY_UPLOADS, uploads, unknown)
        self._count(block, METRIC_REGISTRY_VERIFICATIONS, fetches, rng.binomial(fetches, mismatch))
        self._count(block, METRIC_REGISTRY_REPRODUCTIONS, repetitions, rng.binomial(repetitions, not_repeated))
        block.count(METRIC_REGISTRY_STORED, self._identity, uploads * round(preset.artifact_bytes))
        block.truth(self.id, "registry", HASH_MISMATCH, mismatch, low=0.0, high=_MISMATCH_LIMIT)
        self._maintenance.report(block)

    def _count(self, block: Block, metric: str, all_of_them: Int64s, bad: Int64s) -> None:
        block.count(metric, self._good, all_of_them - bad)
        block.count(metric, self._bad, bad)


def _build(world: World, spec: DeviceSpec) -> Registry:
    return Registry(spec, world.maintenance(spec.id))


KIND = Kind(
    name="registry",
    identity=ATTR_DEVICE_ID,
    preset_type=RegistryPreset,
    build=_build,
    parameters=frozenset({HASH_MISMATCH}),
)
