"""Seeded randomness: one independent generator per entity and purpose.

A generator depends on the seed and on the two names only, so adding a device to a fleet changes no other
device's history. The names are the spawn key of a `SeedSequence`, which makes the streams independent.
"""

from zlib import crc32

import numpy as np


def spawn_generator(seed: int, entity_id: str, purpose: str) -> np.random.Generator:
    """Return the generator of `entity_id` for `purpose`."""
    key = (crc32(entity_id.encode()), crc32(purpose.encode()))
    return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=key))
